/** Replies of three digits, as SMTP, FTP and NNTP have them. @module */

import { latin1 } from "../bytes.ts";

/** Whether the last line of a reply has come: three digits and a blank, not a hyphen. */
export function isReply(bytes: Uint8Array): boolean {
  return /(?:^|\n)[1-5][0-9]{2}(?: [^\n]*)?\r?\n$/.test(latin1(bytes));
}
