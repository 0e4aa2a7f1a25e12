/** The git daemon: a repository that nobody has is refused in a line of its own kind. @module */

import { bytesOf, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const git: Protocol = {
  name: "git",
  transport: "tcp",
  ports: [9418],
  question: { send: bytesOf("002bgit-upload-pack /none\0host=localhost\0") },
  read: (answer, asked): Reading | null =>
    asked === "git" && /^[0-9a-f]{4}(?:ERR |[0-9a-f]{40} )/.test(latin1(answer, 0, 64))
      ? reading("git", "certain", "git daemon")
      : null,
};
