/**
 * BullMQ's package, loaded without a look at the environment. Imported by `load.ts` alone, when the first queue on
 * Redis needs it.
 *
 * @module
 */

// The order counts: the first hides the environment from what the second loads.
import { restoreEnvironment } from "./environment.ts";
import * as bullmq from "bullmq";

restoreEnvironment();

export { bullmq };
