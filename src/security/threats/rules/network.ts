/**
 * Rules about sockets and interfaces.
 *
 * @module
 */

import type { Connection } from "../../host/types.ts";
import { addressKind } from "../../../shared/addresses.ts";
import type { Found, Rule } from "../rule.ts";

/** Ports whose usual protocol is not encrypted, and what is there to lose. */
const PLAIN: ReadonlyMap<number, string> = new Map([
  [21, "ftp"],
  [23, "telnet"],
  [80, "http"],
  [110, "pop3"],
  [143, "imap"],
  [389, "ldap"],
  [512, "rexec"],
  [513, "rlogin"],
  [514, "rsh"],
  [873, "rsync"],
  [1433, "sql server"],
  [1883, "mqtt"],
  [2049, "nfs"],
  [2181, "zookeeper"],
  [3306, "mysql"],
  [4222, "nats"],
  [5432, "postgresql"],
  [5672, "amqp"],
  [5900, "vnc"],
  [6000, "x11"],
  [6379, "redis"],
  [8080, "http"],
  [8888, "http"],
  [9000, "http"],
  [9200, "elasticsearch"],
  [11211, "memcached"],
  [27017, "mongodb"],
]);

/** Ports that pools of miners use and hardly anything else. */
const POOL_PORTS = new Set([3333, 4444, 5555, 7777, 14433, 14444, 45560, 45700]);

/** Programs that look at whole packets for a living. */
const CAPTURES =
  /^(dhclient|dhcpcd.*|systemd-network|NetworkManager|wpa_supplicant|hostapd|tcpdump|dumpcap|wireshark|tshark|suricata|snort|lldpd|arpwatch|keepalived|avahi-.*|udhcpc|ping|nmap|zeek|arp-scan)$/;

const PROMISCUOUS = 0x100;

function isEverywhere(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** What is told of a socket as evidence. */
export function of(connection: Connection, more: Found["evidence"] = {}): Found {
  const { protocol, local, remote, pid, process, user } = connection;
  const end = (one: Connection["local"]): string | null =>
    one === null ? null : `${one.address} ${one.port}`;
  const found = { protocol, local: end(local), remote: end(remote), process, user, ...more };
  return pid === null ? { evidence: found } : { pid, evidence: found };
}

/** Listeners by TCP on all addresses, each port once. */
function everywhere(connections: readonly Connection[]): Connection[] {
  const seen = new Set<number>();
  return connections.filter(({ protocol, state, local }) => {
    if (protocol !== "tcp" || state !== "listen" || !isEverywhere(local!.address)) return false;
    return !seen.has(local!.port) && seen.add(local!.port);
  });
}

/** The rules. */
export const networkRules: readonly Rule[] = [
  {
    id: "listener-without-tls",
    title: "A listener on all addresses does not encrypt",
    severity: "medium",
    attack: "T1040",
    about: "Whoever is on the way reads and changes what goes over it.",
    falseAlarms:
      "Protocols that begin in the clear and encrypt later (STARTTLS); what only answers behind a firewall or a proxy.",
    advice: "Bind it to 127.0.0.1, or give it TLS, or let a firewall decide who reaches it.",
    find: ({ connections, tls }) =>
      everywhere(connections).flatMap((connection) => {
        const { port } = connection.local!;
        const usual = PLAIN.get(port);
        if (tls !== undefined) {
          return tls.get(port) === false ? [of(connection, { tested: true })] : [];
        }
        return usual === undefined ? [] : [of(connection, { usual, tested: false })];
      }),
  },
  {
    id: "docker-api-open",
    title: "A container engine listens for everybody, without TLS",
    severity: "critical",
    attack: "T1610",
    about:
      "Who reaches port 2375 starts containers with all of this machine's files: it is the superuser.",
    falseAlarms: "None on a machine that others can reach.",
    advice: "Take -H tcp:// from the engine's settings, or demand client certificates (port 2376).",
    find: ({ connections }) =>
      connections.filter(({ protocol, state, local }) =>
        protocol === "tcp" && state === "listen" && local!.port === 2375 &&
        addressKind(local!.address) !== "loopback"
      ).map((connection) => of(connection)),
  },
  {
    id: "miner-pool",
    title: "A connection to a port that pools of miners use",
    severity: "medium",
    attack: "T1496",
    about: "Mining programs keep one connection to their pool.",
    falseAlarms: "Any service may be on such a port.",
    advice: "Look at the process and at whose address that is.",
    find: ({ connections }) =>
      connections.filter(({ protocol, state, remote }) =>
        protocol === "tcp" && state === "established" && remote !== null &&
        POOL_PORTS.has(remote.port) && addressKind(remote.address) === "public"
      ).map((connection) => of(connection)),
  },
  {
    id: "packet-socket",
    title: "A process sees whole packets",
    severity: "medium",
    attack: "T1040",
    about:
      "A packet socket reads all that goes over an interface, and waits for secret knocks behind any firewall.",
    falseAlarms:
      "DHCP clients, network managers, tcpdump and sensors, of which the usual ones are left out here.",
    advice: "Ask who needs it; the capability CAP_NET_RAW can be taken away.",
    find: ({ packet, processes }) => {
      if (packet.length === 0) return [];
      const byInode = new Map(processes.flatMap((one) => one.sockets.map((inode) => [inode, one])));
      return packet.flatMap(([inode, uid, index]) => {
        const owner = byInode.get(inode);
        if (owner !== undefined && CAPTURES.test(owner.name)) return [];
        const evidence = { process: owner?.name ?? null, uid, interface: index };
        return [owner === undefined ? { evidence } : { pid: owner.pid, evidence }];
      });
    },
  },
  {
    id: "raw-socket",
    title: "A process has a raw socket",
    severity: "low",
    attack: "T1095",
    about: "Raw sockets carry data in protocols that no firewall rule looks at, such as ICMP.",
    falseAlarms: "ping, traceroute, routing daemons, VPNs and monitors.",
    advice: "Look whether that program has a reason to speak anything but TCP and UDP.",
    find: ({ connections }) =>
      connections.filter(({ protocol, process }) =>
        protocol === "raw" && !CAPTURES.test(process ?? "")
      ).map((connection) => of(connection)),
  },
  {
    id: "promiscuous-interface",
    title: "A network interface takes packets that are for others",
    severity: "medium",
    attack: "T1040",
    about: "It is how a sniffer hears what is not for this machine.",
    falseAlarms: "Bridges of virtual machines and containers put their ports into this mode.",
    advice: "ip link set <interface> promisc off, once nobody needs it.",
    find: ({ interfaces }) =>
      interfaces.filter(({ name, flags }) =>
        (flags & PROMISCUOUS) !== 0 && !/^(veth|docker|br-|virbr|vnet|cni|tap|cali)/.test(name)
      ).map(({ name, flags }) => ({
        evidence: { interface: name, flags: `0x${flags.toString(16)}` },
      })),
  },
  {
    id: "listener-of-interpreter",
    title: "A shell or a tool for sockets listens on all addresses",
    severity: "high",
    attack: "T1571",
    about: "netcat, socat and shells that listen are doors that somebody left open.",
    falseAlarms: "A developer who tries something out.",
    advice: "End it if nobody knows of it.",
    find: ({ connections }) =>
      everywhere(connections).filter(({ owners }) =>
        owners.some(({ process }) =>
          /^(nc|ncat|netcat|nc\.(openbsd|traditional)|socat|sh|bash|dash|zsh)$/.test(process)
        )
      ).map((connection) => of(connection)),
  },
];
