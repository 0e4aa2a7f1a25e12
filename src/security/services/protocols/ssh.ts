/** SSH (RFC 4253): the identification line is the greeting. @module */

import { found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Software names of the identification line, with the product's own spelling. */
const PRODUCTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^OpenSSH_for_Windows_(\S+)/, "OpenSSH for Windows"],
  [/^OpenSSH_(\S+)/, "OpenSSH"],
  [/^dropbear(?:_(\S+))?/, "Dropbear"],
  [/^libssh[_-](\S+)/, "libssh"],
  [/^Go$/, "Go x/crypto/ssh"],
  [/^AsyncSSH_(\S+)/, "AsyncSSH"],
  [/^paramiko_(\S+)/, "Paramiko"],
  [/^mod_sftp(?:\/(\S+))?/, "ProFTPD mod_sftp"],
];

export const ssh: Protocol = {
  name: "ssh",
  transport: "tcp",
  ports: [22, 2222],
  read(answer): Reading | null {
    const line = found(
      latin1(answer, 0, 1024),
      /^(?:[^\r\n]{0,255}\r?\n){0,8}?SSH-([0-9]\.[0-9]{1,2}-[^\r\n]{1,253})/,
    );
    if (line === null) return null;
    const dash = line.indexOf("-");
    const [software, ...comment] = line.slice(dash + 1).split(" ");
    const extra = [`protocol ${line.slice(0, dash)}`, ...comment].join(" ");
    for (const [pattern, product] of PRODUCTS) {
      const match = pattern.exec(software!);
      if (match !== null) return reading("ssh", "certain", product, match[1] ?? null, extra);
    }
    return reading("ssh", "certain", software, null, extra);
  },
};
