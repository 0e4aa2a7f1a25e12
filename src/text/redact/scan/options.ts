/**
 * Secrets in options of a command: `--password x`, `curl -u bob:x`, `mysql -px`, `sshpass -p x`. Of an option of one
 * letter the command says what it means. Part of `context.ts`. Twin: `rust/areas/redact/src/options.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { areDigits, isBlank, isLineEnd, isQuote, type Scene, VALUE_MAX, weight } from "./around.ts";
import { classAt, LOWER, unitAt, UPPER, WORD } from "./chars.ts";
import { isNameAt, NAME_MAX, Promise, promiseOf } from "./names.ts";

const HYPHEN = 45;
const COLON = 58;
const LOWER_H = 104;
const LOWER_P = 112;
const LOWER_U = 117;

/** The signs between a user and a password. */
const SIGNS = [COLON, 37, 44];
/** So many letters follow one hyphen at most. */
const CLUSTER_MAX = 10;
/** Names of communities of SNMP that everybody knows. */
const COMMUNITIES = ["public ", "private "];

/** So far back a command is looked for. */
const LINE_MAX = 110;

/**
 * By command: the options of one letter that a password follows; behind a plus sign those that it follows at once, behind an
 * equals sign those that a user and a password follow.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  "7z": "+p",
  "7za": "+p",
  "7zr": "+p",
  "ab": "=A",
  "bcp": "P+P",
  "cqlsh": "p",
  "curl": "+u=U",
  "evil-winrm": "p",
  "http": "=a",
  "https": "=a",
  "ipmitool": "P",
  "isql": "P",
  "ldapadd": "w",
  "ldapdelete": "w",
  "ldapmodify": "w",
  "ldappasswd": "w",
  "ldapsearch": "w",
  "ldapwhoami": "w",
  "lftp": "=u",
  "login": "p",
  "mariabackup": "+p",
  "mariadb": "+p",
  "mariadb-admin": "+p",
  "mariadb-dump": "+p",
  "mongo": "p",
  "mongodump": "p",
  "mongoexport": "p",
  "mongoimport": "p",
  "mongorestore": "p",
  "mongosh": "p",
  "mosquitto_pub": "P",
  "mosquitto_sub": "P",
  "mycli": "+p",
  "mysql": "+p",
  "mysqladmin": "+p",
  "mysqlcheck": "+p",
  "mysqldump": "+p",
  "mysqlimport": "+p",
  "mysqlshow": "+p",
  "openssl": "k",
  "netexec": "p",
  "nxc": "p",
  "psexec": "p",
  "rar": "+ph",
  "redis-cli": "a",
  "rpcclient": "=U",
  "smbclient": "=U",
  "snmpbulkwalk": "cAX",
  "snmpget": "cAX",
  "snmpset": "cAX",
  "snmptable": "cAX",
  "snmptrap": "cAX",
  "snmpwalk": "cAX",
  "sqlcmd": "P+P",
  "ssh-keygen": "NP",
  "sshpass": "p+p",
  "unrar": "+p",
  "unzip": "P",
  "useradd": "p",
  "usermod": "p",
  "valkey-cli": "a",
  "winexe": "=U",
  "xh": "=a",
  "xtrabackup": "+p",
  "zip": "P",
  "zipcloak": "P",
};

/** The value of the option that begins with the hyphen at `p`. */
export function optionAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const before = unitAt(text, p - 1);
  if (unitAt(text, p + 1) === HYPHEN) return longAt(scene, p);
  if (before > 32 && !isQuote(before)) return false;
  const letter = unitAt(text, p + 1);
  if ((classAt(text, p + 1) & (LOWER | UPPER)) === 0) return false;
  const next = unitAt(text, p + 2);
  if (isNameAt(text, p + 2) || isQuote(next)) {
    if ("puPh".includes(text.charAt(p + 1)) && joinedAt(scene, p, letter)) return true;
    if (clusterAt(scene, p)) return true;
    return namedAt(scene, p, p + 1, false);
  }
  if (!isBlank(next)) return false;
  const from = scene.skip(p + 2);
  if (letter === LOWER_U && userAt(scene, from, COLON)) return true;
  if (
    "aAuU".includes(text.charAt(p + 1)) &&
    commandBefore(text, p, text.charAt(p + 1), LOGIN) === COMMAND &&
    SIGNS.some((sign) => userAt(scene, from, sign))
  ) return true;
  if (!"pPawkNcAX".includes(text.charAt(p + 1))) return false;
  const meaning = commandBefore(text, p, text.charAt(p + 1), APART);
  if (meaning === NO_COMMAND) return false;
  if (!scene.has(Rule.ASSIGNED_SECRET) || unitAt(text, from) === HYPHEN) return false;
  if (meaning === USER && "akNcAX".includes(text.charAt(p + 1))) return false;
  if (COMMUNITIES.some((name) => text.startsWith(name, from))) return false;
  const found = isQuote(unitAt(text, from))
    ? scene.quoted(Promise.PASSWORD, from, false, meaning === COMMAND)
    : scene.value(Promise.PASSWORD, from, p, false, meaning === COMMAND);
  // Ports, where no command says that it is a password: `docker run -u node -p 8080:80`.
  return found && (meaning === COMMAND || scene.end === 0 || !isPorts(text, scene));
}

/** `curl -sSLu bob:hunter2` */
function clusterAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  let e = p + 1;
  while (e - p < CLUSTER_MAX && (classAt(text, e) & (LOWER | UPPER)) !== 0) e++;
  return unitAt(text, e - 1) === LOWER_U && isBlank(unitAt(text, e)) &&
    commandBefore(text, p, "u", JOINED) === COMMAND && userAt(scene, scene.skip(e), COLON);
}

/** Whether the value that was found is ports as containers publish them: `80`, `127.0.0.1:8080-8081:80/tcp`. */
function isPorts(text: string, { start, end }: Scene): boolean {
  return /^[0-9.:[\]-]+(?:\/(?:tcp|udp|sctp))?$/.test(text.slice(start, end));
}

/** `--password hunter2`, `"--password", "hunter2"`; `--user bob:hunter2`. */
function longAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if ((classAt(text, p - 1) & WORD) !== 0) return false;
  return namedAt(scene, p, p + 2, true);
}

/** The value of the option whose name begins at `s`. */
function namedAt(scene: Scene, p: number, s: number, long: boolean): boolean {
  const { text } = scene;
  let e = s;
  while (e - s < NAME_MAX && isNameAt(text, e)) e++;
  let from = e;
  if (isQuote(unitAt(text, e)) && unitAt(text, e + 1) === 44) {
    // One of a list of strings.
    from = scene.skip(e + 2);
    if (!isQuote(unitAt(text, from)) || unitAt(text, from + 1) === HYPHEN) return false;
  } else {
    if (!isBlank(unitAt(text, e))) return false;
    from = scene.skip(e);
    // A line that goes on is one with an end in what the text stands for.
    from = scene.skipLine(from);
    if (unitAt(text, from) === HYPHEN) return false;
  }
  const promise = promiseOf(text, s, e);
  if (promise !== Promise.PASSWORD && promise !== Promise.TOKEN) {
    if (!long || e - s < 4 || !(text.startsWith("user", e - 4) || text.startsWith("auth", e - 4))) {
      return false;
    }
    return userAt(scene, from, COLON);
  }
  if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
  // openssl's way to say that it is here.
  if (text.startsWith("pass:", from)) from += 5;
  return scene.value(promise, from, p, false, false);
}

/** `mysql -phunter2`, `curl -ubob:hunter2` */
function joinedAt(scene: Scene, p: number, letter: number): boolean {
  const { text } = scene;
  if (commandBefore(text, p, text.charAt(p + 1), JOINED) !== COMMAND) return false;
  if (letter === LOWER_U) return userAt(scene, p + 2, COLON);
  if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
  // rar -hp...
  if (letter === LOWER_H && unitAt(text, p + 2) !== LOWER_P) return false;
  const from = letter === LOWER_H ? p + 3 : p + 2;
  if (isQuote(unitAt(text, from))) return scene.quoted(Promise.PASSWORD, from, false, true);
  if (!scene.value(Promise.PASSWORD, from, p, false, true)) return false;
  // Ports of a container that has the name of a command.
  return scene.end === 0 || !/^[0-9]+:[0-9]+$/.test(text.slice(scene.start, scene.end));
}

/** What stands before an option: nothing that it belongs to. */
const NO_COMMAND = 0;
/** An option that names a user. */
const USER = 1;
/** A command whose option it is. */
const COMMAND = 2;
/** Where the value of an option is: the next word, the rest of its own, the next word behind a user. */
const APART = 0;
const JOINED = 1;
const LOGIN = 2;
/** The longest name of a command. */
const WORD_MAX = 16;

/** Whether a command whose option a letter is stands before it on its line, or else an option that names a user. */
function commandBefore(text: string, p: number, letter: string, place: number): number {
  let found = NO_COMMAND;
  let e = p;
  for (let q = p - 1, stop = Math.max(0, p - LINE_MAX); q >= stop; q--) {
    const unit = text.charCodeAt(q);
    if (unit < 32 && unit !== 9 || unit > 126) break;
    if (!isNameAt(text, q)) {
      e = q;
      continue;
    }
    if (q > stop && isNameAt(text, q - 1)) continue;
    // A word from here to `e`.
    if (e - q > WORD_MAX || (!isBlank(unitAt(text, e)) && !isQuote(unitAt(text, e)))) continue;
    const word = text.slice(q, e);
    if (place === APART && (word === "-u" || word === "-U" || word === "--user")) found = USER;
    const letters = Object.hasOwn(COMMANDS, word) ? COMMANDS[word]! : "";
    const equals = letters.indexOf("=") < 0 ? letters.length : letters.indexOf("=");
    const plus = letters.indexOf("+") < 0 ? equals : letters.indexOf("+");
    const mine = place === APART
      ? letters.slice(0, plus)
      : place === JOINED
      ? letters.slice(plus, equals)
      : letters.slice(equals);
    if (mine.includes(letter)) return COMMAND;
  }
  return found;
}

/** The password of `bob:hunter2` at `from`; it is parted by `sign` from the name. */
function userAt(scene: Scene, from: number, sign: number): boolean {
  if (!scene.has(Rule.URL_CREDENTIALS)) return false;
  const { text } = scene;
  const n = text.length;
  const quote = isQuote(unitAt(text, from)) ? text.charCodeAt(from) : 0;
  const s = quote === 0 ? from : from + 1;
  let p = s;
  while (p - s < NAME_MAX && isUserAt(text, p)) p++;
  if (p === s || unitAt(text, p) !== sign) return false;
  // Numbers of a user and a group.
  if (areDigits(text, s, p)) return false;
  const start = p + 1;
  let e = start;
  let units = 0;
  for (; e < n && units < VALUE_MAX; e++) {
    const unit = text.charCodeAt(e);
    if (quote === 0 ? unit <= 32 || isQuote(unit) : unit === quote || isLineEnd(unit)) break;
    units += weight(unit);
  }
  if (scene.isOpen(e)) return scene.give(Rule.URL_CREDENTIALS, start, 0);
  const first = unitAt(text, start);
  if (units < 3 || first === 36 || first === 60 || first === 123) return false;
  return scene.give(Rule.URL_CREDENTIALS, start, e);
}

/** Whether a character is of the name of a user: a domain may stand before it. */
function isUserAt(text: string, p: number): boolean {
  return isNameAt(text, p) || unitAt(text, p) === 92 || unitAt(text, p) === 64;
}
