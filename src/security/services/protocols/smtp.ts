/** SMTP (RFC 5321): greets with 220, as FTP does, and is told from it by its words or by EHLO. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { isReply } from "./replies.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const PRODUCTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/\bExim (?:([0-9][\w.-]*))?/, "Exim"],
  [/\bPostfix\b(?: ([0-9][\w.-]*))?/, "Postfix"],
  [/\bSendmail (?:([0-9][\w.]*))?/, "Sendmail"],
  [/\bOpenSMTPD\b/, "OpenSMTPD"],
  [/Microsoft ESMTP MAIL Service(?:, Version: ([0-9.]+))?/, "Microsoft Exchange or IIS SMTP"],
  [/\bHaraka(?:\/([0-9][\w.]*))?/, "Haraka"],
  [/\bHaraka\b/, "Haraka"],
  [/\bMailHog\b/, "MailHog"],
  [/\bqmail\b/i, "qmail"],
];
const EHLO = bytesOf("EHLO localhost\r\n");

export const smtp: Protocol = {
  name: "smtp",
  transport: "tcp",
  ports: [25, 587, 465, 2525],
  read(answer): Reading | null {
    const text = latin1(answer);
    const line = found(text, /^220[ -]([^\r\n]{0,500})\r?\n/);
    if (line === null) {
      return /^(?:421|554)[ -][^\r\n]*(?:SMTP|mail)/i.test(text) ? reading("smtp", "likely") : null;
    }
    for (const [pattern, product] of PRODUCTS) {
      const match = pattern.exec(line);
      if (match !== null) {
        // Postfix has no version in its greeting as it comes; what stands in brackets there is the system.
        const system = found(line, /\(([^)]{1,60})\)/);
        return reading("smtp", "certain", product, match[1] ?? null, system);
      }
    }
    if (/\bE?SMTP\b/i.test(line)) return reading("smtp", "certain");
    return /FTP/i.test(line) ? null : reading("smtp", "guess");
  },
  follow: {
    greets: true,
    questions: [{ send: EHLO, enough: isReply }],
    needed: ({ confidence }) => confidence === "guess",
    read: (answer, known): Reading =>
      /^250[ -]/.test(latin1(answer))
        ? { ...known, confidence: "certain" }
        : reading("ftp", "likely"),
  },
  startTls: {
    name: "STARTTLS",
    greets: true,
    questions: [{ send: EHLO, enough: isReply }, {
      send: bytesOf("STARTTLS\r\n"),
      enough: isReply,
    }],
    ready: (answer) => /^220[ -]/.test(latin1(answer)),
  },
};
