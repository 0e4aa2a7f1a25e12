/** XMPP (RFC 6120): the opening of a stream is answered by one. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const xmpp: Protocol = {
  name: "xmpp",
  transport: "tcp",
  ports: [5222, 5269],
  question: {
    send: bytesOf(
      "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' " +
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
    ),
  },
  read(answer): Reading | null {
    const text = latin1(answer);
    if (!/^(?:<\?xml[^>]{0,100}\?>)?\s*<stream:(?:stream|error)\b/.test(text)) return null;
    const product = /prosody/i.test(text)
      ? "Prosody"
      : /ejabberd|process-one/i.test(text)
      ? "ejabberd"
      : null;
    return reading("xmpp", "certain", product, null, found(text, /\bfrom=['"]([^'"]{1,80})['"]/));
  },
};
