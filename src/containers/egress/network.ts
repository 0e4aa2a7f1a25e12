/**
 * The networks of a box with named hosts: an inner one, where nothing is but the box and its proxy, and an outer one for
 * the proxies of a connection.
 *
 * The inner network must not have the machine in it. On a plain "internal" network of Docker the machine is the gateway:
 * whatever listens there on all addresses can be reached, and so can, through its routes, its other addresses. Docker
 * leaves its address out with an option; Podman does where the network has neither a gateway nor names, which only its
 * own interface can ask for. Both are looked at afterwards, the first by the proxy itself.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { EngineError } from "../engine/errors.ts";
import { LABEL, ownerLabels } from "../policy/mod.ts";
import type { EgressContext } from "./types.ts";

/** An inner network. */
export interface InnerNetwork {
  readonly name: string;
  /** The address that the engine would give to the machine; null where it has none for it. */
  readonly gateway: string | null;
  /** An address in it that is not its first. */
  readonly last: string;
}

/** What the engine says of a network. */
export interface WireNetwork {
  Name?: string | null;
  Id?: string | null;
  Internal?: boolean | null;
  EnableIPv6?: boolean | null;
  IPAM?: { Config?: { Subnet?: string | null; Gateway?: string | null }[] | null } | null;
  Labels?: Record<string, string> | null;
  Containers?: Record<string, unknown> | null;
}

/** The version of Podman's own interface that is asked for. */
const LIBPOD = "4.0.0";
/** How often another subnet is tried where one is taken. */
const TRIES = 16;

/**
 * Makes an inner network.
 *
 * @param labels Labels of ours.
 * @throws {AgentError} `UNSUPPORTED` if the engine cannot make one without the machine in it.
 */
export async function makeInner(
  context: EgressContext,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<InnerNetwork> {
  const { client } = context;
  const name = `agent-egress-${crypto.randomUUID()}`;
  for (let tries = 1;; tries++) {
    const subnet = someSubnet();
    try {
      await create(context, name, subnet, labels, signal);
    } catch (error) {
      // Another network has it: nobody can know beforehand.
      if (tries < TRIES && isTaken(error)) continue;
      throw error;
    }
    try {
      const network = await client.json<WireNetwork>("GET", `/networks/${name}`, { signal });
      return { name, gateway: gatewayOf(context, network), last: subnet.last };
    } catch (error) {
      await removeNetwork(context, name).catch(() => {});
      throw error;
    }
  }
}

interface Subnet {
  /** With its number of bits. */
  readonly text: string;
  /** The address that a gateway would have. */
  readonly first: string;
  readonly last: string;
}

/**
 * Sixteen addresses of the range for measuring networks, which nobody's routes lead to. The engine's own ranges are few,
 * and would be used up by some dozens of boxes.
 */
function someSubnet(): Subnet {
  const number = crypto.getRandomValues(new Uint16Array(1))[0]!;
  const network = (number & 15) * 16;
  const at = (host: number): string =>
    `198.${18 + (number >> 15)}.${(number >> 4) & 255}.${network + host}`;
  return { text: `${at(0)}/28`, first: at(1), last: at(14) };
}

async function create(
  { client }: EgressContext,
  name: string,
  subnet: Subnet,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (client.engine === "podman") {
    const body = {
      name,
      driver: "bridge",
      internal: true,
      dns_enabled: false,
      ipv6_enabled: false,
      subnets: [{ subnet: subnet.text }],
      labels: { ...labels },
    };
    const call = { body, signal, apiVersion: LIBPOD };
    await client.json("POST", "/libpod/networks/create", call);
    return;
  }
  const body = {
    Name: name,
    CheckDuplicate: true,
    Driver: "bridge",
    Internal: true,
    Attachable: false,
    EnableIPv6: false,
    IPAM: { Driver: "default", Config: [{ Subnet: subnet.text, Gateway: subnet.first }] },
    Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    Labels: { ...labels },
  };
  await client.json("POST", "/networks/create", { body, signal });
}

function isTaken(error: unknown): boolean {
  return error instanceof EngineError &&
    /overlaps|already (used|in use)|is being used|conflicts/i.test(error.message);
}

function gatewayOf({ client }: EgressContext, network: WireNetwork): string | null {
  const configs = network.IPAM?.Config ?? [];
  const [config] = configs;
  if (network.Internal !== true || network.EnableIPv6 === true || configs.length !== 1) {
    throw cannot(client, "the network that it made has a way out");
  }
  // Podman writes that there is none as Go does.
  const written = config?.Gateway ?? "";
  const gateway = written === "" || written === "<nil>" ? null : written;
  if (client.engine === "podman" && gateway !== null) {
    throw cannot(client, "it gave the machine an address in it");
  }
  return gateway;
}

/** The error where an engine cannot keep the machine out. */
export function cannot(
  { engine, version }: EgressContext["client"],
  why: string,
): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `${engine} ${version} cannot keep a box apart from the machine while it reaches named hosts: ` +
      `${why}. Only network: "none" is safe there`,
    { what: "network.allow" },
  );
}

/** Removes a network; one that is gone is fine. */
export async function removeNetwork({ client }: EgressContext, name: string): Promise<void> {
  await client.empty("DELETE", `/networks/${name}`, { accept: [404], timeoutMs: 30_000 });
}

/** The outer network of a connection, shared by its proxies, which cannot reach each other in it. */
interface Outer {
  readonly name: Promise<string>;
  users: number;
}

const outers = new WeakMap<EgressContext["client"], Outer>();

/** Takes the outer network, which the first one makes. */
export async function takeOuter(context: EgressContext): Promise<string> {
  const { client } = context;
  let outer = outers.get(client);
  if (outer === undefined) {
    outer = { name: makeOuter(context), users: 0 };
    outers.set(client, outer);
  }
  outer.users++;
  try {
    return await outer.name;
  } catch (error) {
    outers.delete(client);
    throw error;
  }
}

/** Gives it back; the last one removes it. */
export async function leaveOuter(context: EgressContext): Promise<void> {
  const outer = outers.get(context.client);
  if (outer === undefined || --outer.users > 0) return;
  outers.delete(context.client);
  await removeNetwork(context, await outer.name);
}

async function makeOuter({ client, owner }: EgressContext): Promise<string> {
  const name = `agent-egress-outer-${crypto.randomUUID()}`;
  const apart = { "com.docker.network.bridge.enable_icc": "false" };
  const body = {
    Name: name,
    CheckDuplicate: true,
    Driver: "bridge",
    EnableIPv6: false,
    Labels: ownerLabels(owner, "egress", { createdMs: Date.now() }),
    ...(client.engine === "podman" ? {} : { Options: apart }),
  };
  await client.json("POST", "/networks/create", { body });
  return name;
}

/** The networks of ours that are for egress. */
export async function egressNetworks({ client }: EgressContext): Promise<WireNetwork[]> {
  const filters = { label: [`${LABEL.runtime}=1`, `${LABEL.kind}=egress`] };
  return await client.json<WireNetwork[] | null>("GET", "/networks", { query: { filters } }) ?? [];
}
