/** POP3 (RFC 1939): greets with +OK. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { isLine, type Protocol, type Reading, reading } from "./protocol.ts";

const PRODUCTS = [[/Dovecot/i, "Dovecot"], [/Cyrus POP3/i, "Cyrus POP3"], [/Courier/i, "Courier"], [
  /Microsoft Exchange/i,
  "Microsoft Exchange",
]] as const;

// Each line can be read in one way only: of two, a list without an end takes twice as long with every line.
const CAPABILITIES = /^\+OK[^\r\n]*\r\n(?:[A-Z0-9-]+(?:[^A-Z0-9\r\n-][^\r\n]*)?\r\n)*\.\r\n/;

export const pop3: Protocol = {
  name: "pop3",
  transport: "tcp",
  ports: [110, 995],
  read(answer): Reading | null {
    const text = latin1(answer);
    // Of a TLS port's and NATS' "+OK" nothing follows that names POP3.
    const line = found(text, /^\+OK(?: ([^\r\n]{0,300}))?\r\n/) ??
      (/^\+OK\r\n/.test(text) ? "" : null);
    if (line === null) return null;
    const product = PRODUCTS.find(([pattern]) => pattern.test(line))?.[1] ?? null;
    const named = product !== null || /pop3?|<[^<>@\s]+@[^<>\s]+>/i.test(line);
    const version = product === "Cyrus POP3" ? found(line, /v([0-9][\w.-]*)/) : null;
    return reading("pop3", named ? "certain" : "likely", product, version);
  },
  follow: {
    greets: true,
    questions: [{
      send: bytesOf("CAPA\r\n"),
      enough: (bytes) => /\r\n\.\r\n$|^-ERR[^\n]*\n$/.test(latin1(bytes)),
    }],
    needed: ({ product }) => product === null,
    read(answer, known): Reading {
      const text = latin1(answer);
      const by = found(text, /\r\nIMPLEMENTATION ([^\r\n]{1,80})/i);
      const isSure = CAPABILITIES.test(text);
      return reading(
        "pop3",
        isSure ? "certain" : known.confidence,
        by ?? known.product,
        known.version,
      );
    },
  },
  startTls: {
    name: "STLS",
    greets: true,
    questions: [{ send: bytesOf("STLS\r\n"), enough: isLine }],
    ready: (answer) => latin1(answer).startsWith("+OK"),
  },
};
