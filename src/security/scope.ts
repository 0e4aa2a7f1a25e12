/**
 * Which addresses may be probed at all: those of this machine and of private networks. Everybody
 * else's need an authorisation, and some (metadata services, multicast, broadcast) are no targets.
 *
 * Decided on resolved, literal addresses, so that no spelling and no name leads round it.
 *
 * @module
 */

import { addressKind, isLocalKind, isTunnelled } from "../shared/addresses.ts";
import { AgentError } from "../shared/errors.ts";

/**
 * Refuses a target of which one address is out of scope.
 *
 * @param target What the caller named.
 * @param addresses What it resolves to.
 * @throws {AgentError} `SCOPE`.
 */
export function checkScope(target: string, addresses: readonly string[]): void {
  for (const address of addresses) {
    const kind = addressKind(address);
    // Through a gateway it would be somebody else's network that is probed.
    if (isLocalKind(kind) && !isTunnelled(address)) continue;
    const reason = kind === "metadata"
      ? "a metadata service"
      : "not an address of this machine or of a private network";
    const which = target === address ? target : `${target} (${address})`;
    throw new AgentError("SCOPE", `${which} is ${reason}, and is not probed`, {
      target,
      address,
      reason,
    });
  }
}
