/** Small things that tests of every area use: waiting, and arguments of wrong types. */

/** Lets milliseconds pass. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until something holds.
 *
 * @param condition What must hold; asked again and again.
 * @param complaint What the error says if it never does.
 * @throws {Error} If it does not hold after five seconds.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  complaint: string | (() => string) = "it never came to hold",
): Promise<void> {
  const end = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(typeof complaint === "string" ? complaint : complaint());
    }
    await delay(1);
  }
}

/** An argument of a type that TypeScript would refuse. */
// deno-lint-ignore no-explicit-any
export const wrong = (value: unknown): any => value;
