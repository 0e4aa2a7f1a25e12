/**
 * How this program is called: by its launcher in a checkout, else by the name that it is installed under.
 *
 * @module
 */
import { packageFolderUrl } from "../shared/place.ts";

const LAUNCHER = "scripts/agent";

/** Whether the program's files are those of a checkout, with what lies around them. */
export const IS_CHECKOUT = packageFolderUrl()?.protocol === "file:";

/** What is typed to call the program. */
export const PROGRAM = IS_CHECKOUT ? LAUNCHER : "agent";

/** A text that calls the program as a checkout does, such as an example, with the name that it has here. */
export function asCalled(text: string): string {
  return IS_CHECKOUT ? text : text.replaceAll(LAUNCHER, PROGRAM);
}
