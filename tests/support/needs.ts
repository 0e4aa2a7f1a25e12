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
