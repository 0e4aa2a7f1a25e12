/**
 * Whether a listener of this machine speaks TLS, and with which certificate: a look at TLS alone, so that no more is said to the
 * program behind than that takes.
 *
 * @module
 */

import { pick } from "../../../native/choose.ts";
import { authority, mayDial } from "../../../shared/access.ts";
import { AgentError } from "../../../shared/errors.ts";
import type { CallOptions } from "../../../shared/implementation.ts";
import { checkAddresses, ownNetworks } from "../../scope/policy.ts";
import { NO_CONNECTION } from "../conversation.ts";
import { nativeCarrier } from "../exchange/native.ts";
import { pureCarrier } from "../exchange/pure.ts";
import { NATIVE_FROM, SILENT_PORTS } from "../identify.ts";
import { PROTOCOLS } from "../protocols/mod.ts";
import { recognise } from "../protocols/recognise.ts";
import { ask, greeting, type Opener, paceOf, PlainTalk } from "../talk.ts";
import { isTlsAnswer, lookAtTls, TLS_QUESTION } from "./look.ts";
import { startedTls } from "./start.ts";
import type { TlsReport } from "./types.ts";

const TCP = PROTOCOLS.filter(({ transport }) => transport === "tcp");
/** The longest wait for one answer, in milliseconds: it is this machine that answers. */
const TIMEOUT_MS = 1_500;

/**
 * Looks at TLS of a listener: at once, or by the command that its protocol has for it (STARTTLS).
 *
 * @param address A literal address.
 * @param port The port.
 * @param options Which twin carries the bytes, and a signal.
 * @returns What it offers; null if it offers nothing.
 * @throws {AgentError} `SCOPE`; `PERMISSION`; `UNAVAILABLE` where nothing can be said, with the reason; the signal's reason.
 */
export async function inspectTls(
  address: string,
  port: number,
  { implementation, signal }: Pick<CallOptions, "implementation" | "signal">,
): Promise<TlsReport | null> {
  signal?.throwIfAborted();
  checkAddresses(address, [address], { authorized: undefined, networks: ownNetworks() });
  const target = authority(address, port);
  if (!mayDial(address, port)) {
    throw new AgentError("PERMISSION", `needs --allow-net=${target}`, {
      permission: "net",
      target,
    });
  }
  const unknown = (reason: string): AgentError<"UNAVAILABLE"> =>
    new AgentError("UNAVAILABLE", reason, { server: target });
  if (SILENT_PORTS.has(port)) {
    throw unknown("this port is not spoken to: it may be a printer's or a plant's");
  }
  const isNative = pick("security", NATIVE_FROM, NATIVE_FROM, implementation);
  const carrier = isNative ? nativeCarrier : pureCarrier;
  const pace = paceOf(0, TIMEOUT_MS);
  const opener: Opener = {
    pace,
    open: () => Promise.resolve(new PlainTalk(carrier, { address, port }, pace, signal)),
  };
  using talk = await opener.open();
  const { end, bytes } = await greeting(talk, pace);
  signal?.throwIfAborted();
  const none = NO_CONNECTION[end];
  if (none !== undefined) throw unknown(none);
  if (end === "full" || end === "late") {
    throw unknown("it says more than a greeting, without an end");
  }
  let known = recognise(TCP, bytes, "")?.protocol;
  if (bytes.length === 0) {
    if (end !== "silent") throw unknown("it closes without a word");
    // Protocols in which the client speaks first, and asks for TLS in the clear.
    known = TCP.find(({ ports, startTls }) =>
      ports.includes(port) && startTls !== undefined && !startTls.greets
    );
    if (known === undefined) {
      const answer = await ask(talk, pace, TLS_QUESTION);
      signal?.throwIfAborted();
      if (isTlsAnswer(answer.bytes)) return await lookAtTls(opener, null, null);
      if (answer.bytes.length === 0 && answer.end === "silent") {
        throw unknown(`it gave no answer in ${pace.firstMs} ms`);
      }
      return null;
    }
  }
  talk.close();
  if (known?.startTls === undefined) return null;
  return await lookAtTls(startedTls(opener, known.startTls), null, known.startTls.name);
}
