/** Kafka: which versions of its requests a broker has. @module */

import { be16, be32, bytesOf, concat, u16, u32 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const BODY = concat(be16(18), be16(0), be32(0x4147454e), be16(5), bytesOf("AGENT"));

export const kafka: Protocol = {
  name: "kafka",
  transport: "tcp",
  ports: [9092],
  question: {
    send: concat(be32(BODY.length), BODY),
    enough: (bytes) => bytes.length >= 4 && bytes.length >= 4 + u32(bytes, 0),
  },
  read(answer, asked): Reading | null {
    if (asked !== "kafka" || u32(answer, 4) !== 0x4147454e || u32(answer, 0) < 10) return null;
    const count = u32(answer, 10);
    const isSure = u16(answer, 8) === 0 && count > 0 && count < 200;
    return reading(
      "kafka",
      isSure ? "certain" : "likely",
      "Kafka",
      null,
      isSure ? `${count} kinds of requests` : null,
    );
  },
};
