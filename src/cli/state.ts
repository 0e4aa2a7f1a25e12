/**
 * Where the agent of this machine's user keeps its counts and the domains that were changed.
 *
 * @module
 */

import { join } from "node:path";
import type { Call } from "./command.ts";
import { environment } from "./paths.ts";
import { dataFolder } from "./permissions.ts";

/** Where counts and changed domains are kept; undefined where there is no place for them. */
export function stateOf(call: Call): { path: string } | undefined {
  const folder = dataFolder(call.options.text("data"), environment);
  if (folder === undefined) return undefined;
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // The agent says that nothing is kept, and why.
  }
  return { path: join(folder, "agent.sqlite") };
}
