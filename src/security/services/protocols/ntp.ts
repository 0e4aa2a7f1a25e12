/** NTP (RFC 5905): a client's question; the answer says how far the server is from a clock. @module */

import { concat, u32, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const ntp: Protocol = {
  name: "ntp",
  transport: "udp",
  ports: [123],
  // Version 4, mode 3; the time of sending is not the clock's, but tells this answer from others.
  question: { send: concat([0x23], new Uint8Array(39), [0x41, 0x47, 0x45, 0x4e, 0x54, 0, 0, 1]) },
  read(answer): Reading | null {
    const first = u8(answer, 0);
    const version = first >> 3 & 7;
    if (answer.length < 48 || (first & 7) !== 4 || version < 1 || version > 4) return null;
    if (u32(answer, 24) !== 0x4147454e) return null;
    const stratum = u8(answer, 1);
    // A server that follows its own clock says so with an address; chrony's ends with 1, that of ntpd with 0.
    const reference = u32(answer, 12);
    const product = reference === 0x7f7f0101 ? "chrony" : reference === 0x7f7f0100 ? "ntpd" : null;
    const state = first >> 6 === 3 ? "not synchronised" : `stratum ${stratum}`;
    return reading("ntp", "certain", product, null, `version ${version}, ${state}`);
  },
};
