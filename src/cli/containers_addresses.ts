/**
 * Where a container's ports are published: engines choose the ports of this machine anew with each start, unless they were
 * named. Of a deployment the template that it was made of says what its ports are called.
 *
 * @module
 */

import type { ContainerDetails } from "../containers/mod.ts";
import { plain } from "./containers_text.ts";

/** A port that is published. */
export interface PublishedAddress {
  /** What the template calls it, or its number and protocol. */
  readonly port: string;
  /** Its URL where it speaks HTTP, else the address with its port. */
  readonly address: string;
}

/** The label with the template of a deployment. */
const TEMPLATE = "agent.template";

/** Where the ports are, by what the engine says now. */
export async function addressesOf(
  { labels, ports }: Pick<ContainerDetails, "labels" | "ports">,
): Promise<PublishedAddress[]> {
  const { builtInTemplates } = await import("../containers/templates/mod.ts");
  const template = builtInTemplates().find(({ id }) => id === labels[TEMPLATE]);
  return ports.flatMap(({ containerPort, protocol, hostAddress, hostPort }) => {
    if (hostAddress === null || hostPort === null) return [];
    const known = template?.ports.find((port) =>
      port.container === containerPort && port.protocol === protocol
    );
    const place = `${hostAddress.includes(":") ? `[${hostAddress}]` : hostAddress}:${hostPort}`;
    const address = known?.scheme == null ? place : `${known.scheme}://${place}${known.path}`;
    return [{
      port: known?.name ?? plain(`${containerPort}/${protocol}`),
      address: plain(address),
    }];
  });
}
