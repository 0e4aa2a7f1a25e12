/**
 * A deployment on a swarm, the engine's own: a service of so many tasks from the same spec, an overlay network, and the
 * token as a secret of the swarm. What a swarm cannot give is refused unless it is accepted by name.
 *
 * @module
 */

import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { SLOW_MS } from "../engine/times.ts";
import { segment } from "../engine/target.ts";
import { type ContainerSpec, refuseGaps, serviceBody, type ServiceSecret } from "../policy/mod.ts";
import { Deployment } from "./deployment.ts";
import { ensureImage } from "./image.ts";
import { beginLife, DEFAULT_WAIT_MS, withEnd } from "./life.ts";
import type { DeployPlan } from "./plan.ts";
import { Making } from "../sandbox/making.ts";
import { pause, removeAllOf } from "./remove.ts";
import { hideSecrets, printable } from "./secret.ts";
import { makeKeptVolume } from "./things.ts";
import type { DeployContext, DeployedPort, DeployOptions } from "./types.ts";

interface WireTask {
  ID?: string;
  Status?: { State?: string; Err?: string; Message?: string };
  DesiredState?: string;
}

/** States in which a task will not run any more. */
/** How long tasks must have run to count as running. */
const STAYS_MS = 2_000;
const ENDED = ["complete", "failed", "rejected", "shutdown", "orphaned", "remove"];

/** Deploys a plan as a service, and waits until all of its tasks run. */
export async function deployService(
  context: DeployContext,
  planned: DeployPlan,
  options: DeployOptions,
): Promise<Deployment> {
  const { client, facts } = context;
  const { signal, onProgress } = options;
  const replicas = planned.replicas!;
  let plan = planned;
  if (client.capabilities.swarm !== "active") {
    const state = client.capabilities.swarm ?? "there is none";
    throw new AgentError(
      "UNSUPPORTED",
      `${client.engine} at ${client.host.text} is no manager of a swarm (${state}); docker swarm init makes it one`,
      { what: "swarm" },
    );
  }
  if (!("running" in plan.wait) && options.wait !== undefined) {
    throw new RangeError(
      "options.wait must be running on a swarm: what a task does is not seen from here",
    );
  }
  const judge = (
    image: string,
    secrets: readonly ServiceSecret[],
  ): ReturnType<typeof serviceBody> => {
    const spec: ContainerSpec = { ...plan.spec, ...serviceParts(plan), image };
    const judged = serviceBody(spec, facts, { replicas, secrets });
    refuseGaps(judged.gaps, plan.acceptWeaker, `A swarm of ${client.engine} ${client.version}`);
    return judged;
  };
  judge("agent-template/none", []);
  const making = new Making(signal, () => removeAllOf(client, plan));
  try {
    const image = await ensureImage(client, plan.filled, options);
    plan = withEnd(planned, Date.now());
    for (const { name, kept } of plan.volumes) {
      if (kept) await making.step(() => makeKeptVolume(client, name));
    }
    const { network, labels } = plan;
    if (network !== null) await making.step(() => makeOverlay(client, network, labels));
    const secrets = plan.secret === null ? [] : [await making.step(() => makeSecret(client, plan))];
    // By its name: other machines of the swarm do not know the id.
    const { body, warnings } = judge(image.reference, secrets);
    const call = { body, timeoutMs: SLOW_MS };
    const service = await making.step(() => client.made("/services/create", call));
    onProgress?.({ type: "created", name: plan.name });
    await untilAllRun(client, plan, service, signal);
    const ports = await portsOf(client, plan, service, signal);
    const life = await making.step(() => beginLife(client, plan));
    onProgress?.({ type: "ready", name: plan.name });
    return new Deployment(context, plan, {
      ...{ image: image.id, containerId: null, ports, warnings, requested: null, life },
    });
  } catch (error) {
    await making.undo();
    if (!AgentError.is(error)) throw error;
    const message = hideSecrets(error.message, plan.secrets);
    throw message === error.message
      ? error
      : new AgentError(error.code, message, error.details as never);
  }
}

/** What is otherwise in a service: the token is a secret of the swarm and no volume. */
function serviceParts({ spec, secret }: DeployPlan): Pick<ContainerSpec, "mounts"> {
  const mounts = (spec.mounts ?? []).filter((mount) =>
    mount.kind !== "volume" || mount.name !== secret?.volume
  );
  return { mounts };
}

async function makeOverlay(
  client: EngineClient,
  { name, internal }: { name: string; internal: boolean },
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const body = {
    Name: name,
    Driver: "overlay",
    Internal: internal,
    CheckDuplicate: true,
    Labels: { ...labels },
  };
  await client.json("POST", "/networks/create", { body, timeoutMs: SLOW_MS });
}

async function makeSecret(
  client: EngineClient,
  { secret, token, labels }: DeployPlan,
): Promise<ServiceSecret> {
  const { volume: name, folder, file, uid, gid } = secret!;
  const Data = new TextEncoder().encode(token!).toBase64();
  const body = { Name: name, Labels: { ...labels }, Data };
  const call = { body, timeoutMs: SLOW_MS };
  const id = await client.made("/secrets/create", call);
  return { id, name, path: `${folder}/${file}`, uid, gid };
}

async function untilAllRun(
  client: EngineClient,
  { name, replicas, wait }: DeployPlan,
  service: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timeoutMs = wait.timeoutMs ?? DEFAULT_WAIT_MS;
  const operation = `Waiting until ${replicas} tasks of ${name} run`;
  await withDeadline({ operation, timeoutMs, signal }, async (within) => {
    // For a while: a program that is not there ends when the first process is there already.
    for (let since = Infinity;;) {
      const query = { filters: { service: [service] } };
      const tasks = await client.json<WireTask[] | null>("GET", "/tasks", {
        query,
        signal: within,
      });
      const running = (tasks ?? []).filter(({ Status }) => Status?.State === "running");
      const ended = (tasks ?? []).find(({ Status }) => ENDED.includes(Status?.State ?? ""));
      if (ended !== undefined) {
        const { State, Err, Message } = ended.Status ?? {};
        throw new AgentError(
          "UNAVAILABLE",
          `A task of ${name} is ${State}: ${printable(Err || Message || "no reason given")}`,
          { server: name },
        );
      }
      const now = performance.now();
      since = running.length >= replicas! ? Math.min(since, now) : Infinity;
      if (now - since >= STAYS_MS) return;
      await pause(within);
    }
  });
}

async function portsOf(
  client: EngineClient,
  { filled }: DeployPlan,
  service: string,
  signal: AbortSignal | undefined,
): Promise<DeployedPort[]> {
  interface WirePort {
    Protocol?: string;
    TargetPort?: number;
    PublishedPort?: number;
  }
  const path = `/services/${segment(service, "service")}`;
  const found = await client.json<{ Endpoint?: { Ports?: WirePort[] | null } }>("GET", path, {
    signal,
  });
  return (found.Endpoint?.Ports ?? []).flatMap(({ Protocol, TargetPort, PublishedPort }) => {
    if (TargetPort === undefined || PublishedPort === undefined) return [];
    const protocol = Protocol === "udp" ? "udp" : "tcp";
    const known = filled.template.ports.find((port) =>
      port.container === TargetPort && port.protocol === protocol
    );
    return [{
      name: known?.name ?? String(TargetPort),
      container: TargetPort,
      protocol,
      host: PublishedPort,
      hostAddress: "0.0.0.0",
    }];
  });
}
