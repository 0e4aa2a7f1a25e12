/** TLS that begins in the middle of a connection: the steps up to it. @module */

import type { StartTls } from "../protocols/protocol.ts";
import { ask, greeting, type Opener, type Talk } from "../talk.ts";

/** Opens connections that have come to where TLS begins; one that does not come there is closed. */
export function startedTls(opener: Opener, start: StartTls): Opener {
  return {
    pace: opener.pace,
    async open(): Promise<Talk> {
      const talk = await opener.open();
      if (start.greets) await greeting(talk, opener.pace);
      let last = new Uint8Array(0);
      for (const question of start.questions) {
        if (question.isSilent === true) {
          await talk.read(question.send, 1, 0, 1);
          last = new Uint8Array(0);
        } else last = new Uint8Array((await ask(talk, opener.pace, question)).bytes);
      }
      if (!start.ready(last)) talk.close();
      return talk;
    },
  };
}
