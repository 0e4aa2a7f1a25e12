/**
 * Command lines and names of processes, fit to be shown: without secrets, and without what a terminal would act on. Both are
 * written by whoever starts a process, so neither is to be trusted.
 *
 * @module
 */

import { prepareRedaction } from "../../text/redact/mod.ts";
import type { PreparedRedaction } from "../../text/redact/types.ts";

const SECRET = "[SECRET]";
/** Names of options, variables and fields whose value is a secret. */
const SECRET_WORD =
  "(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|private[-_]?key|credentials?|auth|authorization|cookie|dsn)";
const SECRET_OPTION = new RegExp(`^--?(?:[\\w-]*[-_])?${SECRET_WORD}$`, "i");
const SECRET_NAME = new RegExp(SECRET_WORD, "i");
// A name is looked at once, from its beginning: whoever starts a process chooses what stands in its command line, and a
// search that begins anew at each character of 4,096 takes seconds.
const NAME = /(?<![\w.-])([\w.-]+)["']?\s*[=:]\s*/g;
const BEFORE_NAME = /[\s;&?,"'{(=]/;
const VALUE = /"[^"]*"|'[^']*'|[^\s&;,"']+/y;
const IN_URL = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)[^\s/@]+@/gi;
const HEADER = /\b(bearer|basic|digest|negotiate)\s+[^\s"']{4,}/gi;

/** Programs that take a password behind a short option, in the same argument or in the next. */
const SHORT_OPTIONS: readonly (readonly [programs: RegExp, option: string])[] = [
  [
    /^(mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mariadb-admin|sshpass|mongo|mongosh|mongodump|smbclient)$/,
    "-p",
  ],
  [/^(redis-cli|valkey-cli)$/, "-a"],
  [/^(curl|wget|http|https|smbclient|rclone)$/, "-u"],
  [/^(curl)$/, "-U"],
  [/^(ldapsearch|ldapadd|ldapmodify|ldapwhoami|ipmitool)$/, "-w"],
  [/^(openssl)$/, "-k"],
];

let rules: PreparedRedaction | undefined;

/**
 * A command line as one text.
 *
 * @param raw The arguments, each ended with NUL.
 */
export function shownCommand(raw: string): string {
  if (raw === "") return "";
  const parts = raw.replace(/\0+$/, "").split("\0");
  return shown(redactedText(withoutSecrets(parts).map(quoted).join(" ")));
}

/** Replaces what a terminal would act on, or what would end a line. */
export function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

function withoutSecrets(parts: readonly string[]): string[] {
  const program = (parts[0] ?? "").split("/").at(-1)!;
  const short = SHORT_OPTIONS.filter(([programs]) => programs.test(program)).map(([, o]) => o);
  let isSecret = false;
  return parts.map((part) => {
    if (isSecret) {
      isSecret = false;
      // An option that took no value after all is no secret.
      if (!part.startsWith("--")) return SECRET;
    }
    if (SECRET_OPTION.test(part) || short.includes(part)) {
      isSecret = true;
      return part;
    }
    const glued = short.find((option) => part.startsWith(option) && part.length > option.length);
    return glued === undefined ? part : `${glued}${SECRET}`;
  });
}

function redactedText(text: string): string {
  rules ??= prepareRedaction({
    rules: ["private-key", "jwt", "api-key", "iban", "credit-card", "high-entropy", "hex-token"],
    // A few short texts: to load a library for them would cost more than they do.
    implementation: "pure",
  });
  const plain = text.replace(IN_URL, `$1${SECRET}@`).replace(HEADER, `$1 ${SECRET}`);
  return rules.redact(withoutAssigned(plain)).text;
}

/** Hides what is given to a name that is one of a secret: `PASSWORD=...`, `"token": "..."`. */
function withoutAssigned(text: string): string {
  let [clean, at] = ["", 0];
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    if (!isSecretName(match[1]!, text[match.index - 1])) continue;
    VALUE.lastIndex = NAME.lastIndex;
    if (!VALUE.test(text)) continue;
    clean += text.slice(at, NAME.lastIndex) + SECRET;
    at = NAME.lastIndex = VALUE.lastIndex;
  }
  return clean + text.slice(at);
}

/** In a path (`/etc/auth:ro`) it is one behind a dash only; what has an ending (`password.file`) is none. */
function isSecretName(name: string, before: string | undefined): boolean {
  const begin = before === undefined || BEFORE_NAME.test(before) ? 0 : name.indexOf("-");
  return begin >= 0 && SECRET_NAME.test(name.slice(Math.max(begin, name.lastIndexOf(".") + 1)));
}

/** An argument with spaces is shown in quotes, so that the arguments can be told apart. */
function quoted(part: string): string {
  return part === "" || /\s/.test(part) ? `'${part}'` : part;
}
