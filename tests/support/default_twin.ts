/**
 * For tests that leave the choice of a twin to `AGENT_IMPLEMENTATION`. A test module says so by
 * importing this file, and `scripts/test` runs it with the native twins and then again with the pure
 * ones. All other modules name the twin of each call, so that running them once says everything.
 */

import { preloadNative } from "../../src/native/status.ts";

// Now, outside of every test's sanitizers.
preloadNative();
