/**
 * UDP services and what they are asked: each gets a question in its own protocol that changes nothing and needs no
 * credentials, because most answer to nothing else.
 *
 * @module
 */

import { countPorts, eachPort, type PortRanges } from "../scope/ports.ts";

/** A service that can be asked. */
export interface UdpService {
  /** Its usual port. */
  readonly port: number;
  /** Its usual name. */
  readonly name: string;
  /** What is sent, in hexadecimal digits. */
  readonly payload: string;
}

/** Text as hexadecimal digits. */
function text(value: string): string {
  return Array.from(
    new TextEncoder().encode(value),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** A name as DNS writes it. */
function dnsName(name: string): string {
  const labels = name.split(".").map((label) =>
    label.length.toString(16).padStart(2, "0") + text(label)
  );
  return `${labels.join("")}00`;
}

/** A question of DNS: identifier, flags, one question of a type and class. */
function dns(flags: string, name: string, typeAndClass: string): string {
  return `4147${flags}0001000000000000${dnsName(name)}${typeAndClass}`;
}

const ZEROS_16 = "00".repeat(16);

/** SNMPv3's discovery of the engine (RFC 3414, section 4): it names no user and no community. */
const SNMP = "303e0201033011020400004a69020300ffe304010402010304" +
  "10300e0400020100020100040004000400301404000400a00e0204000037010201000201003000";

/** A QUIC packet of a version that is none (RFC 9000, section 6): the server names those that it speaks. */
const QUIC = `c01a1a1a1a08${"41".repeat(8)}08${"42".repeat(8)}`.padEnd(2_400, "0");

/** The services, by port. */
export const UDP_SERVICES: readonly UdpService[] = [
  { port: 7, name: "echo", payload: text("AGENT") },
  { port: 53, name: "dns", payload: dns("0100", "version.bind", "00100003") },
  // The procedure of rpcbind that does nothing, version 2.
  {
    port: 111,
    name: "rpcbind",
    payload: `414745540000000000000002000186a00000000200000000${ZEROS_16}`,
  },
  { port: 123, name: "ntp", payload: "23".padEnd(96, "0") },
  {
    port: 137,
    name: "netbios-ns",
    payload: `41470000000100000000000020${text(`CK${"A".repeat(30)}`)}0000210001`,
  },
  { port: 161, name: "snmp", payload: SNMP },
  { port: 443, name: "quic", payload: QUIC },
  { port: 623, name: "ipmi", payload: "0600ff06000011be80000000" },
  { port: 1194, name: "openvpn", payload: `38${"41".repeat(8)}0000000000` },
  { port: 1434, name: "ms-sql-m", payload: "02" },
  {
    port: 1900,
    name: "ssdp",
    payload: text(
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n',
    ),
  },
  { port: 3478, name: "stun", payload: `000100002112a442${"41".repeat(12)}` },
  {
    port: 5060,
    name: "sip",
    payload: text(
      "OPTIONS sip:agent@invalid SIP/2.0\r\nVia: SIP/2.0/UDP invalid;branch=z9hG4bKagent\r\n" +
        "From: <sip:agent@invalid>;tag=agent\r\nTo: <sip:agent@invalid>\r\nCall-ID: agent@invalid\r\n" +
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n",
    ),
  },
  { port: 5353, name: "mdns", payload: dns("0000", "_services._dns-sd._udp.local", "000c8001") },
  { port: 5683, name: "coap", payload: `40014147bb${text(".well-known")}04${text("core")}` },
  { port: 11211, name: "memcached", payload: `4147000000010000${text("version\r\n")}` },
  { port: 27015, name: "source-engine", payload: `ffffffff54${text("Source Engine Query")}00` },
];

/** The services that are asked; a port whose service is not known is asked with an empty line. */
export function udpServices(ports: PortRanges | "common"): readonly UdpService[] {
  if (ports === "common") return UDP_SERVICES;
  const known = new Map(UDP_SERVICES.map((service) => [service.port, service]));
  return Array.from(
    eachPort(ports),
    (port) => known.get(port) ?? { port, name: "unknown", payload: text("\r\n") },
  );
}

/** How many ports are asked. */
export function countUdp(ports: PortRanges | "common"): number {
  return ports === "common" ? UDP_SERVICES.length : countPorts(ports);
}
