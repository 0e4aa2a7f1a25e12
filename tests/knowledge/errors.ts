/**
 * Assertions on the errors of the knowledge area.
 *
 * @module
 */
import assert from "assertions";
import { AgentError, type AgentErrorCode } from "@agent/runtime/knowledge";

/** Asserts that work fails with an `AgentError` of a code whose message holds some words. */
export async function assertAgentError(
  work: () => unknown,
  code: AgentErrorCode,
  ...words: readonly string[]
): Promise<AgentError> {
  let caught: unknown;
  try {
    await work();
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof AgentError, `no AgentError but ${String(caught)}`);
  assert.equal(caught.code, code, caught.message);
  for (const word of words) {
    assert.ok(caught.message.includes(word), `"${word}" in ${caught.message}`);
  }
  return caught;
}
