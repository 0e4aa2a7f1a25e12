/** LDAP (RFC 4511): the root entry is there for everybody to read. @module */

import { bytesOf, concat, latin1, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** A value of BER of less than 128 bytes. */
function ber(tag: number, ...content: readonly (Uint8Array | number[])[]): Uint8Array {
  const bytes = concat(...content);
  return concat([tag, bytes.length], bytes);
}

const text = (value: string): Uint8Array => ber(4, bytesOf(value));
const ATTRIBUTES = ["objectClass", "vendorName", "vendorVersion", "dnsHostName"];

/** Searches the entry without a name, itself only, for what it says of its maker. */
const SEARCH = ber(
  0x30,
  [2, 1, 1],
  ber(
    0x63,
    text(""),
    [10, 1, 0, 10, 1, 0, 2, 1, 1, 2, 1, 2, 1, 1, 0],
    ber(0x87, bytesOf("objectClass")),
    ber(0x30, ...ATTRIBUTES.map(text)),
  ),
);
const EXTENDED = ber(0x30, [2, 1, 1], ber(0x77, ber(0x80, bytesOf("1.3.6.1.4.1.1466.20037"))));

/** Where the protocol's operation begins in a message with number 0 or 1; -1 if it is none. */
function operationAt(bytes: Uint8Array): number {
  if (u8(bytes, 0) !== 0x30) return -1;
  const first = u8(bytes, 1);
  const at = first < 128 ? 2 : first <= 0x84 ? 2 + (first & 127) : -1;
  return at > 0 && u8(bytes, at) === 2 && u8(bytes, at + 1) === 1 && u8(bytes, at + 2) <= 1
    ? at + 3
    : -1;
}

/** The first value of an attribute in an entry: its name, a set, a text of less than 128 bytes. */
function valueOf(entry: string, name: string): string | null {
  const at = entry.indexOf(`\x04${String.fromCharCode(name.length)}${name}1`);
  if (at < 0) return null;
  const start = at + 3 + name.length;
  const value = start + (entry.charCodeAt(start) < 128 ? 1 : 1 + (entry.charCodeAt(start) & 127));
  const length = entry.charCodeAt(value + 1);
  return entry.charCodeAt(value) === 4 && length < 128
    ? entry.slice(value + 2, value + 2 + length)
    : null;
}

export const ldap: Protocol = {
  name: "ldap",
  transport: "tcp",
  ports: [389, 636, 3268],
  question: { send: SEARCH },
  read(answer): Reading | null {
    const operation = u8(answer, operationAt(answer));
    // An entry, the end of a search, or an answer that nobody asked for (the server ends the connection).
    if (operation !== 0x64 && operation !== 0x65 && operation !== 0x78) return null;
    const entry = latin1(answer, 0, 4096);
    const vendor = valueOf(entry, "vendorName");
    if (vendor !== null) return reading("ldap", "certain", vendor, valueOf(entry, "vendorVersion"));
    if (entry.includes("OpenLDAProotDSE")) return reading("ldap", "certain", "OpenLDAP");
    const host = valueOf(entry, "dnsHostName");
    return reading("ldap", "certain", host === null ? null : "Active Directory", null, host);
  },
  startTls: {
    name: "StartTLS",
    greets: false,
    questions: [{ send: EXTENDED, enough: (bytes) => bytes.length >= 12 }],
    ready(answer): boolean {
      const at = operationAt(answer);
      if (u8(answer, at) !== 0x78) return false;
      const first = u8(answer, at + 1);
      const result = at + 2 + (first < 128 ? 0 : first & 127);
      return u8(answer, result) === 10 && u8(answer, result + 1) === 1 &&
        u8(answer, result + 2) === 0;
    },
  },
};
