/**
 * What a remote caller may reach: paths below the roots, targets within the scope. Both are named when the program starts.
 *
 * @module
 */

import { nodePath } from "../shared/builtin.ts";
import { AgentError } from "../shared/errors.ts";
import { canonicalTarget, isIn, lastOf, networkOf, written } from "../security/scope/targets.ts";

/** What may be probed where nobody named anything. */
export const OWN_MACHINE: readonly string[] = ["localhost", "127.0.0.0/8", "::1"];

/**
 * The real path of what a remote caller named; links are followed before it is judged.
 *
 * @throws {AgentError} `PERMISSION` if it is in none of the roots, or there is none; which of the two is not said.
 */
export function pathWithin(path: string, roots: readonly string[]): string {
  for (const root of roots) {
    try {
      const real = Deno.realPathSync(root);
      const wanted = Deno.realPathSync(
        nodePath().isAbsolute(path) ? path : nodePath().join(real, path),
      );
      if (wanted === real || wanted.startsWith(real.endsWith("/") ? real : `${real}/`)) {
        return wanted;
      }
    } catch {
      // Not there, or not to be read: the same answer as for what is elsewhere, so that nobody learns what there is.
    }
  }
  const where = roots.length === 0
    ? "the program was started without a root folder"
    : "there is none such in the root folders of this program";
  throw new AgentError("PERMISSION", `The path ${JSON.stringify(path)} is not open: ${where}`, {
    ...{ permission: "read", target: path },
  });
}

/**
 * Refuses a target that is not in the scope. Names are not resolved here: one that is not named in the scope itself is refused, so
 * that nobody's name server decides.
 *
 * @throws {AgentError} `SCOPE`.
 */
export function checkTarget(target: string, scope: readonly string[]): void {
  const host = hostOf(target);
  if (host !== undefined && scope.some((one) => covers(one, host))) return;
  throw new AgentError(
    "SCOPE",
    `${JSON.stringify(target)} is not in the scope that this program was started with (${
      scope.join(", ")
    })`,
    { target, address: host ?? "", reason: "not in the scope of remote callers" },
  );
}

/** The host of an address of the web; anything else as it is. */
function hostOf(target: string): string | undefined {
  if (!target.includes("://")) return target.trim();
  return URL.parse(target)?.hostname.replace(/^\[(.*)\]$/, "$1");
}

function covers(entry: string, host: string): boolean {
  const network = read(() => networkOf(entry, "scope"));
  if (network === undefined) {
    const [named, asked] = [entry, host].map((name) => read(() => canonicalTarget(name)));
    return named !== undefined && named === asked;
  }
  const asked = read(() => networkOf(host, "target"));
  return asked !== undefined && isIn(written(asked.bytes), network) && isIn(lastOf(asked), network);
}

function read<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
