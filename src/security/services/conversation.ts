/**
 * Finds out what a server speaks: first its greeting, then questions of one protocol after the other, each answer read
 * by every protocol. Knows nothing of TLS but how its beginning looks.
 *
 * @module
 */

import { bannerOf } from "./banner.ts";
import type { End } from "./exchange/types.ts";
import { PROTOCOLS } from "./protocols/mod.ts";
import type { Protocol, Reading } from "./protocols/protocol.ts";
import { recognise, type Recognised } from "./protocols/recognise.ts";
import { ask, greeting, type Opener, type Talk } from "./talk.ts";
import { isTlsAnswer, TLS_QUESTION } from "./tls/look.ts";
import type { Banner } from "./types.ts";

const TCP = PROTOCOLS.filter(({ transport }) => transport === "tcp");

/** How many questions of the rarer protocols are asked at once. */
const AT_ONCE = 5;

/** Ends that say that there is no connection. */
export const NO_CONNECTION: Partial<Record<End, string>> = {
  refused: "nothing listens there",
  unreachable: "there is no way there",
  prohibited: "a firewall of this machine forbids it",
  timeout: "it took no connection in time",
};

/** What a conversation found. */
export interface Found {
  readonly recognised: Recognised | null;
  /** What it was recognised by; see `ServiceReport.how`. */
  readonly how: string;
  readonly banner: Banner | null;
  /** Whether it begins with TLS. */
  readonly isTls: boolean;
  readonly reason: string | null;
}

/** Asks a server until it is recognised. */
export async function converse(opener: Opener, port: number, mayBeTls: boolean): Promise<Found> {
  const found = (
    how: string,
    banner: Banner | null,
    recognised: Recognised | null,
    reason: string | null = null,
  ): Found => ({ how, banner, recognised, isTls: false, reason });

  let banner: Banner | null = null;
  const talk = await opener.open();
  let first: Talk | undefined = talk;
  try {
    const { end, bytes } = await greeting(talk, opener.pace);
    const none = NO_CONNECTION[end];
    if (none !== undefined) return found("none", null, null, none);
    banner = bannerOf(bytes, end === "full");
    const recognised = recognise(TCP, bytes, "");
    if (recognised !== null) {
      talk.close();
      return found("greeting", banner, await deepen(opener, recognised));
    }
    // What keeps talking without end, or ended without a word, is not asked again and again.
    if (end === "full" || end === "late") {
      return found("none", banner, null, "it says more than a greeting, without an end");
    }
    if (end !== "silent") first = undefined;
    if (bytes.length === 0 && first === undefined) {
      return found("none", null, null, "it closes without a word");
    }

    const take = (): Promise<Talk> | Talk => {
      const taken = first;
      first = undefined;
      return taken ?? opener.open();
    };
    let lastEnd: End = end;
    const tryOne = async (name: string, question: Protocol["question"]): Promise<Found | null> => {
      using asked = await take();
      const answer = await ask(asked, opener.pace, question!);
      asked.close();
      lastEnd = answer.end;
      banner ??= bannerOf(answer.bytes, answer.end === "full");
      if (mayBeTls && isTlsAnswer(answer.bytes)) {
        return { how: "tls", banner: null, recognised: null, isTls: true, reason: null };
      }
      const known = recognise(TCP, answer.bytes, name);
      if (known === null) return null;
      const shown = bannerOf(answer.bytes, answer.end === "full");
      return found(`probe:${name}`, shown, await deepen(opener, known));
    };

    const asking = TCP.filter(({ question }) => question !== undefined);
    const usual = asking.filter(({ ports }) => ports.includes(port));
    for (const { name, question } of usual) {
      const result = await tryOne(name, question);
      if (result !== null) return result;
    }
    if (mayBeTls) {
      const result = await tryOne("tls", TLS_QUESTION);
      if (result !== null) return result;
    }
    const rest = asking.filter((protocol) => !usual.includes(protocol));
    // The first of them, HTTP, is much the most frequent.
    for (let at = 0; at < rest.length;) {
      const some = rest.slice(at, at + (at === 0 ? 1 : AT_ONCE));
      at += some.length;
      const results = await Promise.all(some.map(({ name, question }) => tryOne(name, question)));
      const result = results.find((one) => one !== null);
      if (result !== undefined) return result;
      if (lastEnd === "refused") {
        return found("none", banner, null, "it stopped taking connections");
      }
    }
    const reason = banner === null
      ? "it answers no question"
      : "its answers fit no protocol that is known";
    return found("none", banner, null, reason);
  } finally {
    talk.close();
  }
}

/** Asks once more for product and version, where a first answer did not tell. */
async function deepen(opener: Opener, known: Recognised): Promise<Recognised> {
  const { follow } = known.protocol;
  if (follow === undefined || !follow.needed(known.reading)) return known;
  using talk = await opener.open();
  if (follow.greets && (await greeting(talk, opener.pace)).bytes.length === 0) return known;
  let reading: Reading = known.reading;
  for (const question of follow.questions) {
    const { end, bytes } = await ask(talk, opener.pace, question);
    if (bytes.length > 0) reading = follow.read(bytes, reading);
    if (end !== "quiet") break;
  }
  return { ...known, reading };
}
