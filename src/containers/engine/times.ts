/** How long an engine is waited for: one that hangs is an error, whatever it was asked. @module */

/** What it does at once, when it does it: looking things up, killing. A busy one has others to serve before. */
export const QUICK_MS = 30_000;
/** What it does in its time: making, starting, removing. */
export const SLOW_MS = 60_000;
