/**
 * PostgreSQL: a request for TLS is answered by one letter, a start without a user by an error. The version is told only
 * to who has logged in.
 *
 * @module
 */

import { be16, be32, concat, latin1, u32, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Asks for protocol version 0.0, which no server has: it says in an error what it is, and nobody logs in. */
const START = concat(be32(8), be16(0), be16(0));
const SSL_REQUEST = concat(be32(8), be32(80_877_103));

export const postgresql: Protocol = {
  name: "postgresql",
  transport: "tcp",
  ports: [5432, 5433],
  question: { send: START },
  read(answer): Reading | null {
    if (u8(answer, 0) !== 0x45) return null;
    const text = latin1(answer, 0, 2048);
    // Protocol 3: length and fields. Protocol 2, for whoever asks in an odd way: text up to a NUL.
    const length = u32(answer, 1);
    const hasFields = length >= 5 && length <= 4096 && /^E[^]{4}S[A-Z]{1,16}\0/.test(text);
    const isOld = /^E(?:FATAL|ERROR): /.test(text) || /^Eunsupported frontend protocol/.test(text);
    if (!hasFields && !isOld) return null;
    if (
      !/frontend protocol|PostgreSQL|postmaster|startup packet|ProcessStartupPacket|backend_startup|SFATAL/
        .test(text)
    ) {
      return null;
    }
    const isBouncer = /pgbouncer/i.test(text);
    return reading("postgresql", "certain", isBouncer ? "PgBouncer" : "PostgreSQL");
  },
  startTls: {
    name: "SSLRequest",
    greets: false,
    questions: [{ send: SSL_REQUEST, enough: (bytes) => bytes.length >= 1 }],
    ready: (answer) => answer.length === 1 && answer[0] === 0x53,
  },
};
