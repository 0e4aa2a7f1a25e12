/**
 * Deploys a template: its image, network, volumes and secret, its container, and waits until it is there. What was made
 * is removed if anything of it fails.
 *
 * @module
 */

import { checkOptions, checkString, shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { Container } from "../container/container.ts";
import { isWithoutInit, refuseMissing } from "../container/refuse_missing.ts";
import type { ContainerDetails } from "../container/types.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import { segment } from "../engine/target.ts";
import { writeTar } from "../files/tar_write.ts";
import {
  type ContainerSpec,
  type CreateBody,
  createBody,
  type JsonObject,
  suggestion,
  withRecord,
} from "../policy/mod.ts";
import type { Template } from "../templates/mod.ts";
import { Deployment } from "./deployment.ts";
import { ensureImage, type FoundImage } from "./image.ts";
import { beginLife, type Life, withEnd } from "./life.ts";
import { Making } from "../sandbox/making.ts";
import { type DeployPlan, planDeployment } from "./plan.ts";
import { takenPort } from "./taken_port.ts";
import { removeAllOf } from "./remove.ts";
import { hideSecrets } from "./secret.ts";
import { DEPLOYMENT_LABEL, makeKeptVolume, makeNetwork, makeVolume } from "./things.ts";
import type { DeployContext, DeployedPort, DeployOptions } from "./types.ts";
import { waitFor } from "./wait.ts";

/**
 * Deploys a template.
 *
 * @param context The connection.
 * @param template A template, or the id of one.
 * @param options How.
 * @returns The deployment, when it is there.
 * @throws {TypeError | RangeError} For an option that is wrong or not allowed; nothing was made.
 * @throws {AgentError} `NOT_FOUND` for a template that there is not; `UNSUPPORTED` for what the engine cannot give;
 * `JOB_FAILED` if its image cannot be built; `TIMEOUT` and `UNAVAILABLE` if it does not become ready, with its last
 * lines; `IO`.
 */
export async function deploy(
  context: DeployContext,
  template: string | Template,
  options: DeployOptions = {},
): Promise<Deployment> {
  checkOptions(options);
  const { signal, onProgress } = options;
  const found = typeof template === "object" && template !== null
    ? template
    : templateOf(context, template);
  const planned = planDeployment(found, options, context.owner, Date.now());
  if (planned.replicas !== null) {
    const { deployService } = await import("./swarm.ts");
    return await deployService(context, planned, options);
  }
  // A spec that the policy refuses is refused before anything is built.
  await judge(context, planned, "agent-template/none");
  const { client } = context;
  if (options.name !== undefined) await refuseTaken(client, planned.name, signal);
  const image = await ensureImage(client, planned.filled, options).catch((error) => {
    throw withoutSecrets(error, planned.secrets);
  });
  const plan = withEnd(planned, Date.now());
  const making = new Making(signal, () => removeAllOf(client, plan));
  try {
    await prepare(context, plan, making);
    const { containerId, warnings, requested } = await making.step(() =>
      create(context, plan, image)
    );
    onProgress?.({ type: "created", name: plan.name });
    await making.step(() => handOver(context, plan, containerId));
    const container = new Container(client, containerId);
    await making.step(() => startIt(container, context, plan));
    onProgress?.({ type: "started", name: plan.name });
    const { name, secrets } = plan;
    const details = await waitFor(container, plan.wait, { name, secrets, signal });
    const life = await making.step(() => beginLife(client, plan));
    onProgress?.({ type: "ready", name });
    return deployed(context, plan, image, details, { warnings, requested, life });
  } catch (error) {
    await making.undo();
    throw withoutSecrets(error, plan.secrets);
  }
}

/** What was asked of a container, and what the caller should know of it. */
type Asked = Pick<CreateBody, "warnings" | "requested">;

/** Makes the container. Whether Podman has a program to be the first process, only making one shows. */
async function create(
  context: DeployContext,
  plan: DeployPlan,
  image: FoundImage,
): Promise<{ containerId: string } & Asked> {
  const query = { name: plan.name };
  const { client } = context;
  const post = (body: JsonObject): Promise<string> =>
    client.made("/containers/create", { query, body, timeoutMs: SLOW_MS }).catch((error) => {
      const isTaken = AgentError.is(error) && /\bname\b.*already in use/.test(error.message);
      throw isTaken ? nameTaken(client, plan.name, error) : takenPort(error, client, plan);
    });
  const { body, warnings, requested } = await judge(context, plan, image.id);
  try {
    return { containerId: await post(body), warnings, requested };
  } catch (error) {
    if (!isWithoutInit(error)) throw error;
    const without = { ...context, facts: { ...context.facts, hasInit: false } };
    const again = await judge(without, plan, image.id);
    const containerId = await post(again.body);
    return { containerId, warnings: again.warnings, requested: again.requested };
  }
}

/** Starts it; only then do engines take the ports of the machine. */
async function startIt(
  container: Container,
  { client }: DeployContext,
  plan: DeployPlan,
): Promise<void> {
  await container.start().catch((error) => {
    throw takenPort(error, client, plan);
  });
}

/** A name that is taken is told before an image is built for it. */
async function refuseTaken(
  client: DeployContext["client"],
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = `/containers/${segment(name, "options.name")}/json`;
  try {
    const { Name } = await client.json<{ Name?: string }>("GET", path, {
      signal,
      timeoutMs: QUICK_MS,
    });
    // An engine also finds one by the beginning of its id.
    if (Name?.replace(/^\//, "") !== name) return;
  } catch (error) {
    if (AgentError.is(error, "NOT_FOUND")) return;
    throw error;
  }
  throw nameTaken(client, name);
}

/** The error of a name that a container has. */
function nameTaken(client: DeployContext["client"], name: string, cause?: unknown): AgentError {
  const message =
    `There is a container of the name ${name}; remove(${
      JSON.stringify(name)
    }) makes the name free, ` +
    "or options.name takes another one";
  return new AgentError("UNAVAILABLE", message, { server: client.host.text }, { cause });
}

/** A template by its id. */
export function templateOf({ templates, refused }: DeployContext, id: unknown): Template {
  checkString(id, "template");
  const found = templates.find((template) => template.id === id);
  if (found !== undefined) return found;
  const bad = refused.find((template) => template.id === id);
  if (bad !== undefined) throw bad.error;
  const ids = templates.map((template) => template.id);
  throw new AgentError("NOT_FOUND", `There is no template ${shown(id)}${suggestion(id, ids)}`, {
    what: id,
  });
}

async function judge(
  context: DeployContext,
  plan: DeployPlan,
  image: string,
): Promise<ReturnType<typeof createBody>> {
  const spec: ContainerSpec = { ...plan.spec, image };
  const judged = createBody(spec, context.facts, context.mounts);
  await refuseMissing(context, "deployment", judged.gaps, plan.acceptWeaker);
  return { ...judged, body: withRecord(judged, plan.acceptWeaker) };
}

/** The network and the volumes. */
async function prepare(
  { client }: DeployContext,
  plan: DeployPlan,
  making: Making,
): Promise<void> {
  const { network, secret } = plan;
  if (plan.join !== null) await making.step(() => refuseOtherNetwork(client, plan));
  if (network !== null) await making.step(() => makeNetwork(client, network, plan.labels));
  for (const { name, kept } of plan.volumes) {
    await making.step(() =>
      kept ? makeKeptVolume(client, name) : makeVolume(client, name, plan.labels)
    );
  }
  if (secret !== null) await making.step(() => makeVolume(client, secret.volume, plan.labels));
}

/** A network may be joined that is a deployment's, and of the kind that the template has. */
async function refuseOtherNetwork(
  client: DeployContext["client"],
  { join, filled }: DeployPlan,
): Promise<void> {
  const path = `/networks/${segment(join!, "options.join")}`;
  const { Labels, Internal } = await client.json<
    { Labels?: Record<string, string> | null; Internal?: boolean }
  >("GET", path, { timeoutMs: QUICK_MS });
  if (Labels?.[DEPLOYMENT_LABEL] === undefined) {
    throw new RangeError(`options.join must be the network of a deployment, got ${shown(join)}`);
  }
  const internal = filled.template.network === "internal";
  if (internal !== (Internal === true)) {
    throw new RangeError(
      `options.join must be a network ${
        internal ? "without" : "with"
      } a way out for ${filled.template.id}, ` +
        `got ${shown(join)}`,
    );
  }
}

/** Puts the token into its volume, readable by the program's user alone, before the program starts. */
async function handOver(
  { client }: DeployContext,
  { secret, token }: DeployPlan,
  containerId: string,
): Promise<void> {
  if (secret === null || token === null) return;
  const bytes = new TextEncoder().encode(token);
  const { uid, gid, file, folder } = secret;
  const entry = {
    path: file,
    kind: "file",
    mode: 0o600,
    size: bytes.length,
    content: () => [bytes],
  } as const;
  const path = `/containers/${segment(containerId, "container")}/archive`;
  const body = writeTar([entry], { uid, gid });
  const answer = client.bytes("PUT", path, {
    query: { path: folder },
    body,
    timeoutMs: SLOW_MS,
  });
  for await (const _ of answer);
}

function deployed(
  context: DeployContext,
  plan: DeployPlan,
  image: FoundImage,
  { id, ports: mappings }: ContainerDetails,
  more: Asked & { readonly life: Life },
): Deployment {
  const { template } = plan.filled;
  const ports: DeployedPort[] = [];
  for (const { containerPort, protocol, hostAddress, hostPort } of mappings) {
    if (hostAddress === null || hostPort === null) continue;
    const known = template.ports.find((port) =>
      port.container === containerPort && port.protocol === protocol
    );
    ports.push({
      name: known?.name ?? String(containerPort),
      container: containerPort,
      protocol: protocol === "udp" ? "udp" : "tcp",
      host: hostPort,
      hostAddress,
    });
  }
  return new Deployment(context, plan, { image: image.id, containerId: id, ports, ...more });
}

/** What the engine says may quote what it was asked, and so the environment. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!AgentError.is(error)) return error;
  const message = hideSecrets(error.message, secrets);
  if (message === error.message) return error;
  return new AgentError(error.code, message, error.details as never);
}
