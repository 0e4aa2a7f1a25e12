/** X11: the opening without a right to enter; the server refuses, or lets in and names its maker. @module */

import { hex, latin1, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const x11: Protocol = {
  name: "x11",
  transport: "tcp",
  ports: [6000, 6001],
  question: { send: hex("6c00 0b00 0000 0000 0000 0000") },
  read(answer, asked): Reading | null {
    if (asked !== "x11" || u8(answer, 0) > 1 || u8(answer, 2) + u8(answer, 3) * 256 !== 11) {
      return null;
    }
    if (u8(answer, 0) === 0) {
      const isRefusal = /^[ -~\n]{4,}/.test(latin1(answer, 8, 8 + u8(answer, 1)));
      return isRefusal ? reading("x11", "certain", null, null, "refuses") : null;
    }
    if (answer.length < 40) return null;
    const length = u8(answer, 24) + u8(answer, 25) * 256;
    return reading(
      "x11",
      "certain",
      latin1(answer, 40, 40 + Math.min(length, 100)),
      null,
      "lets everybody in",
    );
  },
};
