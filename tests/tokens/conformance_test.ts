/** Runs the suite of tokens on both twins. */

import { loadEncoding } from "@agent/runtime/text";
import { NATIVE, twins } from "../support/twins.ts";
import { tokensConformance } from "./conformance.ts";
import { truncateConformance } from "./conformance_truncate.ts";

const { each, native } = twins("text");
// Loaded before the first test, so that the sanitizers do not see it as a test's leak.
if (native.missing === undefined) (await loadEncoding("o200k_base", NATIVE)).close();

each.forEach(tokensConformance);
each.forEach(truncateConformance);
