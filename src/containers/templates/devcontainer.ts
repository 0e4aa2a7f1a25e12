/**
 * A safe part of a `devcontainer.json`: its image or build, its variables, user and ports. What would open the
 * container to the machine is refused by name, or left out with a note where the caller says so; commands that the
 * file wants to run, on the machine above all, are never run.
 *
 * @module
 */

import { createScanner, parse, type ParseError, printParseErrorCode } from "npm:jsonc-parser@3.3.1";
import { checkString, checkStrings, shown, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields, suggestion } from "../policy/mod.ts";
import { readTemplate } from "./read.ts";
import type { Template } from "./types.ts";

/** What weakens a container; refused unless it is allowed to be left out. */
const WEAKENING: Readonly<Record<string, string>> = {
  privileged: "a privileged container is the machine",
  capAdd: "capabilities are asked for when it is deployed",
  securityOpt: "the profiles are set by the policy",
  runArgs: "flags of a command line are not taken",
  mounts: "folders of the machine are not given away",
  workspaceMount: "folders of the machine are not given away",
  initializeCommand: "it would run on this machine",
  dockerComposeFile: "only an image or a Dockerfile is read",
  service: "only an image or a Dockerfile is read",
  features: "what they install is somebody else's program",
  hostRequirements: "limits are asked for when it is deployed",
  overrideCommand: "the image's own command is not replaced by a shell",
};

/** What is passed over: it concerns editors, or runs in the container when somebody wants it to. */
const PASSED_OVER = [
  ...[
    "$schema",
    "customizations",
    "settings",
    "extensions",
    "remoteUser",
    "remoteEnv",
    "userEnvProbe",
  ],
  ...["onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand"],
  ...["postAttachCommand", "waitFor", "portsAttributes", "otherPortsAttributes", "shutdownAction"],
  ...["workspaceFolder", "updateRemoteUserUID", "init", "secrets"],
];

const READ = ["name", "image", "build", "containerEnv", "containerUser", "forwardPorts"];
const MOST_BYTES = 256 * 1024;
/** What people write has fewer than ten. */
const MOST_DEPTH = 64;

/** How a `devcontainer.json` is read. */
export interface DevcontainerOptions {
  /** Fields that would be refused and may be left out instead; each becomes a note of the template. */
  ignore?: readonly string[] | undefined;
  /** The user's numbers, where the file has a name: `uid:gid`. Default `1000:1000`. */
  user?: string | undefined;
}

/**
 * Reads a `devcontainer.json`, comments and trailing commas included.
 *
 * @param text What the file holds.
 * @param files What its build may use, by path from the folder of the file; without one only an image is built from.
 * @param options What may be left out.
 * @returns A template: ports are of the loopback, nobody is root, and nothing of the machine is in it.
 * @throws {AgentError} `CORRUPT` if it is no such file; `UNSUPPORTED` naming the field that is refused.
 * @throws {TypeError | RangeError} For an option or a value that is wrong.
 */
export function readDevcontainer(
  text: string,
  files: ReadonlyMap<string, Uint8Array> = new Map(),
  options: DevcontainerOptions = {},
): Template {
  checkString(text, "text");
  if (!(files instanceof Map)) throw wrongType("files", "a Map", files);
  const { ignore = [], user = "1000:1000" } = knownFields(options, "options", ["ignore", "user"]);
  checkStrings(ignore, "options.ignore");
  checkString(user, "options.user");
  const fields = parsed(text);
  const notes = judged(fields, ignore);
  const image = fields["image"];
  const build = fields["build"] === undefined ? undefined : readBuild(fields["build"], files);
  const template = {
    id: "devcontainer",
    version: "1.0.0",
    name: "Development container",
    description: typeof fields["name"] === "string"
      ? fields["name"]
      : "Read from a devcontainer.json.",
    image,
    options: build?.options,
    user: userOf(fields["containerUser"], user),
    workdir: "/workspace",
    env: fields["containerEnv"],
    ports: portsOf(fields["forwardPorts"]),
    volumes: [{ name: "workspace", target: "/workspace" }],
    // What such files start ends at once; the container is for exec.
    entrypoint: ["sleep"],
    command: ["infinity"],
    notes,
  };
  const given = Object.fromEntries(
    Object.entries(template).filter(([, value]) => value !== undefined),
  );
  const parts = { source: "devcontainer", files: build?.files ?? new Map() } as const;
  return readTemplate(given, parts, "devcontainer.json");
}

function parsed(text: string): Record<string, unknown> {
  const corrupt = (why: string): AgentError<"CORRUPT"> =>
    new AgentError("CORRUPT", `This is no devcontainer.json: ${why}`, {
      path: "devcontainer.json",
    });
  if (text.length > MOST_BYTES) throw corrupt(`it has more than ${MOST_BYTES} characters`);
  if (deepest(text) > MOST_DEPTH) throw corrupt(`it is nested deeper than ${MOST_DEPTH}`);
  const errors: ParseError[] = [];
  // Editors of some systems put a byte order mark first.
  const value: unknown = parse(text.replace(/^\uFEFF/, ""), errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) throw corrupt(`${printParseErrorCode(first.error)} at ${first.offset}`);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw corrupt("it is no object");
  }
  // A field `__proto__` becomes a prototype when it is read, whose fields nobody would judge.
  return Object.assign(Object.create(null), value);
}

/** How deep arrays and objects are in each other, by tokens: whoever walks a deep one uses up the stack. */
function deepest(text: string): number {
  const scanner = createScanner(text, true);
  let depth = 0;
  let most = 0;
  // Only the end of the text has no length. No string, number or word is one bracket.
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const token = scanner.getTokenLength() === 1 ? text[scanner.getTokenOffset()] : "";
    if (token === "{" || token === "[") most = Math.max(most, ++depth);
    else if (token === "}" || token === "]") depth--;
  }
  return most;
}

/** Refuses what weakens, and what is not known; gives the notes of what may be left out. */
function judged(fields: Record<string, unknown>, ignore: readonly string[]): string[] {
  const notes: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (READ.includes(key)) {
      refuseVariables(value, key);
      continue;
    }
    if (PASSED_OVER.includes(key)) continue;
    const reason = Object.hasOwn(WEAKENING, key) ? WEAKENING[key] : undefined;
    if (reason === undefined) {
      throw new TypeError(
        `devcontainer.json has a field ${shown(key)} that is not known${suggestion(key, READ)}`,
      );
    }
    if (!ignore.includes(key)) {
      throw new AgentError(
        "UNSUPPORTED",
        `devcontainer.json asks for ${key}, which is refused: ${reason}; ` +
          `ignore: [${JSON.stringify(key)}] reads it without`,
        { what: key },
      );
    }
    notes.push(`Left out of devcontainer.json: ${key}, because ${reason}`);
  }
  return notes;
}

/** `${localEnv:TOKEN}` and the like would take something of the machine into the container. */
function refuseVariables(value: unknown, key: string): void {
  const text = JSON.stringify(value) ?? "";
  const found = /\$\{[^}"]{0,100}\}?/.exec(text);
  if (found === null) return;
  throw new AgentError(
    "UNSUPPORTED",
    `devcontainer.json has ${found[0]} in ${key}; what stands for something else is not put in`,
    { what: key },
  );
}

function readBuild(value: unknown, files: ReadonlyMap<string, Uint8Array>): {
  options: Record<string, unknown>;
  files: Map<string, Uint8Array>;
} {
  const fields = knownFields(value, "devcontainer.json.build", ["dockerfile", "args", "context"], {
    options: "flags of a command line are not taken",
    cacheFrom: "foreign images are no part of it",
    target: "all of the Dockerfile is built",
  });
  if (fields["context"] !== undefined && fields["context"] !== ".") {
    throw new RangeError(
      `devcontainer.json.build.context must be ".", got ${
        shown(fields["context"])
      }: nothing outside of its folder is used`,
    );
  }
  const path = fields["dockerfile"] ?? "Dockerfile";
  checkString(path, "devcontainer.json.build.dockerfile");
  const dockerfile = files.get(path);
  if (dockerfile === undefined) {
    throw new AgentError(
      "NOT_FOUND",
      `devcontainer.json names ${shown(path)}, which is not among the files of its folder`,
      { what: path },
    );
  }
  const { args = {} } = fields;
  if (args === null || typeof args !== "object" || Array.isArray(args)) {
    throw wrongType("devcontainer.json.build.args", "an object of strings", args);
  }
  const options = Object.fromEntries(
    Object.entries(args).map(([name, text], index) => [`arg${index}`, {
      type: "string",
      format: "text",
      default: text,
      description: `The build argument ${name}.`,
      to: { buildArg: name },
    }]),
  );
  return { options, files: new Map([...files, ["Dockerfile", dockerfile]]) };
}

/** Numbers are taken, names become the caller's numbers; root is nobody's. */
function userOf(value: unknown, fallback: string): string {
  if (value === undefined) return fallback;
  checkString(value, "devcontainer.json.containerUser");
  if (value === "root" || /^0(:|$)/.test(value)) return fallback;
  return /^\d+:\d+$/.test(value) ? value : /^\d+$/.test(value) ? `${value}:${value}` : fallback;
}

/** `3000` and `"3000"` are ports of the container; `"db:5432"` is another container's. */
function portsOf(value: unknown): unknown[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType("devcontainer.json.forwardPorts", "an array", value);
  return value.map((port) => {
    const number = typeof port === "string" && /^(localhost:)?\d+$/.test(port)
      ? Number(port.replace("localhost:", ""))
      : port;
    if (typeof number !== "number") {
      throw new RangeError(`devcontainer.json.forwardPorts must be ports, got ${shown(port)}`);
    }
    return { container: number };
  });
}
