/**
 * What is behind a port, step by step, in the words of people: what every drawing of a picture shows.
 *
 * @module
 */

import type { ListenerTls } from "../threats/types.ts";
import type { PicturePort, PictureProcess } from "./types.ts";

/** A step: what it is, and its values; never none. */
export interface Step {
  readonly name: "process" | "executable" | "container" | "certificate" | "finding";
  readonly values: readonly string[];
}

/** How many processes of a port are shown; a server may have hundreds. */
const MOST = 3;

/** A port's own line, and the steps from it on that there are. */
export function stepsOf(port: PicturePort): { head: string; steps: Step[] } {
  const { protocol, addresses, processes, reason, findings } = port;
  const where = addresses.some((address) => address === "0.0.0.0" || address === "::")
    ? "all addresses"
    : addresses.join(", ");
  const from = port.reach === "machine" ? "from this machine only" : "from the network";
  const steps: Step[] = [
    {
      name: "process",
      values: processes.length === 0
        ? [`not known (${reason ?? "not found"})`]
        : some(processes.map(processText)),
    },
    { name: "executable", values: some(each(processes.map(executableText))) },
    { name: "container", values: some(each(processes.map(containerText))) },
    { name: "certificate", values: each([certificateText(port)]) },
    {
      name: "finding",
      values: findings.map(({ severity, title, rule }) => `! ${severity}: ${title} [${rule}]`),
    },
  ];
  return {
    head: `${protocol} ${port.port}  ${where}, ${from}`,
    steps: steps.filter(({ values }) => values.length > 0),
  };
}

/** Values that are there, each once. */
function each(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

function some(values: readonly string[]): string[] {
  if (values.length <= MOST + 1) return [...values];
  return [...values.slice(0, MOST), `and ${values.length - MOST} more`];
}

function processText({ pid, name, user }: PictureProcess): string {
  return `${name} (${pid}), ${user ?? "user not known"}`;
}

function executableText({ executable, deleted }: PictureProcess): string {
  return (executable ?? "not known") + (deleted === true ? " (deleted)" : "");
}

function containerText({ container }: PictureProcess): string | null {
  if (container === null) return null;
  const { engine, id, name, image } = container;
  return `${engine} ${name ?? id.slice(0, 12)}${image === null ? "" : ` (${image})`}`;
}

function certificateText({ protocol, tls, tlsReason }: PicturePort): string | null {
  if (tls === false) return "none: no TLS";
  if (tls !== null) return tlsText(tls);
  // That UDP is not asked, or that nobody was to be, is no news of this port.
  return protocol === "udp" || tlsReason === "nobody was asked" ? null : `not known (${tlsReason})`;
}

function tlsText(tls: ListenerTls): string {
  const { version, startTls, subject, issuer, selfSigned, validTo, expiryDays } = tls;
  const days = expiryDays === null
    ? ""
    : expiryDays < 0
    ? ` (${-expiryDays} days ago)`
    : ` (${expiryDays} days)`;
  const parts = [
    (version ?? "TLS") + (startTls === null ? "" : ` by ${startTls}`),
    subject,
    selfSigned === true ? "self-signed" : issuer && `by ${issuer}`,
    validTo && `until ${validTo.slice(0, 10)}${days}`,
  ];
  return parts.filter((part) => part).join(", ");
}
