/** Name spaces of a test's own, with a `/proc` of their own. */

import { programMissing } from "../../support/needs.ts";

/** Arguments of `unshare`; what is in there ends with the first program. */
export const NEW = ["--mount", "--pid", "--fork", "--kill-child", "--"];

/** Why name spaces cannot be made here; undefined if they can. */
export function noNameSpaces(): string | undefined {
  if (Deno.build.os !== "linux") return "only Linux has /proc";
  if (Deno.uid() !== 0) return "only the superuser mounts /proc and becomes somebody else";
  for (const program of ["unshare", "setpriv", "mount"]) {
    const missing = programMissing(program, "util-linux mount");
    if (missing !== undefined) return missing;
  }
  const command = [...NEW, "mount", "-t", "proc", "proc", "/proc"];
  const { success } = new Deno.Command("unshare", { args: command, stderr: "null" }).outputSync();
  return success ? undefined : "the system makes no name spaces";
}
