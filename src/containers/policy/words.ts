/**
 * Words that go to the engine: names, labels, environment, images, paths, users. Whatever is not plainly one is
 * refused here, so that nothing can be read as a flag, end a line, or name something else than it shows.
 *
 * @module
 */

import { checkString, shown, wrongType, wrongValue } from "../../shared/arguments.ts";

/** NUL ends a string of the kernel; other controls have no use in a name and a terminal obeys them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Bytes of what the kernel takes as one string. */
const MOST_ARGUMENT_BYTES = 131_072;
/** Bytes that it takes of all of a program's, less what the container's own variables and the shell that starts it take. */
const MOST_COMMAND_BYTES = 2_097_152 - 65_536;
/** What each costs beside its text: its end, and where it is. */
const EACH_BYTES = 9;
const MOST_ENTRIES = 1000;
const OUR_LABELS = "agent.";

const encoder = new TextEncoder();

/** A word without controls, of bounded length. */
function plain(value: unknown, name: string, most: number): string {
  checkString(value, name);
  if (!value.isWellFormed()) throw wrongType(name, "well-formed Unicode", value);
  if (CONTROL.test(value)) throw wrongValue(name, "without control characters", value);
  if (value.length > most) {
    throw new RangeError(`${name} must have at most ${most} characters, got ${value.length}`);
  }
  return value;
}

/** The name of a container, network or volume: a letter or digit first, at most 63 characters. */
export function objectName(value: unknown, name: string): string {
  checkString(value, name);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/.test(value)) {
    throw wrongValue(
      name,
      "2 to 63 letters, digits, dots, dashes or underscores, a letter or digit first",
      value,
    );
  }
  return value;
}

/** One label of a domain name, or several with dots. */
export function hostName(value: unknown, name: string): string {
  checkString(value, name);
  const label = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  if (value.length > 253 || !new RegExp(`^${label}(\\.${label})*$`).test(value)) {
    throw wrongValue(name, "a host name", value);
  }
  return value;
}

/** `[registry[:port]/]path[:tag][@algorithm:digest]` or an id, without anything around it. */
export function imageReference(value: unknown, name: string): string {
  checkString(value, name);
  const domain =
    "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?";
  const part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  const tag = "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?";
  const digest = "(?:@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,128})?";
  const reference = new RegExp(`^(?:${domain}/)?${part}(?:/${part})*${tag}${digest}$`);
  const id = /^sha256:[0-9a-f]{64}$/;
  if (value.length > 512 || !(reference.test(value) || id.test(value))) {
    throw wrongValue(name, "an image such as name:tag, name@sha256:... or sha256:...", value);
  }
  return value;
}

/** An absolute path in a container, in its shortest spelling. */
export function containerPath(value: unknown, name: string): string {
  const path = plain(value, name, 4096);
  if (!path.startsWith("/")) throw wrongValue(name, "an absolute path", value);
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.includes("..") || parts.includes(".")) throw wrongValue(name, "without . or ..", value);
  // The engine's short forms of mounts are parted by these.
  if (/[:,]/.test(path)) throw wrongValue(name, "without : and ,", value);
  return `/${parts.join("/")}`;
}

/** The program and its arguments. */
export function commandWords(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw wrongType(name, "an array of strings", value);
  if (value.length === 0 || value.length > MOST_ENTRIES) {
    throw new RangeError(`${name} must have 1 to ${MOST_ENTRIES} words, got ${value.length}`);
  }
  // A copy without holes, which `map` would pass over, and with no `map` of somebody's own.
  return Array.from<unknown>(value).map((word, index) => {
    checkString(word, `${name}[${index}]`);
    if (!word.isWellFormed()) throw wrongType(`${name}[${index}]`, "well-formed Unicode", word);
    if (word.includes("\0")) throw wrongValue(`${name}[${index}]`, "without NUL", word);
    if (encoder.encode(word).length >= MOST_ARGUMENT_BYTES) {
      throw new RangeError(`${name}[${index}] must have less than ${MOST_ARGUMENT_BYTES} bytes`);
    }
    if (index === 0 && word === "") throw wrongValue(`${name}[0]`, "a program", word);
    return word;
  });
}

/** `NAME=value` for each entry. A value is never in a message: it may be a secret. */
export function environment(value: unknown, name: string): string[] {
  return entriesOf(value, name).map(([key, text]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(key)) {
      throw new RangeError(`${name} must have names of letters, digits and _, got ${shown(key)}`);
    }
    const place = `${name}.${key}`;
    if (typeof text !== "string") throw new TypeError(`${place} must be a string`);
    if (!text.isWellFormed()) throw new TypeError(`${place} must be well-formed Unicode`);
    if (text.includes("\0")) throw new RangeError(`${place} must be without NUL`);
    if (encoder.encode(text).length + key.length + 1 >= MOST_ARGUMENT_BYTES) {
      throw new RangeError(`${place} must have less than ${MOST_ARGUMENT_BYTES} bytes`);
    }
    return `${key}=${text}`;
  });
}

/**
 * Whether the kernel takes a program's arguments and variables, so that the engine need not be asked what it would not say
 * plainly.
 *
 * @param command The program and its arguments.
 * @param env Its variables.
 * @throws {RangeError} If one of them is too long, or all together are.
 */
export function checkCommandSize(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): void {
  let total = 0;
  const add = (text: string, name: string): void => {
    const size = encoder.encode(text).length;
    if (size >= MOST_ARGUMENT_BYTES) {
      throw new RangeError(`${name} must have less than ${MOST_ARGUMENT_BYTES} bytes, got ${size}`);
    }
    total += size + EACH_BYTES;
  };
  command.forEach((word, at) => add(word, `command[${at}]`));
  for (const [name, text] of Object.entries(env)) add(`${name}=${text}`, `env.${name}`);
  if (total <= MOST_COMMAND_BYTES) return;
  throw new RangeError(
    `command and env must have at most ${MOST_COMMAND_BYTES} bytes together, got ${total}; ` +
      "give the program a file or its stdin to read",
  );
}

/** Labels; those of ours are refused unless they are asked for. */
export function labelsOf(value: unknown, name: string, ours = false): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, text] of entriesOf(value, name)) {
    if (!/^[a-zA-Z0-9](?:[a-zA-Z0-9._/-]{0,126}[a-zA-Z0-9])?$/.test(key)) {
      throw new RangeError(
        `${name} must have names of letters, digits, dots, slashes and dashes, got ${shown(key)}`,
      );
    }
    if (key.toLowerCase().startsWith(OUR_LABELS) !== ours) {
      throw new RangeError(
        ours
          ? `${name} must begin with ${OUR_LABELS}, got ${shown(key)}`
          : `${name} must not begin with ${OUR_LABELS}, which this package sets, got ${shown(key)}`,
      );
    }
    labels[key] = plain(text, `${name}.${key}`, 4096);
  }
  return labels;
}

/** `uid:gid` as numbers; a name could be any number in a foreign image. */
export function userIds(value: unknown, name: string): { uid: number; gid: number } {
  checkString(value, name);
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(value) ?? [];
  const ids = { uid: Number(uid), gid: Number(gid) };
  // The largest means "unchanged" to the kernel.
  if (uid === undefined || ids.uid >= 0xffff_ffff || ids.gid >= 0xffff_ffff) {
    throw wrongValue(name, "uid:gid, two numbers such as 1000:1000", value);
  }
  return ids;
}

/** A literal address in canonical spelling. */
export function literalAddress(value: unknown, name: string): string {
  checkString(value, name);
  const four = /^\d{1,3}(\.\d{1,3}){3}$/.test(value);
  const url = four || /^[0-9a-fA-F:.]+$/.test(value) && value.includes(":")
    ? URL.parse(`http://${four ? value : `[${value}]`}/`)
    : null;
  if (url === null) throw wrongValue(name, "a literal address", value);
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** The entries of an object of strings, at most a thousand. */
function entriesOf(value: unknown, name: string): [string, unknown][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw wrongType(name, "an object of strings", value);
  }
  const entries = Object.entries(value);
  if (entries.length > MOST_ENTRIES) {
    throw new RangeError(
      `${name} must have at most ${MOST_ENTRIES} entries, got ${entries.length}`,
    );
  }
  return entries;
}
