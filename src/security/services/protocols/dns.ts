/** DNS (RFC 1035) over TCP and UDP: many servers name themselves when asked for `version.bind`. @module */

import { be16, bytesOf, concat, latin1, u16, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Number, no recursion, one question: `version.bind`, TXT, class CHAOS. */
const QUERY = concat(
  be16(0x4147),
  [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7],
  bytesOf("version"),
  [4],
  bytesOf("bind"),
  [0, 0, 16, 0, 3],
);
const PRODUCTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^dnsmasq-([\w.+-]+)/, "dnsmasq"],
  [/^unbound ([\w.+-]+)/i, "Unbound"],
  [/^PowerDNS Authoritative Server ([\w.+-]+)/, "PowerDNS Authoritative Server"],
  [/^PowerDNS Recursor ([\w.+-]+)/, "PowerDNS Recursor"],
  [/^Knot DNS ([\w.+-]+)/, "Knot DNS"],
  [/^NSD ([\w.+-]+)/, "NSD"],
  [/^CoreDNS-([\w.+-]+)/, "CoreDNS"],
  [/^(?:BIND )?(9\.[0-9]+\.[0-9]+)/, "BIND"],
];

function read(answer: Uint8Array): Reading | null {
  const flags = u16(answer, 2);
  // An answer to exactly what was asked: number, the bit of answers, one question, repeated.
  if (u16(answer, 0) !== 0x4147 || flags < 0x8000 || (flags & 0x7800) !== 0) return null;
  const extra = RCODES[flags & 15] ?? null;
  // deno-lint-ignore no-control-regex
  if (u16(answer, 4) !== 1 || !/^\x07version\x04bind\0\0\x10\0\x03/i.test(latin1(answer, 12, 30))) {
    return u16(answer, 4) === 0 && answer.length === 12
      ? reading("dns", "certain", null, null, extra)
      : null;
  }
  if (u16(answer, 6) < 1) return reading("dns", "certain", null, null, extra);
  // The answer's name is a pointer or written out; then type, class, time, length, and the text's own length.
  const at = u8(answer, 30) >= 0xc0 ? 32 : 44;
  const length = u8(answer, at + 10);
  if (u16(answer, at) !== 16 || length < 1) return reading("dns", "certain", null, null, extra);
  const text = latin1(answer, at + 11, at + 11 + length);
  for (const [pattern, product] of PRODUCTS) {
    const match = pattern.exec(text);
    if (match !== null) return reading("dns", "certain", product, match[1]!, text);
  }
  return reading("dns", "certain", null, null, text);
}

const RCODES: Readonly<Record<number, string>> = {
  2: "does not answer what it is",
  3: "does not answer what it is",
  4: "does not answer what it is",
  5: "refuses to say what it is",
};

export const dns: Protocol = {
  name: "dns",
  transport: "tcp",
  ports: [53],
  question: {
    send: concat(be16(QUERY.length), QUERY),
    enough: (bytes) => bytes.length >= 2 && bytes.length >= 2 + u16(bytes, 0),
  },
  read: (answer) => u16(answer, 0) >= 12 ? read(answer.subarray(2, 2 + u16(answer, 0))) : null,
};

export const dnsUdp: Protocol = {
  name: "dns",
  transport: "udp",
  ports: [53, 5353],
  question: { send: QUERY },
  read,
};
