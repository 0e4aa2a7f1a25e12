/**
 * Secrets in command lines: the values of options, `name:secret` where a program takes both in one, and the short options
 * of programs that are known to take one.
 *
 * @module
 */

import { isSecretName } from "../names.ts";
import type { Span } from "../rules.ts";

/** An option up to its value; also as strings of a list. */
const OPTION =
  /(?<![\w-])(--?)([A-Za-z][\w-]{0,63})(?:=|:|[ \t]{1,8}(?:\\\r?\n[ \t]{0,64})?|(?:\\*["'])[ \t]{0,8},\s{0,16})(?=[^\s])/g;
/** A short option with its value right behind it. */
const ATTACHED = /(?<![\w-])-([A-Za-z])(?=[^\s=-])/g;
/** Options whose value is a name and a secret, with a colon between. */
const USERS: readonly string[] = [
  ...["u", "user", "U", "proxy-user", "a", "auth", "basic-auth", "creds", "userpwd", "credential"],
];
/** Short options that are secrets, by program. */
const PROGRAMS: readonly [RegExp, string][] = [
  [
    /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|sshpass|mongo|mongosh|mongodump|mongoimport|7z|7za|rar|unrar|rabbitmqadmin|useradd|usermod)\b/,
    "p",
  ],
  [
    /\b(?:docker|podman|nerdctl|buildah|skopeo|helm|oc|az|cf|npm|gcloud|argocd)\b[^\n]*\blogin\b/,
    "p",
  ],
  [/\b(?:redis-cli|valkey-cli|redis-benchmark)\b/, "a"],
  [/\bldap(?:search|add|modify|delete|whoami|passwd)\b/, "w"],
  [/\b(?:sqlcmd|bcp|zip|unzip|mosquitto_pub|mosquitto_sub)\b/, "P"],
  [/\bcurl\b/, "bE"],
  [/\bopenssl\b/, "kK"],
  [/\bsnmp\w+\b/, "AXc"],
  [/\bssh-keygen\b/, "NP"],
];
/** Secrets that have no option before them, by what stands there: commands of servers and of shells. */
const BARE: readonly RegExp[] = [
  // The user and the secret of a server's line; a word of a sentence is not in capitals.
  /(?:^|["'\n]|\bcli\b[^\n]{0,256}?[ \t])AUTH[ \t]+(?:(?:PLAIN|LOGIN)[ \t]+)?(?:[\w.@-]{1,64}[ \t]+(?=\S+[ \t]*(?:\r?\n|$)))?([^\s"']{3,256})/g,
  /(?:^|\n)PASS[ \t]+([^\s"']{3,256})/g,
  /^[ \t]*(?:requirepass|masterauth)[ \t]+["']?([^\s"']{3,256})/gm,
  /\bIDENTIFIED[ \t]+(?:BY|WITH[ \t]+\S{1,64}[ \t]+(?:BY|AS))[ \t]+(?:PASSWORD[ \t]+)?\\*["']([^"'\\\n]{1,256})/gi,
  /\bPASSWORD[ \t]+FOR[ \t]+\S{1,128}[ \t]*=[ \t]*\\*["']([^"'\\\n]{1,256})/gi,
  /\bhtpasswd[ \t]+(?:-[A-Za-z]{1,8}[ \t]+){1,4}(?:\S{1,256}[ \t]+){1,2}(?=\S+[ \t]*(?:\r?\n|$))(\S{1,256})/g,
  /\bwpa_passphrase[ \t]+\S{1,64}[ \t]+(\S{8,64})/g,
  /\bsmbclient\b[^\n%]{0,512}[ \t](?:-U|--user=?)[ \t]*[^\s%]{1,64}%([^\s"']{1,256})/g,
  // What is piped into a program that reads its secret so.
  /\b(?:echo|printf)[ \t]+(?:-\w{1,3}[ \t]+)?(?:'%s\\?n?'[ \t]+)?["']?(?:[\w.@-]{1,64}:(?=[^\n]{0,256}chpasswd))?([^\s"'|:]{1,256})["']?[ \t]*\|(?=[^\n|]{0,256}(?:--password-stdin|--stdin\b|--with-token|\bchpasswd\b|\bsudo[ \t]+-S|\bpasswd\b))/g,
  /(?:--password-stdin|--stdin|--with-token|\bsudo[ \t]+-S)\b[^\n<]{0,256}<<<[ \t]*["']?([^\s"']{1,256})/g,
];
/** A setting of a program: `config set name value`. */
const SETTING = /\bconfig(?:ure)?[ \t]+set[ \t]+([^\s"'`]{2,128})[ \t]+(?=\S)/g;
const LINE = 2_048;

/** The secrets of a text's command lines. */
export function commandSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const found of text.matchAll(OPTION)) {
    const [whole, dashes, name] = found as unknown as [string, string, string];
    const start = found.index + whole.length;
    const span = wordSpan(text, start);
    const value = text.slice(...span);
    if (value === "" || /^--?[A-Za-z][\w-]*$/.test(value)) continue;
    const isLong = dashes === "--" || name.length > 1;
    if (isLong && isSecretName(name)) spans.push(span);
    else if (USERS.includes(name) || isCurlUser(text, found.index, dashes, name)) {
      spans.push(...userSpans(text, span, found.index));
    }
    if (name.length === 1 && isShortSecret(text, found.index, name)) spans.push(span);
  }
  for (const found of text.matchAll(ATTACHED)) {
    if (!isShortSecret(text, found.index, found[1]!)) continue;
    spans.push(wordSpan(text, found.index + 2));
  }
  for (const found of text.matchAll(/(?<![\w-])-u(?=[^\s=-][^\s:]*:)/g)) {
    spans.push(...userSpans(text, wordSpan(text, found.index + 2), found.index));
  }
  for (const found of text.matchAll(SETTING)) {
    if (isSecretName(found[1]!)) spans.push(wordSpan(text, found.index + found[0].length));
  }
  for (const pattern of BARE) {
    for (const found of text.matchAll(pattern)) {
      const end = found.index + found[0].length;
      const at = text.lastIndexOf(found[1]!, end - 1);
      if (!found[1]!.startsWith("[")) spans.push([at, at + found[1]!.length]);
    }
  }
  for (const found of text.matchAll(/\blogin[ \t]+\S{1,256}\s+password[ \t]+(\S{1,256})/g)) {
    spans.push([found.index + found[0].length - found[1]!.length, found.index + found[0].length]);
  }
  return spans;
}

/** The secret of `name:secret`. */
function userSpans(text: string, [start, end]: Span, option: number): Span[] {
  const value = text.slice(start, end);
  const colon = value.indexOf(":");
  if (colon < 1 || value.startsWith("://", colon)) return [];
  // Without a password the key is the user.
  if (colon === value.length - 1) return [[start, start + colon]];
  // A user and a group by their numbers.
  if (/^\d{1,6}:\d{1,6}$/.test(value) && !/\bcurl\b/.test(lineBefore(text, option))) return [];
  return [[start + colon + 1, end]];
}

/** Several short options in one, of which the last takes the user: `curl -su name:secret`. */
function isCurlUser(text: string, at: number, dashes: string, name: string): boolean {
  return dashes === "-" && /^[A-Za-z#]{1,8}[uU]$/.test(name) &&
    /\bcurl\b/.test(lineBefore(text, at));
}

function isShortSecret(text: string, at: number, name: string): boolean {
  if (!PROGRAMS.some(([, names]) => names.includes(name))) return false;
  return isSecretOption(lineBefore(text, at), name);
}

/** Whether a short option is a secret of the program that a command line begins. */
export function isSecretOption(line: string, name: string): boolean {
  return PROGRAMS.some(([program, names]) => names.includes(name) && program.test(line));
}

/** The command up to a place, over lines that go on. */
function lineBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - LINE), at).replace(/\\\r?\n/g, " ");
  return before.slice(
    Math.max(before.lastIndexOf("\n"), before.lastIndexOf(";"), before.lastIndexOf("|")) + 1,
  );
}

/** A word as a shell reads it, without the quotes that are around all of it. */
function wordSpan(text: string, start: number): Span {
  const quote = /\\*["'`]/y;
  quote.lastIndex = start;
  const opening = quote.exec(text)?.[0];
  if (opening !== undefined) {
    const begin = start + opening.length;
    const end = closing(text, begin, opening);
    const next = text[end + opening.length];
    // What is behind the quote without a blank belongs to it.
    if (next === undefined || /[\s,;)\]}"'`|&<>\\]/.test(next)) return [begin, end];
    return [start, bareEnd(text, end + opening.length)];
  }
  return [start, bareEnd(text, start)];
}

function closing(text: string, begin: number, quote: string): number {
  for (let at = text.indexOf(quote, begin); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (text[at - 1] !== "\\" || at === begin || quote === "'") return at;
  }
  const feed = text.indexOf("\n", begin);
  return feed < 0 ? text.length : feed;
}

function bareEnd(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const unit = text[at]!;
    if (/\s/.test(unit)) break;
    if (unit === "\\" && at + 1 < text.length && !/["'`nrtu\r\n]/.test(text[at + 1]!)) {
      at++;
      continue;
    }
    if (unit === "\\" && /["'`\r\n]/.test(text[at + 1] ?? "\n")) break;
    if (/["'`]/.test(unit)) {
      const next = text[at + 1];
      if (next === undefined || /[\s,;)\]}:<>]/.test(next)) break;
      at = closing(text, at + 1, unit);
    } else if (unit === "<" && /[A-Za-z/]/.test(text[at + 1] ?? "")) break;
    else if (/[;|)&]/.test(unit) && /^(?:\s|$|[;|&])/.test(text.slice(at + 1, at + 2))) break;
  }
  return Math.min(at, text.length);
}
