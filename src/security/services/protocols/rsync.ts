/** The rsync daemon: greets with its protocol. @module */

import { found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const rsync: Protocol = {
  name: "rsync",
  transport: "tcp",
  ports: [873],
  read(answer): Reading | null {
    const version = found(latin1(answer), /^@RSYNCD: ([0-9]{1,3}(?:\.[0-9]{1,3})?)[ \n]/);
    return version === null
      ? null
      : reading("rsync", "certain", "rsync", null, `protocol ${version}`);
  },
};
