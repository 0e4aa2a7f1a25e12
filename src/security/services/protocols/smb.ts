/** SMB 2 and 3: the negotiation, which comes before any login. @module */

import { begins, bytesOf, concat, hex, latin1, u24, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Offers 2.0.2, 2.1, 3.0 and 3.0.2; those need no further contexts. */
const DIALECTS = hex("0202 1002 0003 0203");
const HEADER = concat(
  bytesOf("SMB"),
  hex(
    "4000 0000 00000000 0000 1f00 00000000 00000000 0000000000000000 fffe0000 00000000 0000000000000000",
  ),
  new Uint8Array(16),
);
const NEGOTIATE = concat(
  hex("2400 0400 0100 0000 7f000000"),
  bytesOf("AGENT-negotiate!"),
  new Uint8Array(8),
  DIALECTS,
);
const MESSAGE = concat([0xfe], HEADER, NEGOTIATE);

export const smb: Protocol = {
  name: "smb",
  transport: "tcp",
  ports: [445, 139],
  question: {
    send: concat([0, 0, 0, MESSAGE.length], MESSAGE),
    enough: (bytes) => bytes.length >= 4 && bytes.length >= 4 + u24(bytes, 1),
  },
  read(answer): Reading | null {
    if (u8(answer, 0) !== 0) return null;
    if (begins(answer, concat([0xff], bytesOf("SMB")), 4)) {
      return reading("smb", "certain", null, null, "SMB 1");
    }
    if (!begins(answer, concat([0xfe], bytesOf("SMB")), 4) || u8(answer, 16) !== 0) return null;
    const dialect = u8(answer, 72) + u8(answer, 73) * 256;
    const shown = dialect > 0 && dialect < 0x0400
      ? `SMB ${dialect >> 8}.${(dialect >> 4) & 15}${dialect & 15 ? `.${dialect & 15}` : ""}`
      : null;
    // Samba writes its NetBIOS name where others have random numbers.
    const name = latin1(answer, 76, 92);
    const isSamba = /^[A-Za-z0-9][A-Za-z0-9_-]{0,15}\0*$/.test(name) && name.length === 16;
    return isSamba
      ? reading("smb", "certain", "Samba", null, `${shown ?? "SMB 2"}, ${name.replace(/\0+$/, "")}`)
      : reading("smb", "certain", null, null, shown ?? "SMB 2");
  },
};
