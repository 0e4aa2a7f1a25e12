/** VNC (RFC 6143): greets with the version of its protocol. @module */

import { bytesOf, found, latin1, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const SECURITY: Readonly<Record<number, string>> = {
  1: "no login",
  2: "password",
  5: "RA2",
  16: "Tight",
  18: "TLS",
  19: "VeNCrypt",
  30: "Apple",
};

export const vnc: Protocol = {
  name: "vnc",
  transport: "tcp",
  ports: [5900, 5901, 5902],
  read(answer): Reading | null {
    const version = found(latin1(answer, 0, 12), /^RFB ([0-9]{3}\.[0-9]{3})\n$/);
    if (version === null) return null;
    const [major, minor] = version.split(".").map(Number);
    const product = version === "003.889" ? "Apple Remote Desktop" : major! >= 4 ? "RealVNC" : null;
    return reading("vnc", "certain", product, null, `RFB ${major}.${minor}`);
  },
  follow: {
    greets: true,
    // Agrees to 3.8; the server then says which ways of logging in it has. Nobody logs in.
    questions: [{ send: bytesOf("RFB 003.008\n"), enough: (bytes) => bytes.length > u8(bytes, 0) }],
    needed: ({ product, extra }) => product === null && extra === "RFB 3.8",
    read(answer, known): Reading {
      const count = u8(answer, 0);
      if (count < 1 || count > 32 || answer.length !== count + 1) return known;
      const kinds = [...answer.subarray(1)];
      const words = kinds.map((kind) => SECURITY[kind] ?? `security ${kind}`);
      return reading("vnc", "certain", null, null, `${known.extra}, ${words.join(", ")}`);
    },
  },
};
