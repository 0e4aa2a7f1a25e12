/** NNTP (RFC 3977) and ManageSieve (RFC 5804): both greet. @module */

import { found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const nntp: Protocol = {
  name: "nntp",
  transport: "tcp",
  ports: [119, 563],
  read(answer): Reading | null {
    const line = found(latin1(answer), /^20[01] ([^\r\n]{1,300})\r\n/);
    if (line === null || !/NNTP|news|INN|posting/i.test(line)) return null;
    const inn = found(line, /\bINN ([0-9][\w.]*)/);
    return reading("nntp", "certain", inn === null ? null : "INN", inn);
  },
};

export const sieve: Protocol = {
  name: "managesieve",
  transport: "tcp",
  ports: [4190],
  read(answer): Reading | null {
    const text = latin1(answer);
    const by = found(text, /(?:^|\n)"IMPLEMENTATION" "([^"\r\n]{1,100})"\r\n/);
    return by !== null && /\nOK\b|"SIEVE"/.test(text)
      ? reading("managesieve", "certain", by)
      : null;
  },
};
