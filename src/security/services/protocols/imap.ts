/** IMAP (RFC 9051): greets with an untagged status. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { isLine, type Protocol, type Reading, reading } from "./protocol.ts";

const PRODUCTS = [[/Dovecot/i, "Dovecot"], [/Cyrus IMAP/i, "Cyrus IMAP"], [
  /Courier-IMAP/i,
  "Courier-IMAP",
], [
  /Microsoft Exchange/i,
  "Microsoft Exchange",
]] as const;

export const imap: Protocol = {
  name: "imap",
  transport: "tcp",
  ports: [143, 993],
  read(answer): Reading | null {
    const line = found(latin1(answer), /^\* (?:OK|PREAUTH|BYE)( [^\r\n]{0,1000})?\r\n/);
    if (line === null) return null;
    const product = PRODUCTS.find(([pattern]) => pattern.test(line))?.[1] ?? null;
    const isNamed = product !== null || /imap/i.test(line);
    const version = product === "Cyrus IMAP" ? found(line, /v?([0-9][\w.-]*) server/) : null;
    return reading("imap", isNamed ? "certain" : "likely", product, version);
  },
  follow: {
    greets: true,
    questions: [{
      send: bytesOf("a1 ID NIL\r\n"),
      enough: (bytes) => /(?:^|\n)a1 [^\n]*\n$/.test(latin1(bytes)),
    }],
    needed: ({ product, version }) => product === null || version === null,
    read(answer, known): Reading {
      const text = latin1(answer);
      const by = found(text, /^\* ID \((?:[^)]{0,400}? )?"name" "([^"]{1,80})"/i);
      const version = found(text, /^\* ID \((?:[^)]{0,400}? )?"version" "([^"]{1,80})"/i);
      const isSure = /(?:^|\n)a1 (?:OK|BAD|NO)/.test(text);
      return reading(
        "imap",
        isSure ? "certain" : known.confidence,
        known.product ?? by,
        version ?? known.version,
      );
    },
  },
  startTls: {
    name: "STARTTLS",
    greets: true,
    questions: [{ send: bytesOf("a1 STARTTLS\r\n"), enough: isLine }],
    ready: (answer) => /^a1 OK/i.test(latin1(answer)),
  },
};
