/** SOCKS 5 (RFC 1928): which ways of logging in a proxy has, offering none at all. Nothing is asked of it. @module */

import { u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const socks: Protocol = {
  name: "socks5",
  transport: "tcp",
  ports: [1080, 9050],
  question: { send: Uint8Array.of(5, 1, 0), enough: (bytes) => bytes.length >= 2 },
  read(answer, asked): Reading | null {
    if (asked !== "socks5" || answer.length !== 2 || u8(answer, 0) !== 5) return null;
    const method = u8(answer, 1);
    if (method === 0) return reading("socks5", "likely", null, null, "no login");
    return method === 255 ? reading("socks5", "likely", null, null, "asks for a login") : null;
  },
};
