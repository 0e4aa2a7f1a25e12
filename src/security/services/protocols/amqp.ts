/** AMQP 0-9-1 and 1.0: the header of the protocol is answered by `Connection.Start`, or by a header. @module */

import { begins, bytesOf, concat, found, latin1, u16, u8 } from "../bytes.ts";
import { type Protocol, type Question, type Reading, reading } from "./protocol.ts";

/** A text of the server's table of properties: name, `S`, four bytes of length, text. */
function property(text: string, name: string): string | null {
  return found(text, new RegExp(`${name}S[^]{4}([ -~]{1,80})`));
}

const QUESTION: Question = { send: concat(bytesOf("AMQP"), [0, 0, 9, 1]) };

export const amqp: Protocol = {
  name: "amqp",
  transport: "tcp",
  ports: [5672, 5671],
  question: QUESTION,
  read(answer): Reading | null {
    if (begins(answer, "AMQP") && answer.length >= 8) {
      const version = [4, 5, 6, 7].map((at) => u8(answer, at)).join(".");
      return reading("amqp", "certain", null, null, `offers protocol ${version}`);
    }
    // A method frame of channel 0: class 10, method 10.
    if (
      u8(answer, 0) !== 1 || u16(answer, 1) !== 0 || u16(answer, 7) !== 10 || u16(answer, 9) !== 10
    ) {
      return null;
    }
    const text = latin1(answer, 11, 4096);
    // Texts end where the next field's name begins, whose length is a byte below 32.
    return reading(
      "amqp",
      "certain",
      property(text, "product"),
      property(text, "version"),
      "AMQP 0-9-1",
    );
  },
  follow: {
    greets: false,
    // To what is no header of its own a server only says which it has.
    questions: [QUESTION],
    needed: ({ product }) => product === null,
    read: (answer, known): Reading => amqp.read(answer, "amqp") ?? known,
  },
};
