/** Redis and what speaks as it does: errors begin with `-ERR`. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const isBulk = (bytes: Uint8Array): boolean => {
  const text = latin1(bytes);
  const length = found(text, /^\$([0-9]{1,6})\r\n/);
  return length === null ? /^[-+][^\n]*\n$/.test(text) : bytes.length >= Number(length);
};

export const redis: Protocol = {
  name: "redis",
  transport: "tcp",
  ports: [6379, 26379],
  question: { send: bytesOf("PING\r\n"), enough: (bytes) => /^[-+][^\n]*\n$/.test(latin1(bytes)) },
  read(answer, asked): Reading | null {
    const text = latin1(answer);
    if (asked === "redis" && /^\+PONG\r\n/.test(text)) return reading("redis", "certain", "Redis");
    if (/^-NOAUTH /.test(text)) {
      return reading("redis", "certain", "Redis", null, "asks for a password");
    }
    if (/^-DENIED Redis is running in protected mode/.test(text)) {
      return reading("redis", "certain", "Redis", null, "protected mode");
    }
    if (
      /^-ERR (?:wrong number of arguments|unknown command|Protocol error|max number of clients)/
        .test(text)
    ) {
      return reading("redis", "certain", "Redis");
    }
    return null;
  },
  follow: {
    greets: false,
    questions: [{ send: bytesOf("INFO server\r\n"), enough: isBulk }],
    needed: ({ version, extra }) => version === null && extra === null,
    read(answer, known): Reading {
      const text = latin1(answer);
      const valkey = found(text, /\r\nvalkey_version:([^\r\n]{1,40})/);
      const version = found(text, /\r\nredis_version:([^\r\n]{1,40})/);
      const os = found(text, /\r\nos:([^\r\n]{1,80})/);
      if (valkey !== null) return reading("redis", "certain", "Valkey", valkey, os);
      if (version !== null) return reading("redis", "certain", "Redis", version, os);
      if (/^-NOAUTH/.test(text)) return { ...known, extra: "asks for a password" };
      return known;
    },
  },
};
