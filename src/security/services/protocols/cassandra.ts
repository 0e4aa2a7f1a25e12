/** Cassandra's native protocol: what a server supports. @module */

import { found, hex, latin1, u32, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const cassandra: Protocol = {
  name: "cassandra",
  transport: "tcp",
  ports: [9042],
  question: {
    send: hex("04 00 0000 05 00000000"),
    enough: (bytes) => bytes.length >= 9 && bytes.length >= 9 + u32(bytes, 5),
  },
  read(answer, asked): Reading | null {
    const number = u8(answer, 0) - 128;
    if (
      asked !== "cassandra" || number < 1 || number > 6 || u32(answer, 5) !== answer.length - 9
    ) return null;
    const operation = u8(answer, 4);
    const text = latin1(answer, 9);
    if (operation === 6 && text.includes("CQL_VERSION")) {
      // deno-lint-ignore no-control-regex
      const version = found(text, /CQL_VERSION\0\x01\0[^]([\w.]{1,20})/);
      return reading(
        "cassandra",
        "certain",
        text.includes("SCYLLA") ? "ScyllaDB" : "Cassandra",
        null,
        `CQL ${version ?? "of no version"}`,
      );
    }
    return operation === 0 && /protocol version/i.test(text)
      ? reading("cassandra", "certain", "Cassandra")
      : null;
  },
};
