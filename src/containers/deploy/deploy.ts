/**
 * Deploys a template: its image, network, volumes and secret, its container, and waits until it is there. What was made
 * is removed if anything of it fails.
 *
 * @module
 */

import { checkOptions, checkString, shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { Container } from "../container/container.ts";
import type { ContainerDetails } from "../container/types.ts";
import { segment } from "../engine/target.ts";
import { writeTar } from "../files/tar_write.ts";
import {
  type ContainerSpec,
  type CreateBody,
  createBody,
  type JsonObject,
  refuseGaps,
  suggestion,
  withRecord,
} from "../policy/mod.ts";
import type { Template } from "../templates/mod.ts";
import { Deployment } from "./deployment.ts";
import { ensureImage, type FoundImage } from "./image.ts";
import { DEPLOYMENT_LABEL, type DeployPlan, planDeployment } from "./plan.ts";
import { removeAllOf } from "./remove.ts";
import { hideSecrets } from "./secret.ts";
import { makeKeptVolume, makeNetwork, makeVolume } from "./things.ts";
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
  const plan = planDeployment(found, options, context.owner, Date.now());
  if (plan.replicas !== null) {
    const { deployService } = await import("./swarm.ts");
    return await deployService(context, plan, options);
  }
  // A spec that the policy refuses is refused before anything is built.
  judge(context, plan, "agent-template/none");
  const { client } = context;
  try {
    const image = await ensureImage(client, plan.filled, options);
    await prepare(context, plan, signal);
    const { containerId, warnings, requested } = await create(context, plan, image, signal);
    onProgress?.({ type: "created", name: plan.name });
    await handOver(context, plan, containerId, signal);
    const container = new Container(client, containerId);
    await container.start({ signal });
    onProgress?.({ type: "started", name: plan.name });
    const { name, secrets } = plan;
    const details = await waitFor(container, plan.wait, { name, secrets, signal });
    onProgress?.({ type: "ready", name });
    return deployed(context, plan, image, details, { warnings, requested });
  } catch (error) {
    await removeAllOf(client, plan).catch(() => {
      // The first error says more; the sweep finds what is left.
    });
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
  signal: AbortSignal | undefined,
): Promise<{ containerId: string } & Asked> {
  const query = { name: plan.name };
  const post = async (body: JsonObject): Promise<string> =>
    (await context.client.json<{ Id: string }>("POST", "/containers/create", {
      query,
      body,
      signal,
    })).Id;
  const { body, warnings, requested } = judge(context, plan, image.id);
  try {
    return { containerId: await post(body), warnings, requested };
  } catch (error) {
    if (!(AgentError.is(error) && /container-init binary/.test(error.message))) throw error;
    const without = { ...context, facts: { ...context.facts, hasInit: false } };
    const again = judge(without, plan, image.id);
    const containerId = await post(again.body);
    return { containerId, warnings: again.warnings, requested: again.requested };
  }
}

/** A template by its id. */
export function templateOf({ templates }: DeployContext, id: unknown): Template {
  checkString(id, "template");
  const found = templates.find((template) => template.id === id);
  if (found !== undefined) return found;
  const ids = templates.map((template) => template.id);
  throw new AgentError("NOT_FOUND", `There is no template ${shown(id)}${suggestion(id, ids)}`, {
    what: id,
  });
}

function judge(
  { client, facts, mounts }: DeployContext,
  plan: DeployPlan,
  image: string,
): ReturnType<typeof createBody> {
  const spec: ContainerSpec = { ...plan.spec, image };
  const judged = createBody(spec, facts, mounts);
  const where = `${client.engine} ${client.version}`;
  refuseGaps(judged.gaps, plan.acceptWeaker, where);
  return { ...judged, body: withRecord(judged, plan.acceptWeaker) };
}

/** The network and the volumes. */
async function prepare(
  { client }: DeployContext,
  plan: DeployPlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (plan.join !== null) await refuseOtherNetwork(client, plan, signal);
  if (plan.network !== null) await makeNetwork(client, plan.network, plan.labels, signal);
  for (const { name, kept } of plan.volumes) {
    if (kept) await makeKeptVolume(client, name, signal);
    else await makeVolume(client, name, plan.labels, signal);
  }
  if (plan.secret !== null) await makeVolume(client, plan.secret.volume, plan.labels, signal);
}

/** A network may be joined that is a deployment's, and of the kind that the template has. */
async function refuseOtherNetwork(
  client: DeployContext["client"],
  { join, filled }: DeployPlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = `/networks/${segment(join!, "options.join")}`;
  const { Labels, Internal } = await client.json<
    { Labels?: Record<string, string> | null; Internal?: boolean }
  >("GET", path, { signal });
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
  signal: AbortSignal | undefined,
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
  const answer = client.bytes("PUT", path, { query: { path: folder }, body, signal });
  for await (const _ of answer);
}

function deployed(
  context: DeployContext,
  plan: DeployPlan,
  image: FoundImage,
  { id, ports: mappings }: ContainerDetails,
  asked: Asked,
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
  return new Deployment(context, plan, { image: image.id, containerId: id, ports, ...asked });
}

/** What the engine says may quote what it was asked, and so the environment. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!AgentError.is(error)) return error;
  const message = hideSecrets(error.message, secrets);
  if (message === error.message) return error;
  return new AgentError(error.code, message, error.details as never);
}
