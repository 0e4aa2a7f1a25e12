/** memcached, its text protocol. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { isLine, type Protocol, type Reading, reading } from "./protocol.ts";

export const memcached: Protocol = {
  name: "memcached",
  transport: "tcp",
  ports: [11211],
  question: { send: bytesOf("version\r\n"), enough: isLine },
  read(answer, asked): Reading | null {
    const text = latin1(answer);
    const version = found(text, /^VERSION ([^\r\n]{1,60})\r\n/);
    if (asked === "memcached" && version !== null) {
      return reading("memcached", "certain", "memcached", version);
    }
    // To lines that are no commands it says so, each time.
    return asked !== "" && /^(?:ERROR\r\n){2,}/.test(text)
      ? reading("memcached", "likely", "memcached")
      : null;
  },
  follow: {
    greets: false,
    questions: [{ send: bytesOf("version\r\n"), enough: isLine }],
    needed: ({ version }) => version === null,
    read(answer, known): Reading {
      const version = found(latin1(answer), /^VERSION ([^\r\n]{1,60})\r\n/);
      return version === null ? known : reading("memcached", "certain", "memcached", version);
    },
  },
};
