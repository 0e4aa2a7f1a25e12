/**
 * The same spec as a service of a swarm, and what a swarm cannot give of it. Which version of the engine's API brought
 * what: limits of processes, ulimits and capabilities 1.41, no-new-privileges and seccomp 1.44, the order of the
 * out-of-memory killer 1.46. Swap, namespaces and shared memory of a service cannot be asked for.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { apiAtLeast } from "./api_version.ts";
import { OOM_SCORE, requestedOf, withoutUndefined } from "./body.ts";
import { type JudgedSpec, judgeSpec } from "./judge.ts";
import { isLoopback } from "./ports.ts";
import { seccompProfile } from "./seccomp.ts";
import type {
  ContainerSpec,
  ControlName,
  EngineFacts,
  JsonObject,
  RequestedControls,
} from "./types.ts";

/** A file that the swarm hands to each task. */
export interface ServiceSecret {
  readonly id: string;
  readonly name: string;
  /** Its absolute path. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** What {@linkcode serviceBody} gives. */
export interface ServiceBody {
  /** What `POST /services/create` takes. */
  readonly body: JsonObject;
  readonly requested: RequestedControls;
  /** What a swarm of this engine cannot give. */
  readonly gaps: readonly ControlName[];
  readonly warnings: readonly string[];
}

const NANOSECONDS = 1_000_000;

/**
 * What a swarm is asked, for a spec.
 *
 * @param spec What each task is to be; its network is an overlay network, its mounts are volumes.
 * @param engine What decides what can be asked.
 * @param options How many tasks, and the files that they get.
 * @throws {TypeError | RangeError} For a spec that is wrong or not allowed.
 * @throws {AgentError} `UNSUPPORTED` for what no acceptance makes up for: ports of the loopback, folders of the machine
 * and graphics processors.
 */
export function serviceBody(
  spec: ContainerSpec,
  engine: EngineFacts,
  options: { readonly replicas: number; readonly secrets?: readonly ServiceSecret[] },
): ServiceBody {
  const judged = judgeSpec(spec, engine, {});
  refuseImpossible(judged, engine);
  const gaps = swarmGaps(judged, engine);
  const labels = { ...judged.labels, "agent.runtime": "1", "agent.kind": judged.kind };
  const body = {
    Name: judged.name,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: containerSpec(judged, labels, gaps, engine, options.secrets ?? []),
      Resources: {
        Limits: {
          NanoCPUs: Math.round(judged.limits.cpus * 1e9),
          MemoryBytes: judged.limits.memoryBytes,
          Pids: gaps.has("pids") ? undefined : judged.limits.pids,
        },
      },
      RestartPolicy: { Condition: "none" },
      LogDriver: {
        Name: "local",
        Options: {
          "max-size": String(judged.limits.logBytes),
          "max-file": "1",
          compress: "false",
        },
      },
      Networks: judged.network.kind === "none"
        ? [{ Target: "none" }]
        : [{ Target: judged.network.name, Aliases: judged.network.aliases ?? [] }],
    },
    Mode: { Replicated: { Replicas: options.replicas } },
    EndpointSpec: { Mode: "vip", Ports: portsOf(judged) },
  };
  return {
    body: withoutUndefined(body),
    requested: requestedOf(judged, gaps),
    gaps: [...gaps].sort(),
    warnings: judged.ports.map(({ container, protocol }) =>
      `Port ${container}/${protocol} is open on every address of every machine of the swarm`
    ),
  };
}

/** What is an error, whatever is accepted: it would be weaker without a word of it being true any more. */
function refuseImpossible(spec: JudgedSpec, engine: EngineFacts): void {
  const refuse = (what: string, why: string): never => {
    throw new AgentError("UNSUPPORTED", `A swarm cannot give ${what}: ${why}`, { what });
  };
  if (engine.engine === "podman") refuse("anything", "Podman has none");
  const local = spec.ports.find(({ hostAddress }) => isLoopback(hostAddress));
  if (local !== undefined) {
    refuse(
      `port ${local.container} at ${local.hostAddress}`,
      "it publishes on every address of every machine; leave the ports out, or say hostAddress 0.0.0.0 and exposeToNetwork: true",
    );
  }
  for (const { hostAddress } of spec.ports) {
    if (hostAddress !== "0.0.0.0") {
      refuse(`a port at ${hostAddress}`, "it publishes on every address; say hostAddress 0.0.0.0");
    }
  }
  if (spec.mounts.some(({ kind }) => kind === "bind")) {
    refuse("folders of a machine", "a task runs on any machine, where the folder is another one");
  }
  if (spec.gpus !== 0) {
    refuse("graphics processors", "they are given by the machine that a task is on");
  }
  if (spec.network.kind !== "none" && spec.network.address !== undefined) {
    refuse("an address of its own", "each task has another one");
  }
}

function swarmGaps(spec: JudgedSpec, { apiVersion }: EngineFacts): Set<ControlName> {
  const gaps = new Set<ControlName>(["swap", "shared-memory", "ipc-namespace", "cgroup-namespace"]);
  if (!apiAtLeast(apiVersion, "1.46")) gaps.add("oom-score");
  if (!apiAtLeast(apiVersion, "1.44")) gaps.add("no-new-privileges").add("seccomp");
  if (!apiAtLeast(apiVersion, "1.41")) {
    gaps.add("capabilities").add("pids").add("open-files").add("core-dumps");
    if (spec.limits.fileBytes !== null) gaps.add("file-size");
  }
  if (spec.runtime !== undefined) gaps.add("runtime");
  // A folder in memory of a service is always one whose programs cannot be started.
  if (spec.tmpfs.some(({ exec }) => exec)) gaps.add("tmpfs");
  return gaps;
}

function containerSpec(
  spec: JudgedSpec,
  labels: Readonly<Record<string, string>>,
  gaps: ReadonlySet<ControlName>,
  { apiVersion }: EngineFacts,
  secrets: readonly ServiceSecret[],
): JsonObject {
  const { limits, user, healthCheck } = spec;
  const ulimit = (Name: string, bound: number): JsonObject => ({ Name, Soft: bound, Hard: bound });
  const is141 = apiAtLeast(apiVersion, "1.41");
  return withoutUndefined({
    Image: spec.image,
    Labels: labels,
    Command: spec.entrypoint,
    Args: spec.command,
    Hostname: spec.hostname,
    Env: spec.env,
    Dir: spec.workdir,
    User: `${user.uid}:${user.gid}`,
    ReadOnly: !spec.writableRoot,
    Init: true,
    TTY: spec.tty,
    OpenStdin: false,
    StopSignal: spec.stopSignal,
    StopGracePeriod: spec.stopSeconds === undefined ? undefined : spec.stopSeconds * 1e9,
    CapabilityDrop: is141 ? ["ALL"] : undefined,
    CapabilityAdd: is141 && spec.capabilities.length > 0
      ? spec.capabilities.map((name) => `CAP_${name}`)
      : undefined,
    Ulimits: is141
      ? [
        ulimit("nofile", limits.openFiles),
        ulimit("core", 0),
        ...(limits.fileBytes === null ? [] : [ulimit("fsize", limits.fileBytes)]),
      ]
      : undefined,
    Privileges: gaps.has("seccomp") ? undefined : {
      NoNewPrivileges: true,
      Seccomp: {
        Mode: "custom",
        Profile: new TextEncoder().encode(seccompProfile(spec.capabilities)).toBase64(),
      },
    },
    OomScoreAdj: gaps.has("oom-score") ? undefined : OOM_SCORE[spec.profile],
    Mounts: [
      ...spec.tmpfs.map(({ path, sizeBytes, mode, uid, gid }) => ({
        Type: "tmpfs",
        Target: path,
        TmpfsOptions: { SizeBytes: sizeBytes, Mode: uid === 0 && gid === 0 ? mode : 0o1777 },
      })),
      ...spec.mounts.map(({ source, target, readOnly, labels: ours }) => ({
        Type: "volume",
        Source: source,
        Target: target,
        ReadOnly: readOnly,
        VolumeOptions: { Labels: { ...ours } },
      })),
    ],
    Hosts: spec.hosts.length === 0
      ? undefined
      : spec.hosts.map(([name, address]) => `${address} ${name}`),
    DNSConfig: spec.dns.length === 0 ? undefined : { Nameservers: spec.dns },
    Secrets: secrets.map(({ id, name, path, uid, gid }) => ({
      SecretID: id,
      SecretName: name,
      File: { Name: path, UID: String(uid), GID: String(gid), Mode: 0o600 },
    })),
    HealthCheck: healthCheck === undefined ? undefined : {
      Test: ["CMD", ...healthCheck.command],
      Interval: healthCheck.intervalMs * NANOSECONDS,
      Timeout: healthCheck.timeoutMs * NANOSECONDS,
      StartPeriod: healthCheck.startMs * NANOSECONDS,
      Retries: healthCheck.retries,
    },
  });
}

function portsOf({ ports }: JudgedSpec): JsonObject[] {
  return ports.map(({ container, host, protocol }) => ({
    Protocol: protocol,
    TargetPort: container,
    ...(host === 0 ? {} : { PublishedPort: host }),
    PublishMode: "ingress",
  }));
}
