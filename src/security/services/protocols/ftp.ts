/** FTP (RFC 959): greets with 220 and the product's name. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { isReply } from "./replies.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const PRODUCTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/\(vsFTPd ([\w.+-]+)\)/, "vsftpd"],
  [/ProFTPD (?:([0-9][\w.]*))?/, "ProFTPD"],
  [/Pure-FTPd/, "Pure-FTPd"],
  [/FileZilla Server(?: version)?(?: ([0-9][\w.]*))?/, "FileZilla Server"],
  [/Microsoft FTP Service/, "Microsoft FTP Service"],
  [/pyftpdlib (?:based ftp server|([0-9][\w.]*))/, "pyftpdlib"],
  [/FTP server \(Version ([\w.]+)/, "BSD ftpd"],
];

export const ftp: Protocol = {
  name: "ftp",
  transport: "tcp",
  ports: [21, 2121, 990],
  read(answer): Reading | null {
    const text = latin1(answer);
    if (!/^(?:220|120)[ -]/.test(text)) {
      return /^(?:421|500|530)[ -][^\r\n]*FTP/i.test(text) ? reading("ftp", "likely") : null;
    }
    for (const [pattern, product] of PRODUCTS) {
      const match = pattern.exec(text);
      if (match !== null) return reading("ftp", "certain", product, match[1] ?? null);
    }
    return /\bFTP\b/i.test(text)
      ? reading("ftp", "certain", null, null, found(text, /^220[ -]([^\r\n]{1,80})/))
      : null;
  },
  startTls: {
    name: "AUTH TLS",
    greets: true,
    questions: [{ send: bytesOf("AUTH TLS\r\n"), enough: isReply }],
    ready: (answer) => latin1(answer).startsWith("234"),
  },
};
