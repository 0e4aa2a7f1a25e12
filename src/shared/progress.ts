/**
 * Progress by one rule for all long work: told at once, then ten times a second at most, and the end exactly once.
 *
 * @module
 */

import type { Progress } from "./implementation.ts";

const REPORT_MS = 100;

/** Tells a caller how far work has come. `Extra` is what a report may say beside the numbers. */
export interface Reporter<Extra> {
  /** So many items are done. Passed over if the last report was a moment ago, and at the end, which is `finish`'s. */
  report(done: number, extra?: Partial<Extra>): void;
  /** All is done. */
  finish(): void;
}

/**
 * Makes a reporter.
 *
 * @param onProgress What the caller gave, if anything.
 * @param total Items in all.
 * @returns The reporter; without a callback it does nothing.
 */
export function reporter<Extra extends object = Record<never, never>>(
  onProgress: ((progress: Progress & Partial<Extra>) => void) | undefined,
  total: number,
): Reporter<Extra> {
  let next = 0;
  const tell = (done: number, extra?: Partial<Extra>): void =>
    onProgress?.({ ...extra, done, total } as Progress & Partial<Extra>);
  return {
    report(done, extra): void {
      if (onProgress === undefined || done >= total) return;
      const now = performance.now();
      if (now < next) return;
      next = now + REPORT_MS;
      tell(done, extra);
    },
    finish: () => tell(total),
  };
}
