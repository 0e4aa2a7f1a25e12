/** RDP: a request for a connection (X.224, TPKT) is confirmed with what security the server wants. @module */

import { begins, hex, u16, u32le, u8 } from "../bytes.ts";
import { type Protocol, type Question, type Reading, reading } from "./protocol.ts";

/** Offers TLS and CredSSP. */
const REQUEST = hex("03 00 00 13 0e e0 00 00 00 00 00 01 00 08 00 03 00 00 00");
/** To what it does not understand xrdp says goodbye, as the layer above would; others say nothing. */
const GOODBYE = hex("03 00 00 09 02 f0 80 21 80");
const SECURITY: Readonly<Record<number, string>> = {
  0: "standard security",
  1: "TLS",
  2: "CredSSP",
  8: "CredSSP with early authorisation",
};

const QUESTION: Question = {
  send: REQUEST,
  enough: (bytes) => bytes.length >= 4 && bytes.length >= u16(bytes, 2),
};

export const rdp: Protocol = {
  name: "rdp",
  transport: "tcp",
  ports: [3389],
  question: QUESTION,
  read(answer): Reading | null {
    if (begins(answer, GOODBYE) && answer.length === GOODBYE.length) {
      return reading("rdp", "certain", "xrdp");
    }
    const length = u16(answer, 2);
    if (
      u8(answer, 0) !== 3 || u8(answer, 1) !== 0 || length < 11 || length > 64 ||
      u8(answer, 5) !== 0xd0
    ) {
      return null;
    }
    const kind = u8(answer, 11);
    // Neither answer nor refusal of the negotiation: a server of before it.
    if (kind !== 2 && kind !== 3) return reading("rdp", "certain", null, null, "standard security");
    if (kind === 3) return reading("rdp", "certain", null, null, "refuses the offered security");
    const extra = SECURITY[u32le(answer, 15)] ?? null;
    // Of what is offered a server of Microsoft takes CredSSP, and knows of more than the one trait that xrdp tells.
    const traits = u8(answer, 12);
    const isXrdp = traits === 1 && u32le(answer, 15) < 2;
    const product = isXrdp ? "xrdp" : traits > 1 ? "Microsoft Remote Desktop" : null;
    return reading("rdp", "certain", product, null, extra);
  },
  follow: {
    greets: false,
    questions: [QUESTION],
    needed: ({ extra }) => extra === null,
    read: (answer, known): Reading => rdp.read(answer, "rdp") ?? known,
  },
  startTls: {
    name: "RDP",
    greets: false,
    questions: [{ send: REQUEST, enough: (bytes) => bytes.length >= 19 }],
    ready: (answer) =>
      u8(answer, 5) === 0xd0 && u8(answer, 11) === 2 && [1, 2, 8].includes(u32le(answer, 15)),
  },
};
