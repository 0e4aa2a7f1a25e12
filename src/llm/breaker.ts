/**
 * Which of several models is asked first: one that failed several times in a row rests for a while, so that not every request
 * waits for its failure anew. Kept for each provider, over all runs of the program.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { ChatProvider } from "./types.ts";

/** So many failures in a row make a provider rest. */
export const FAILURES = 3;
/** So long; then one failure more is enough for the next rest. */
export const REST_MS = 30_000;

interface Health {
  failures: number;
  restsUntil: number;
}

const known = new WeakMap<ChatProvider, Health>();

/** Those that rest are behind the others: they are asked before it is said that nobody answers. */
export function inOrder(
  providers: readonly ChatProvider[],
  now: number = performance.now(),
): readonly ChatProvider[] {
  if (providers.length === 1) return providers;
  const rests = (one: ChatProvider): boolean => (known.get(one)?.restsUntil ?? 0) > now;
  if (!providers.some(rests)) return providers;
  return [...providers.filter((one) => !rests(one)), ...providers.filter(rests)];
}

/** It answered, and is well. */
export function noteAnswer(provider: ChatProvider): void {
  known.delete(provider);
}

/** It failed. What was wrong with the request says nothing of the provider. */
export function noteFailure(
  provider: ChatProvider,
  error: unknown,
  now: number = performance.now(),
): void {
  const isItsOwn = !AgentError.is(error) || AgentError.is(error, "UNAVAILABLE") ||
    AgentError.is(error, "TIMEOUT");
  if (!isItsOwn) return;
  const failures = (known.get(provider)?.failures ?? 0) + 1;
  known.set(provider, { failures, restsUntil: failures < FAILURES ? 0 : now + REST_MS });
}
