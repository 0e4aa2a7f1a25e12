/**
 * Logins that failed, as the machine's own records have them: the text log of `sshd` and PAM, or `btmp`, where `login` and `sshd`
 * write each failure. Of both only the end is read. Users' names in them are what somebody typed: passwords too, at times.
 *
 * @module
 */

import type { FileQuestions } from "./files.ts";

/** A login that failed, or one that did not. */
export interface Login {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Where it came from: an address or a name; "" for this machine. */
  readonly from: string;
  readonly user: string;
  readonly failed: boolean;
}

/** What the records say, and which they are; or why there are none. */
export type Logins =
  | { readonly path: string; readonly logins: readonly Login[] }
  | { readonly reason: string };

const LOGS = ["/var/log/auth.log", "/var/log/secure"];
const BTMP = "/var/log/btmp";
/** How much of the end of a record is read. */
const TAIL_MOST = 4 * 2 ** 20;

/** Reads the records. */
export function readLogins(files: FileQuestions, now: number): Logins {
  for (const path of LOGS) {
    const bytes = files.tail(path, TAIL_MOST);
    if (bytes === undefined) continue;
    return { path, logins: logLogins(new TextDecoder().decode(bytes), now) };
  }
  // Of a file whose beginning was cut off, only whole records count: their size divides what is read.
  const { size } = BTMP_FORM;
  const bytes = files.tail(BTMP, TAIL_MOST - TAIL_MOST % size);
  if (bytes !== undefined) return { path: BTMP, logins: btmpLogins(bytes) };
  const names = [...LOGS, BTMP].join(", ");
  return {
    reason: `none of ${names} is there and may be read; the journal is in a form of its own`,
  };
}

const STAMP =
  /^(?:(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)) \S+ (sshd|sshd-session|sshd-auth|login|vsftpd|dovecot|auth)(?:\[\d+\])?: (.*)$/;
// Held at the end: what somebody gives as a user's name may look like the rest of such a line.
const SSHD =
  /^(Failed|Accepted) (?:password|keyboard-interactive\/pam) for (?:invalid user )?(.*) from (\S+) port \d+(?: ssh2)?$/;
const PAM = /^pam_unix\([\w-]+:auth\): authentication failure;.* rhost=(\S*)(?: +user=(.*))?$/;

/** The logins of a text log. */
export function logLogins(text: string, now: number): Login[] {
  return text.split("\n").flatMap((line) => {
    const [, iso, classic, program, message = ""] = STAMP.exec(line) ?? [];
    if (program === undefined) return [];
    const at = iso === undefined ? classicTime(classic!, now) : Date.parse(iso);
    if (Number.isNaN(at)) return [];
    if (program.startsWith("sshd")) {
      const [, word, user = "", from = ""] = SSHD.exec(message) ?? [];
      return word === undefined ? [] : [{ at, from, user, failed: word === "Failed" }];
    }
    const [found, from = "", user = ""] = PAM.exec(message) ?? [];
    if (found === undefined) return [];
    // A name that somebody gave stands before the place or behind it: which is which of two cannot be told.
    const isForged = message.split("rhost=").length > 2;
    return [{ at, ...(isForged ? { from: "", user: "" } : { from, user }), failed: true }];
  });
}

/** A time without a year, in this machine's zone: the last that it can be. */
function classicTime(text: string, now: number): number {
  const year = new Date(now).getFullYear();
  // Clocks are set: a day ahead is not yet last year's.
  const [here, before] = [year, year - 1].map((one) =>
    Date.parse(`${text.slice(0, 6)} ${one} ${text.slice(7)}`)
  );
  return here! > now + 86_400_000 ? before! : here!;
}

/** Where the fields of a record of the C library lie: it has wider times on processors that never had narrow ones. */
const BTMP_FORM = Deno.build.arch === "aarch64"
  ? { size: 400, user: 44, host: 76, seconds: 344 }
  : { size: 384, user: 44, host: 76, seconds: 340 };

/** The logins of `btmp`, in which all failed. */
export function btmpLogins(bytes: Uint8Array, form = BTMP_FORM): Login[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const found: Login[] = [];
  for (let at = 0; at + form.size <= bytes.length; at += form.size) {
    const kind = view.getInt16(at, true);
    // A user's or a login's process; all else there is no login.
    if (kind !== 6 && kind !== 7) continue;
    const text = (begin: number, length: number): string => {
      const field = bytes.subarray(at + begin, at + begin + length);
      const end = field.indexOf(0);
      return decoder.decode(end < 0 ? field : field.subarray(0, end));
    };
    found.push({
      at: view.getUint32(at + form.seconds, true) * 1000,
      from: text(form.host, 256),
      user: text(form.user, 32),
      failed: true,
    });
  }
  return found;
}
