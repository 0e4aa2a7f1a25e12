/** MongoDB: `buildInfo` and `hello` need no login. @module */

import { bytesOf, concat, found, latin1, le32, u32le } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** A command in an OP_MSG, number 2013. */
function message(command: string): Uint8Array {
  const field = (type: number, name: string, value: Uint8Array | number[]): Uint8Array =>
    concat([type], bytesOf(name), [0], value);
  const database = bytesOf("admin");
  const fields = concat(
    field(0x10, command, le32(1)),
    field(0x02, "$db", concat(le32(database.length + 1), database, [0])),
  );
  const document = concat(le32(fields.length + 5), fields, [0]);
  const body = concat(le32(0), [0], document);
  return concat(le32(16 + body.length), le32(1), le32(0), le32(2013), body);
}

const isWhole = (bytes: Uint8Array): boolean =>
  bytes.length >= 16 && bytes.length >= u32le(bytes, 0);

export const mongodb: Protocol = {
  name: "mongodb",
  transport: "tcp",
  ports: [27017, 27018],
  question: { send: message("buildInfo"), enough: isWhole },
  read(answer): Reading | null {
    const length = u32le(answer, 0);
    const operation = u32le(answer, 12);
    if (length < 26 || length > 1_048_576 || (operation !== 2013 && operation !== 1)) return null;
    const text = latin1(answer, 16);
    // deno-lint-ignore no-control-regex
    if (!/[\x01\x10]ok\0|\x02version\0|\x02errmsg\0/.test(text)) return null;
    // deno-lint-ignore no-control-regex
    const version = found(text, /\x02version\0[^]{4}([0-9][\w.+-]{0,40})\0/);
    const isFerret = /ferretdb/i.test(text);
    return reading("mongodb", "certain", isFerret ? "FerretDB" : "MongoDB", version);
  },
};
