/** MySQL and MariaDB: the first packet names the version. @module */

import { concat, found, latin1, le32, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; the largest packet; utf8; as the second packet. */
const SSL_REQUEST = concat(
  [32, 0, 0, 1],
  le32(0x0200 | 0x0800 | 0x8000),
  le32(16_777_216),
  [33],
  new Uint8Array(23),
);

export const mysql: Protocol = {
  name: "mysql",
  transport: "tcp",
  ports: [3306, 3307],
  read(answer): Reading | null {
    const length = u8(answer, 0) + u8(answer, 1) * 256 + u8(answer, 2) * 65_536;
    if (answer.length < 8 || length < 4 || length > 4096 || u8(answer, 3) > 1) return null;
    const text = latin1(answer, 4, 4 + Math.min(length, 600));
    if (u8(answer, 4) === 0xff) {
      // An error instead of a greeting: number, then perhaps `#` and a state, then words.
      if (!/^\xff[^]{2}(?:#[A-Z0-9]{5})?[ -~]{8,}/.test(text)) return null;
      const isMaria = /MariaDB/.test(text);
      const isOne = isMaria ||
        /MySQL|Host '.*' is (?:not allowed|blocked)|Too many connections/.test(text);
      return isOne
        ? reading("mysql", "certain", isMaria ? "MariaDB" : "MySQL", null, "refuses this host")
        : null;
    }
    if (u8(answer, 4) !== 10) return null;
    const version = found(text, /^\n([0-9][ -~]{1,100})\0/);
    if (version === null) return null;
    const maria = found(version, /^(?:5\.5\.5-)?([0-9][\w.]*)-MariaDB/);
    if (maria !== null) return reading("mysql", "certain", "MariaDB", maria, version);
    return reading("mysql", "certain", "MySQL", found(version, /^([0-9][\w.]*)/), version);
  },
  startTls: {
    name: "CLIENT_SSL",
    greets: true,
    questions: [{ send: SSL_REQUEST, isSilent: true }],
    // The server says nothing to it; what it can was in its greeting. TLS begins, or the connection ends.
    ready: (answer) => answer.length === 0,
  },
};
