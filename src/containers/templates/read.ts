/**
 * Reads a `template.json`: every field is known and of its type, and what it asks for is what the policy can give.
 * The file may be anybody's; what it says is judged here once, and again by the policy when it is deployed.
 *
 * @module
 */

import {
  checkBoolean,
  checkString,
  checkStrings,
  checkWord,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import {
  CAPABILITIES,
  commandWords,
  containerPath,
  environment,
  imageReference,
  judgeLimits,
  knownFields,
  LIMIT_NAMES,
  userIds,
} from "../policy/mod.ts";
import type { ContainerLimits, HealthCheck, TmpfsMount } from "../policy/mod.ts";
import { checkValue, FORMATS } from "./options.ts";
import type {
  OptionTarget,
  Template,
  TemplateCapability,
  TemplateOption,
  TemplatePort,
  TemplateSource,
  TemplateVolume,
  TokenDelivery,
} from "./types.ts";
import { readWait } from "./wait_words.ts";

/** The fields of a `template.json`. */
export const TEMPLATE_FIELDS: readonly string[] = [
  ...["$schema", "id", "version", "name", "description", "profile", "options", "image", "user"],
  ...["workdir", "command", "entrypoint", "env", "ports", "token", "volumes", "tmpfs", "limits"],
  ...["writableRoot", "capabilities", "network", "healthCheck", "wait", "notes"],
];
const WORD = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MOST_TEXT = 2000;

/** What a template has beside its JSON. */
export interface TemplateParts {
  readonly source: TemplateSource;
  /** The files of the image; empty if there is no Dockerfile. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a template.
 *
 * @param value What the JSON holds.
 * @param parts What comes with it.
 * @param where What it is called in messages, such as `template dev-environment`.
 * @throws {TypeError | RangeError} Naming the field.
 */
export function readTemplate(value: unknown, parts: TemplateParts, where: string): Template {
  const fields = knownFields(value, where, TEMPLATE_FIELDS);
  const at = (key: string): string => `${where}.${key}`;
  const optional = <T>(key: string, read: (value: unknown, name: string) => T): T | null =>
    fields[key] === undefined ? null : read(fields[key], at(key));
  const profile = fields["profile"] ?? "service";
  checkWord(profile, at("profile"), ["service", "lab"]);
  const network = fields["network"] ?? (profile === "lab" ? "internal" : "bridge");
  checkWord(network, at("network"), ["none", "internal", "bridge"]);
  if (profile === "lab" && network === "bridge") {
    throw new RangeError(`${at("network")} must be none or internal for a lab, got "bridge"`);
  }
  const image = optional("image", imageReference);
  if ((image === null) !== parts.files.has("Dockerfile")) {
    throw new TypeError(`${where} must have either an image or a Dockerfile`);
  }
  const ports = list(fields["ports"], at("ports")).map((port, i) =>
    readPort(port, `${at("ports")}[${i}]`)
  );
  if (ports.length > 0 && network !== "bridge") {
    throw new RangeError(`${at("ports")} need the network bridge, got ${shown(network)}`);
  }
  return {
    id: word(fields["id"], at("id")),
    version: version(fields["version"], at("version")),
    name: text(fields["name"], at("name")),
    description: text(fields["description"], at("description")),
    source: parts.source,
    profile,
    options: readOptions(fields["options"], at("options")),
    image,
    files: image === null ? parts.files : new Map(),
    user: readUser(fields["user"], at("user")),
    workdir: optional("workdir", containerPath),
    command: optional("command", commandWords),
    entrypoint: optional("entrypoint", commandWords),
    env: readEnvironment(fields["env"], at("env")),
    ports: unique(ports, (port) => port.name, at("ports")),
    token: optional("token", readToken),
    volumes: unique(
      list(fields["volumes"], at("volumes")).map((entry, i) =>
        readVolume(entry, `${at("volumes")}[${i}]`)
      ),
      (volume) => volume.name,
      at("volumes"),
    ),
    tmpfs: list(fields["tmpfs"], at("tmpfs")) as readonly TmpfsMount[],
    limits: readLimits(fields["limits"], profile, at("limits")),
    writableRoot: flag(fields["writableRoot"], at("writableRoot")),
    capabilities: readCapabilities(fields["capabilities"], profile, at("capabilities")),
    network,
    healthCheck: (fields["healthCheck"] ?? null) as HealthCheck | null,
    wait: readWait(fields["wait"] ?? { running: true }, at("wait")),
    notes: list(fields["notes"], at("notes")).map((note, i) => text(note, `${at("notes")}[${i}]`)),
  };
}

function readOptions(value: unknown, where: string): Record<string, TemplateOption> {
  const options: Record<string, TemplateOption> = {};
  if (value === undefined) return options;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw wrongType(where, "an object of options", value);
  }
  const entries = Object.entries(value);
  if (entries.length > 50) throw new RangeError(`${where} must have at most 50 options`);
  for (const [name, option] of entries) {
    if (!/^[a-zA-Z][a-zA-Z0-9]{0,62}$/.test(name)) {
      throw new RangeError(`${where} must have names of letters and digits, got ${shown(name)}`);
    }
    options[name] = readOption(option, `${where}.${name}`);
  }
  return options;
}

function readOption(value: unknown, where: string): TemplateOption {
  const keys = ["type", "enum", "proposals", "default", "description", "format", "to"];
  const fields = knownFields(value, where, keys);
  const { type, format = "word" } = fields;
  checkWord(type, `${where}.type`, ["string", "boolean"]);
  checkWord(format, `${where}.format`, FORMATS);
  const words = (key: "enum" | "proposals"): readonly string[] | undefined => {
    if (fields[key] === undefined) return undefined;
    checkStrings(fields[key], `${where}.${key}`);
    if (type === "boolean") throw new TypeError(`${where}.${key} is for the type string`);
    return fields[key];
  };
  const option: TemplateOption = {
    type,
    enum: words("enum"),
    proposals: words("proposals"),
    default: fields["default"] as string | boolean,
    description: text(fields["description"], `${where}.description`),
    format,
    to: readTarget(fields["to"], `${where}.to`, type),
  };
  checkValue(option.default, option, `${where}.default`);
  for (const proposal of [...option.enum ?? [], ...option.proposals ?? []]) {
    checkValue(proposal, option, `${where}.${option.enum === undefined ? "proposals" : "enum"}`);
  }
  return option;
}

function readTarget(value: unknown, where: string, type: "string" | "boolean"): OptionTarget {
  const fields = knownFields(value, where, ["buildArg", "env", "gpu"]);
  const [key, ...more] = Object.keys(fields);
  if (key === undefined || more.length > 0) {
    throw new TypeError(`${where} must be one of buildArg, env and gpu`);
  }
  if (key === "gpu") {
    if (fields["gpu"] !== true || type !== "boolean") {
      throw new TypeError(`${where}.gpu must be true, of a boolean`);
    }
    return { gpu: true };
  }
  const name = variable(fields[key], `${where}.${key}`);
  return key === "env" ? { env: name } : { buildArg: name };
}

function readPort(value: unknown, where: string): TemplatePort {
  const fields = knownFields(value, where, [
    ...["container", "protocol", "name", "scheme", "path", "query"],
  ]);
  const container = wholeNumber(fields["container"], `${where}.container`, {
    least: 1,
    most: 65_535,
  });
  const { protocol = "tcp", scheme = null, path = "/", query = null } = fields;
  checkWord(protocol, `${where}.protocol`, ["tcp", "udp"]);
  if (scheme !== null) checkWord(scheme, `${where}.scheme`, ["http", "https"]);
  checkString(path, `${where}.path`);
  if (!/^\/[A-Za-z0-9._~/-]*$/.test(path)) {
    throw wrongValue(`${where}.path`, "a path of a URL", path);
  }
  return {
    container,
    protocol,
    name: fields["name"] === undefined
      ? `port-${container}`
      : word(fields["name"], `${where}.name`),
    scheme: scheme as "http" | "https" | null,
    path,
    query: query === null ? null : word(query, `${where}.query`),
  };
}

function readToken(value: unknown, where: string): TokenDelivery | null {
  if (value === null) return null;
  const fields = knownFields(value, where, ["file", "env"]);
  if ((fields["file"] === undefined) === (fields["env"] === undefined)) {
    throw new TypeError(`${where} must have either a file or an env`);
  }
  if (fields["env"] !== undefined) return { env: variable(fields["env"], `${where}.env`) };
  const file = containerPath(fields["file"], `${where}.file`);
  // A folder of its own: a volume is mounted there, which would hide what else is in it.
  if (
    !/^\/[^/]+\/[^/]+$/.test(file) ||
    /^\/(bin|dev|etc|home|lib|opt|proc|root|run|sbin|sys|tmp|usr|var)\//.test(file)
  ) {
    throw wrongValue(
      `${where}.file`,
      "in a folder of its own, such as /secrets/token",
      fields["file"],
    );
  }
  return { file };
}

function readVolume(value: unknown, where: string): TemplateVolume {
  const fields = knownFields(value, where, ["name", "target"]);
  return {
    name: word(fields["name"], `${where}.name`),
    target: containerPath(fields["target"], `${where}.target`),
  };
}

function readCapabilities(
  value: unknown,
  profile: "service" | "lab",
  where: string,
): TemplateCapability[] {
  return list(value, where).map((entry, i) => {
    const fields = knownFields(entry, `${where}[${i}]`, ["name", "reason"]);
    const { name } = fields;
    checkWord(name, `${where}[${i}].name`, CAPABILITIES[profile]);
    return { name, reason: text(fields["reason"], `${where}[${i}].reason`) };
  });
}

function readLimits(value: unknown, profile: "service" | "lab", where: string): ContainerLimits {
  if (value === undefined) return {};
  judgeLimits(value, profile, where);
  return { ...knownFields(value, where, LIMIT_NAMES) } as ContainerLimits;
}

function readEnvironment(value: unknown, where: string): Record<string, string> {
  environment(value, where);
  return { ...value as Record<string, string> | undefined };
}

function readUser(value: unknown, where: string): string {
  const { uid, gid } = userIds(value ?? "1000:1000", where);
  if (uid === 0) throw wrongValue(where, "another than root", value);
  return `${uid}:${gid}`;
}

function variable(value: unknown, where: string): string {
  checkString(value, where);
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(value)) {
    throw wrongValue(where, "a name of letters, digits and _", value);
  }
  return value;
}

function version(value: unknown, where: string): string {
  checkString(value, where);
  if (!/^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(value)) throw wrongValue(where, "such as 1.0.0", value);
  return value;
}

function word(value: unknown, where: string): string {
  checkString(value, where);
  if (!WORD.test(value)) throw wrongValue(where, "small letters, digits and dashes", value);
  return value;
}

function text(value: unknown, where: string): string {
  checkString(value, where);
  if (
    value.length > MOST_TEXT || /[\p{Cc}\p{Bidi_Control}]/u.test(value) || !value.isWellFormed()
  ) {
    throw wrongValue(where, `one line of at most ${MOST_TEXT} characters`, value);
  }
  return value;
}

function flag(value: unknown, where: string): boolean {
  if (value === undefined) return false;
  checkBoolean(value, where);
  return value;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType(where, "an array", value);
  if (value.length > 100) throw new RangeError(`${where} must have at most 100 entries`);
  return Array.from<unknown>(value);
}

function unique<T>(values: readonly T[], key: (value: T) => string, where: string): readonly T[] {
  if (new Set(values.map(key)).size === values.length) return values;
  throw new RangeError(`${where} must have different names`);
}
