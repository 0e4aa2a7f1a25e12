/**
 * Skips that are declared: a test names what it needs, and where that is missing it is ignored with
 * the reason in its name. `scripts/test` lists these, and counts them as failures under `CI=true`.
 */

/**
 * Registers a test that needs things which not every machine has.
 *
 * @param reasons Why each of them is missing; undefined for what is there.
 * @param name The test's name.
 * @param body The test.
 */
export function testNeeding(
  reasons: readonly (string | undefined)[],
  name: string,
  body: () => void | Promise<void>,
): void {
  const missing = reasons.find((reason) => reason !== undefined);
  const ignore = missing !== undefined;
  Deno.test({ name: ignore ? `${name} [ignored: ${missing}]` : name, ignore, fn: body });
}

/**
 * The same tests in several places that have nothing in common, such as engines of their own: of each name one test runs
 * in all places beside each other, since such tests wait most of their time. Where one place is missing, its part is
 * ignored as a test of its own, with the reason.
 */
export class Beside {
  readonly #tests = new Map<string, { where: string; body: () => Promise<void> }[]>();

  /**
   * Adds a test in one place.
   *
   * @param reasons Why what it needs is missing; undefined for what is there.
   * @param name Its name, the same in all places.
   * @param where The place.
   * @param body The test.
   */
  add(
    reasons: readonly (string | undefined)[],
    name: string,
    where: string,
    body: () => Promise<void>,
  ): void {
    if (reasons.some((reason) => reason !== undefined)) {
      return testNeeding(reasons, `${name} (${where})`, body);
    }
    const same = this.#tests.get(name) ?? [];
    this.#tests.set(name, [...same, { where, body }]);
  }

  /** Registers them; call it once, after all were added. */
  register(): void {
    for (const [name, places] of this.#tests) {
      const wheres = places.map(({ where }) => where).join("; ");
      Deno.test(`${name} (${wheres})`, async () => {
        const outcomes = await Promise.allSettled(places.map(({ body }) => body()));
        const failures = outcomes.flatMap((outcome, at) =>
          outcome.status === "fulfilled"
            ? []
            : [new Error(`in ${places[at]!.where}`, { cause: outcome.reason })]
        );
        if (failures.length === 1) throw failures[0];
        if (failures.length > 1) throw new AggregateError(failures, `${failures.length} failed`);
      });
    }
  }
}

/** Why a program cannot be started here; undefined if it is on PATH. */
export function programMissing(program: string, debianPackage: string): string | undefined {
  const found = (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
  return found
    ? undefined
    : `${program} is not installed (Debian: apt-get install ${debianPackage})`;
}

/** Why no program can be given a terminal here, with the `script` of util-linux; undefined if it can. */
export const noTerminal: string | undefined = Deno.build.os === "linux"
  ? programMissing("script", "bsdutils")
  : `the script program of ${Deno.build.os} takes other arguments`;
