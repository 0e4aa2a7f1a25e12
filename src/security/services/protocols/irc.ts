/** IRC: servers speak first, in lines with a prefix. @module */

import { found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const irc: Protocol = {
  name: "irc",
  transport: "tcp",
  ports: [6667, 6697],
  read(answer): Reading | null {
    const text = latin1(answer);
    const host = found(text, /^:([\w.:-]{1,100}) (?:NOTICE (?:AUTH|\*|Auth) :|020 \* :|451 )/);
    if (host !== null) return reading("irc", "certain", null, null, host);
    return /^(?:NOTICE AUTH :|ERROR :(?:Closing [Ll]ink|Trying to reconnect))/.test(text)
      ? reading("irc", "certain")
      : null;
  },
};
