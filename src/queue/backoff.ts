/**
 * When a failed job is tried again.
 *
 * @module
 */

const MOST_MS = 3_600_000;

/**
 * The time of the next try: the pause doubles with each, up to an hour; half of it is by chance, so that jobs that
 * failed together do not come back together.
 *
 * @param now The time.
 * @param attempt Which try failed, 1 for the first.
 * @param backoffMs The first pause.
 * @param random 0 to 1.
 */
export function retryTime(
  now: number,
  attempt: number,
  backoffMs: number,
  random: () => number,
): number {
  const pause = Math.min(backoffMs * 2 ** (attempt - 1), MOST_MS);
  return now + Math.round(pause / 2 + (pause / 2) * random());
}
