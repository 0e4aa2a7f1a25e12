/** SNMP 3 (RFC 3414): asks who the engine is, which needs no name and no community. @module */

import { hex, u32, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Version 3, reportable, no security, engine unknown; a GET of nothing. */
const DISCOVERY = hex(
  "303a020103 300f02024147020300ffe3040104020103" +
    "0410300e0400020100020100040004000400" +
    "301204000400a00c020241470201000201003000",
);
/** Numbers of enterprises (IANA) whose engines say what they are. */
const ENTERPRISES: Readonly<Record<number, string>> = {
  8072: "Net-SNMP",
  9: "Cisco",
  11: "Hewlett-Packard",
  311: "Microsoft",
  2021: "UCD-SNMP",
  2636: "Juniper",
  14988: "MikroTik",
  41112: "Ubiquiti",
};

/** The place after a tag and its length, if that tag is there; -1 otherwise. */
function inside(bytes: Uint8Array, at: number, tag: number): number {
  if (at < 0 || u8(bytes, at) !== tag) return -1;
  const first = u8(bytes, at + 1);
  return first < 0 ? -1 : first < 128 ? at + 2 : first <= 0x84 ? at + 2 + (first & 127) : -1;
}

export const snmp: Protocol = {
  name: "snmp",
  transport: "udp",
  ports: [161],
  question: { send: DISCOVERY },
  read(answer): Reading | null {
    const message = inside(answer, 0, 0x30);
    if (message < 0 || u8(answer, message) !== 2 || u8(answer, message + 1) !== 1) return null;
    const version = u8(answer, message + 2);
    if (version !== 3) return version === 0 || version === 1 ? reading("snmp", "likely") : null;
    const global = message + 3;
    const content = inside(answer, global, 0x30);
    if (content < 0) return null;
    const parameters = inside(answer, inside(answer, content + u8(answer, global + 1), 0x04), 0x30);
    const engine = inside(answer, parameters, 0x04);
    if (engine < 0) return null;
    if (u8(answer, parameters + 1) < 5) return reading("snmp", "certain", null, null, "SNMP 3");
    // The first bit says that the number's form is the new one.
    const enterprise = u32(answer, engine) % 0x80000000;
    return reading(
      "snmp",
      "certain",
      ENTERPRISES[enterprise] ?? null,
      null,
      `SNMP 3, enterprise ${enterprise}`,
    );
  },
};
