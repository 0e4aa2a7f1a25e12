/** The task of the runs of the soak, for the process that is killed and for the one that counts. */

/** Steps with a call, before the last. */
export const STEPS = 6;
/** What a run says at its end. */
export const DONE = "All is done.";
/** How long the model thinks, so that a kill finds a run at any point of it. */
export const THINKS_MS = 40;
