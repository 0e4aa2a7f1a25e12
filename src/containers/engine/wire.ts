/**
 * The engine's JSON as far as it is read here. Every field may be missing or null: engines differ, and no answer is
 * trusted to have what its description says. Types only.
 *
 * @module
 */

/** A field that need not be there. */
type Maybe<T> = T | null | undefined;

/** `GET /version`. */
export interface WireVersion {
  Version?: Maybe<string>;
  ApiVersion?: Maybe<string>;
  MinAPIVersion?: Maybe<string>;
  Os?: Maybe<string>;
  Arch?: Maybe<string>;
}

/** `GET /info`. */
export interface WireInfo {
  ID?: Maybe<string>;
  Name?: Maybe<string>;
  OSType?: Maybe<string>;
  Architecture?: Maybe<string>;
  KernelVersion?: Maybe<string>;
  NCPU?: Maybe<number>;
  MemTotal?: Maybe<number>;
  SecurityOptions?: Maybe<string[]>;
  CgroupVersion?: Maybe<string>;
  CgroupDriver?: Maybe<string>;
  MemoryLimit?: Maybe<boolean>;
  SwapLimit?: Maybe<boolean>;
  CpuCfsQuota?: Maybe<boolean>;
  CPUCfsQuota?: Maybe<boolean>;
  PidsLimit?: Maybe<boolean>;
  Runtimes?: Maybe<Record<string, unknown>>;
  DefaultRuntime?: Maybe<string>;
  Driver?: Maybe<string>;
  Plugins?: Maybe<{ Log?: Maybe<string[]>; Network?: Maybe<string[]> }>;
  Swarm?: Maybe<{ LocalNodeState?: string; ControlAvailable?: boolean }>;
  Warnings?: Maybe<string[]>;
}
