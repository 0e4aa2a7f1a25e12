/** What the processes on the queue file of the soak have in common. */

/** The queue's name. */
export const NAME = "soak";
/** How long a killed worker holds its jobs. */
export const LEASE_MS = 2_000;
