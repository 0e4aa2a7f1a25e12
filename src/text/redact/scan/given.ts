/**
 * Secrets that a command or a function is given: what is piped into a command that reads a password, and the strings that a
 * function takes for one. Part of `context.ts`. Twin: `rust/areas/redact/src/given.rs`.
 *
 * @module
 */

import { isBlank, isQuote, type Scene } from "./around.ts";
import { classAt, LOWER, MORE, NONE, unitAt, UPPER } from "./chars.ts";
import { type Codes, startsWith } from "./codes.ts";
import { open, whole, word, wordsAt } from "./lines.ts";
import { Promise } from "./names.ts";

const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const HYPHEN = 45;
const GREATER = 62;
const PIPE = 124;

/** So far back the command before `<<<` is looked at. */
const BACK_MAX = 80;
/** The longest command that is read behind a pipe, and the longest text before it. */
const COMMAND_MAX = 160;
const PIPED_MAX = 120;
/** Commands that read a password, and options that say so. */
const READERS = ["passwd", "kinit", "vncpasswd", "cryptsetup", "smbpasswd", "su"];
const OPTIONS = [
  "--password-stdin",
  "--pass-stdin",
  "--token-stdin",
  "--passphrase-fd",
  "--with-token",
  "-stdin",
];
/** Functions whose argument of that number is a password. */
const CALLS: readonly (readonly [string, number])[] = [
  ["crypt", 1],
  ["login", 2],
  ["Login", 2],
  ["auth", 2],
  ["asicAuth", 2],
  ["asic_auth", 2],
  ["DigestAuth", 2],
  ["PlainAuth", 3],
  ["NetworkCredential", 2],
  ["PasswordCredentials", 2],
  ["PasswordAuthentication", 2],
  ["mysqli", 3],
  ["mysqli_connect", 3],
  ["PDO", 3],
  ["getConnection", 3],
  ["FTP", 3],
  ["FTP_TLS", 3],
];

/** The same by the last letter of their names. */
const callsBy: { name: string; argument: number }[][] = [];
for (const [name, argument] of CALLS) {
  (callsBy[name.charCodeAt(name.length - 1)] ??= []).push({ name, argument });
}

/** Which argument of the function is a password whose opening parenthesis is at `p`; 0 for none. */
export function callAt(codes: Codes, p: number): number {
  const calls = callsBy[codes[p - 1]!];
  if (calls === undefined) return 0;
  for (let k = 0; k < calls.length; k++) {
    const { name, argument } = calls[k]!;
    if (startsWith(codes, p - name.length, name)) return argument;
  }
  return 0;
}

/** `echo hunter2 | sudo -S ls`, from what is said on; `printf '%s' hunter2 | ...`. */
export function pipedAt(scene: Scene, from: number, formatted: boolean): boolean {
  const { text } = scene;
  let q = scene.skip(from);
  for (let k = 0; k < 2 && !formatted && unitAt(text, q) === HYPHEN; k++) {
    q++;
    while ((classAt(text, q) & (LOWER | UPPER)) !== 0) q++;
    q = scene.skip(q);
  }
  const first = q;
  let s = q;
  let e = q;
  for (let k = 0; k < 2; k++) {
    if (isQuote(unitAt(text, q))) {
      e = scene.quoteEnd(q);
      if (e === MORE) return open(scene, first);
      if (e === NONE) return false;
      s = q + 1;
      q = e + 1;
    } else {
      s = q;
      while (
        q - s < PIPED_MAX && isCommand(unitAt(text, q)) && !isQuote(unitAt(text, q)) &&
        unitAt(text, q) !== GREATER && unitAt(text, q) !== OPEN && unitAt(text, q) !== CLOSE
      ) q++;
      e = q;
      while (e > s && isBlank(unitAt(text, e - 1))) e--;
    }
    q = scene.skip(q);
    if (scene.isOpen(q)) return open(scene, first);
    if (!formatted || unitAt(text, q) === PIPE) break;
  }
  if (e === s || unitAt(text, q) !== PIPE || unitAt(text, q + 1) === PIPE) return false;
  q = scene.skip(q + 1);
  let end = q;
  while (end - q < COMMAND_MAX && isCommand(unitAt(text, end))) end++;
  if (scene.isOpen(end)) return open(scene, first);
  return isReader(text.slice(q, end)) && whole(scene, s, e);
}

/** `sudo -S ls <<< hunter2`, from the sign on. */
export function stringAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  let line = p;
  while (line > 0 && p - line < BACK_MAX && isCommand(unitAt(text, line - 1))) line--;
  if (!isReader(text.slice(line, p).trimStart())) return false;
  const count = wordsAt(scene, p + 3);
  if (count === MORE) return open(scene, p + 3);
  return count > 0 && word(scene, 0);
}

/** Whether a character is of one command. */
function isCommand(unit: number): boolean {
  return unit >= 32 && unit < 127 && unit !== PIPE && unit !== 59 && unit !== 38 && unit !== 60;
}

/** Whether a command reads a password. */
function isReader(command: string): boolean {
  const words = command.split(" ").filter((one) => one !== "");
  let k = 0;
  if (words[0] === "sudo") {
    for (k = 1; k < words.length && words[k]!.startsWith("-"); k++) {
      if (words[k] === "--stdin" || /^-[A-Za-z]*S$/.test(words[k]!)) return true;
    }
  }
  const name = words[k]?.slice(words[k]!.lastIndexOf("/") + 1) ?? "";
  return READERS.includes(name) || words.slice(k).some((one) => OPTIONS.includes(one));
}

/** `login("bob", "hunter2")`, from the parenthesis on. */
export function argumentAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  let argument = 0;
  for (const [name, which] of CALLS) if (text.startsWith(name, p - name.length)) argument = which;
  let q = p + 1;
  for (let k = 1; k < argument; k++) {
    q = scene.skip(q);
    if (!isQuote(unitAt(text, q))) return false;
    const end = scene.quoteEnd(q);
    if (end === MORE) return open(scene, p + 1);
    // An empty one.
    if (end === NONE && unitAt(text, q + 1) !== unitAt(text, q)) return false;
    q = scene.skip(end === NONE ? q + 2 : end + 1);
    if (scene.isOpen(q)) return open(scene, p + 1);
    if (unitAt(text, q) === CLOSE || unitAt(text, q) !== COMMA) return false;
    q++;
  }
  q = scene.skip(q);
  if (text.startsWith("Some(", q)) q += 5;
  return isQuote(unitAt(text, q)) && scene.quoted(Promise.PASSWORD, q, false, false);
}
