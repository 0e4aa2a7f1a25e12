/**
 * Judges a spec: every field is known, of its type, and allowed by the profile. What comes out is whole and plain.
 *
 * @module
 */

import {
  checkBoolean,
  checkString,
  checkWord,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { judgeCapabilities } from "./capabilities.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { judgeLimits, type WholeLimits } from "./limits.ts";
import { type JudgedMount, judgeMounts } from "./mounts.ts";
import { judgePorts } from "./ports.ts";
import { SPEC_FIELDS, SPEC_REFUSED } from "./refused.ts";
import {
  commandWords,
  containerPath,
  environment,
  hostName,
  imageReference,
  labelsOf,
  literalAddress,
  objectName,
  userIds,
} from "./words.ts";
import type {
  ContainerKind,
  ContainerNetwork,
  EngineFacts,
  HealthCheck,
  MountPolicy,
  Profile,
  PublishedPort,
  TmpfsMount,
} from "./types.ts";

const PROFILES = ["sandbox", "service", "lab"] as const satisfies readonly Profile[];
const KINDS = [
  "run",
  "session",
  "pool",
  "deployment",
  "egress",
] as const satisfies readonly ContainerKind[];

const MIB = 1024 * 1024;

/** A spec that may be asked of an engine. */
export interface JudgedSpec {
  profile: Profile;
  kind: ContainerKind;
  image: string;
  name: string | undefined;
  command: string[] | undefined;
  entrypoint: string[] | undefined;
  workdir: string | undefined;
  user: { uid: number; gid: number };
  env: string[];
  labels: Record<string, string>;
  hostname: string | undefined;
  stdin: boolean;
  tty: boolean;
  limits: WholeLimits;
  writableRoot: boolean;
  tmpfs: Required<TmpfsMount>[];
  mounts: JudgedMount[];
  network: ContainerNetwork;
  ports: Required<PublishedPort>[];
  hosts: [string, string][];
  dns: string[];
  capabilities: string[];
  /** 0 none, -1 all. */
  gpus: number;
  runtime: string | undefined;
  healthCheck: Required<HealthCheck> | undefined;
  stopSignal: string | undefined;
  stopSeconds: number | undefined;
}

/**
 * Judges a spec.
 *
 * @throws {TypeError | RangeError} Naming the field, the value and what is allowed.
 * @throws {AgentError} `NOT_FOUND` or `PERMISSION` for a folder that cannot be mounted.
 */
export function judgeSpec(spec: unknown, engine: EngineFacts, policy: MountPolicy): JudgedSpec {
  const fields = knownFields(spec, "spec", SPEC_FIELDS, SPEC_REFUSED);
  const { profile, kind } = fields;
  checkWord(profile, "spec.profile", PROFILES);
  checkWord(kind, "spec.kind", KINDS);
  const optional = <T>(key: string, read: (value: unknown, name: string) => T): T | undefined =>
    fields[key] === undefined ? undefined : read(fields[key], `spec.${key}`);
  const capabilities = judgeCapabilities(fields["capAdd"], profile);
  const network = judgeNetwork(fields["network"] ?? { kind: "none" }, profile);
  const user = userIds(fields["user"] ?? "65534:65534", "spec.user");
  if (user.uid === 0 && capabilities.length === 0) {
    throw new RangeError(
      `spec.user must not be root, got ${shown(fields["user"])}` +
        (profile === "sandbox" ? "" : "; root is only for one who is given capabilities by name"),
    );
  }
  const asked = judgeLimits(fields["limits"], profile);
  const limits = { ...asked, cpus: Math.min(asked.cpus, engine.cpus ?? Infinity) };
  return {
    profile,
    kind,
    image: imageReference(fields["image"], "spec.image"),
    name: optional("name", objectName),
    command: optional("command", commandWords),
    entrypoint: optional("entrypoint", commandWords),
    workdir: optional("workdir", containerPath),
    user,
    env: environment(fields["env"], "spec.env"),
    labels: {
      ...labelsOf(fields["labels"], "spec.labels"),
      ...labelsOf(fields["ownership"], "spec.ownership", true),
    },
    hostname: optional("hostname", hostName),
    stdin: flag(fields["stdin"], "spec.stdin"),
    tty: flag(fields["tty"], "spec.tty"),
    limits,
    writableRoot: onlyIn(["service", "lab"], profile, fields["writableRoot"], "spec.writableRoot"),
    tmpfs: judgeTmpfs(fields["tmpfs"], profile, limits, user),
    mounts: judgeMounts(list(fields["mounts"], "spec.mounts"), engine, policy),
    network,
    ports: portsOf(fields, profile, network),
    hosts: hostsOf(fields["hosts"]),
    dns: list(fields["dns"], "spec.dns").map((at, i) => literalAddress(at, `spec.dns[${i}]`)),
    capabilities,
    gpus: gpusOf(fields["gpu"], profile),
    runtime: optional("runtime", runtimeName),
    healthCheck: optional("healthCheck", judgeHealth),
    stopSignal: optional("stopSignal", signalName),
    stopSeconds: optional(
      "stopSeconds",
      (value, name) => wholeNumber(value, name, { least: 0, most: 3600 }),
    ),
  };
}

function judgeNetwork(value: unknown, profile: Profile): ContainerNetwork {
  const fields = knownFields(value, "spec.network", ["kind", "name", "aliases", "address"]);
  const { kind } = fields;
  checkWord(kind, "spec.network.kind", ["none", "internal", "bridge"]);
  if (kind === "none") {
    knownFields(value, "spec.network", ["kind"]);
    return { kind };
  }
  if (kind === "bridge" && profile !== "service") {
    throw new RangeError(`spec.network must be none or internal for the profile ${profile}`);
  }
  const name = objectName(fields["name"], "spec.network.name");
  // Words of the engine: the machine's own network, and those that everybody shares.
  if (["host", "none", "bridge", "default", "container", "ns"].includes(name.toLowerCase())) {
    throw wrongValue("spec.network.name", "a network of its own", name);
  }
  const aliases = list(fields["aliases"], "spec.network.aliases");
  return {
    kind,
    name,
    aliases: aliases.map((alias, i) => hostName(alias, `spec.network.aliases[${i}]`)),
    ...(fields["address"] === undefined
      ? {}
      : { address: literalAddress(fields["address"], "spec.network.address") }),
  };
}

function portsOf(
  fields: Record<string, unknown>,
  profile: Profile,
  network: ContainerNetwork,
): Required<PublishedPort>[] {
  const exposed = onlyIn(["service"], profile, fields["exposeToNetwork"], "spec.exposeToNetwork");
  const ports = judgePorts(list(fields["ports"], "spec.ports"), exposed);
  if (ports.length > 0 && network.kind !== "bridge") {
    throw new RangeError(
      `spec.ports need a network of the kind bridge: one of the kind ${network.kind} publishes nothing; ` +
        `use exec to reach the container`,
    );
  }
  return ports;
}

/** Folders in memory; `/tmp`, and where work is done in a sandbox. */
function judgeTmpfs(
  value: unknown,
  profile: Profile,
  limits: WholeLimits,
  user: { uid: number; gid: number },
): Required<TmpfsMount>[] {
  const share = Math.min(64 * MIB, Math.floor(limits.memoryBytes / 4));
  if (value === undefined) {
    // The user's own: a runtime may give them the mode of the folder that they are mounted over.
    const common = { ...user, sizeBytes: share, exec: false };
    const tmp = { ...common, path: "/tmp", mode: 0o1777 };
    const workspace = { ...common, path: "/workspace", mode: 0o700 };
    return profile === "sandbox" ? [tmp, workspace] : [tmp];
  }
  const seen = new Set<string>();
  return list(value, "spec.tmpfs").map((entry, index) => {
    const name = `spec.tmpfs[${index}]`;
    const fields = knownFields(entry, name, ["path", "sizeBytes", "mode", "uid", "gid", "exec"]);
    const path = containerPath(fields["path"], `${name}.path`);
    if (path === "/" || /^\/(proc|sys|dev)(\/|$)/.test(path) && path !== "/dev/shm") {
      throw wrongValue(`${name}.path`, "a folder of its own", fields["path"]);
    }
    if (seen.has(path)) throw new RangeError(`${name} is asked for twice`);
    seen.add(path);
    const number = (key: string, fallback: number, most: number): number =>
      wholeNumber(fields[key], `${name}.${key}`, { fallback, least: 0, most });
    return {
      path,
      sizeBytes: wholeNumber(fields["sizeBytes"], `${name}.sizeBytes`, {
        least: 4096,
        most: 2 ** 50,
      }),
      mode: number("mode", 0o1777, 0o1777),
      uid: number("uid", 0, 0xffff_fffe),
      gid: number("gid", 0, 0xffff_fffe),
      exec: flag(fields["exec"], `${name}.exec`),
    };
  });
}

function judgeHealth(value: unknown, name: string): Required<HealthCheck> {
  const keys = ["command", "intervalMs", "timeoutMs", "startMs", "retries"];
  const fields = knownFields(value, name, keys);
  const time = (key: string, fallback: number, least: number): number =>
    wholeNumber(fields[key], `${name}.${key}`, { fallback, least, most: 3_600_000 });
  return {
    command: commandWords(fields["command"], `${name}.command`),
    intervalMs: time("intervalMs", 2000, 1),
    timeoutMs: time("timeoutMs", 5000, 1),
    startMs: time("startMs", 0, 0),
    retries: wholeNumber(fields["retries"], `${name}.retries`, {
      fallback: 3,
      least: 1,
      most: 1000,
    }),
  };
}

function hostsOf(value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw wrongType("spec.hosts", "an object of addresses", value);
  }
  return Object.entries(value).map(([name, address]) => [
    hostName(name, "spec.hosts"),
    literalAddress(address, `spec.hosts.${name}`),
  ]);
}

function gpusOf(value: unknown, profile: Profile): number {
  if (value === undefined || value === false) return 0;
  if (profile !== "service") throw new RangeError(`spec.gpu is for the profile service only`);
  if (value === true) return -1;
  return wholeNumber(value, "spec.gpu", { least: 0, most: 64 });
}

function runtimeName(value: unknown, name: string): string {
  checkString(value, name);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(value)) {
    throw wrongValue(name, "the name of a runtime, such as runsc", value);
  }
  return value;
}

function signalName(value: unknown, name: string): string {
  checkString(value, name);
  if (!/^SIG[A-Z0-9+-]{1,12}$/.test(value)) throw wrongValue(name, "such as SIGTERM", value);
  return value;
}

function onlyIn(
  profiles: readonly Profile[],
  profile: Profile,
  value: unknown,
  name: string,
): boolean {
  const wanted = flag(value, name);
  if (wanted && !profiles.includes(profile)) {
    throw new RangeError(`${name} is for the profiles ${profiles.join(" and ")}, got ${profile}`);
  }
  return wanted;
}

function flag(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  checkBoolean(value, name);
  return value;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType(name, "an array", value);
  if (value.length > 1000) throw new RangeError(`${name} must have at most 1000 entries`);
  // A copy without holes, which `map` would pass over, and with no `map` of somebody's own.
  return Array.from<unknown>(value);
}
