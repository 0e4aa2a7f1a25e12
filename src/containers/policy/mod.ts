/**
 * The policy: what a container may be, and the one builder of the engine's JSON for it.
 *
 * Every container of this package is asked for by {@linkcode createBody}; there is no other way, and no field that
 * passes the engine's own JSON through.
 *
 * @module
 */

export { apiAtLeast } from "./api_version.ts";
export { createBody } from "./body.ts";
export { CAPABILITIES } from "./capabilities.ts";
export { factsOf } from "./facts.ts";
export { acceptedWeaker, CONTROL_NAMES, refuseGaps } from "./gaps.ts";
export { knownFields, suggestion } from "../../shared/known_fields.ts";
export { enginePids, isGvisor, judgeLimits, LIMIT_NAMES } from "./limits.ts";
export {
  forgetOwner,
  isOwnerGone,
  LABEL,
  LOCK_FOLDER,
  newOwner,
  type Owner,
  ownerLabels,
  type Ownership,
  readOwnership,
} from "./owner.ts";
export { isLoopback, LOOPBACK } from "./ports.ts";
export { readRecord, type RequestRecord, withRecord } from "./record.ts";
export { profileFile, seccompProfile, writeProfiles } from "./seccomp.ts";
export { DENIED_CALLS } from "./seccomp_data.ts";
export { serviceBody } from "./swarm.ts";
export type { ServiceBody, ServiceSecret } from "./swarm.ts";
export type * from "./types.ts";
export {
  checkCommandSize,
  commandWords,
  containerPath,
  environment,
  hostName,
  imageReference,
  labelsOf,
  literalAddress,
  objectName,
  userIds,
} from "./words.ts";
