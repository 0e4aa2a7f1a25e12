/** Telnet (RFC 854): begins with commands about options. @module */

import { hex, latin1, u8 } from "../bytes.ts";
import { harmless } from "../banner.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Says no to the options that a server asks about first; then it goes on to its greeting. */
const NO = hex("fffc18 fffc20 fffc23 fffc27 fffc1f fffc21 fffe01 fffe03 fffe05");

/** The options of DO (253) and WILL (251) at the beginning; null if it begins with something else. */
function optionsOf(bytes: Uint8Array): { asked: number[]; offered: number[] } | null {
  const asked: number[] = [];
  const offered: number[] = [];
  let at = 0;
  while (u8(bytes, at) === 255 && at + 2 < bytes.length) {
    const command = u8(bytes, at + 1);
    if (command === 253) asked.push(u8(bytes, at + 2));
    else if (command === 251) offered.push(u8(bytes, at + 2));
    else if (command !== 252 && command !== 254) break;
    at += 3;
  }
  return at === 0 ? null : { asked, offered };
}

export const telnet: Protocol = {
  name: "telnet",
  transport: "tcp",
  ports: [23, 2323],
  read(answer): Reading | null {
    const options = optionsOf(answer);
    if (options === null) return null;
    const product = /BusyBox/.test(latin1(answer)) ? "BusyBox telnetd" : null;
    // Terminal type, speed, display and environment, all asked at once: what the daemons that come from BSD's do.
    const isBsd = [24, 32, 35, 39].every((option) => options.asked.includes(option));
    return reading("telnet", "certain", product ?? (isBsd ? "BSD-derived telnetd" : null));
  },
  follow: {
    greets: true,
    questions: [{ send: NO }],
    needed: ({ extra }) => extra === null,
    read(answer, known): Reading {
      const text = harmless(latin1(answer).replace(/\xff[\xfb-\xfe][^]|\xff[^]/g, ""));
      const line = text.split("\n").map((one) => one.trim()).find((one) => one !== "");
      return line === undefined
        ? known
        : { ...reading("telnet", "certain", known.product, null, line) };
    },
  },
};
