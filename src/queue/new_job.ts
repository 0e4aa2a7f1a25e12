/**
 * Jobs on their way into a store. Small, because a hundred thousand of them may stand in memory: options are shared,
 * ids are made when they are asked for.
 *
 * @module
 */

import { idOf, nextSeq } from "./ids.ts";
import type { ResolvedJob } from "./options.ts";
import type { LiveJob, NewJob } from "./store.ts";

/** Where a job stands in a flow. */
export interface FlowPlace {
  readonly parent: string;
  readonly children: number;
  readonly tolerant: boolean;
}

/** A job to be added. */
export class JobToAdd implements NewJob {
  readonly seq: number = nextSeq();
  live: LiveJob | undefined = undefined;
  #id: string | undefined = undefined;

  constructor(
    readonly data: string,
    readonly options: ResolvedJob,
    readonly runAt: number,
    readonly flow: FlowPlace | undefined,
    readonly repeat: string,
  ) {}

  get id(): string {
    return this.#id ??= idOf(this.seq);
  }

  get priority(): number {
    return this.options.priority;
  }

  get retries(): number {
    return this.options.retries;
  }

  get backoffMs(): number {
    return this.options.backoffMs;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  get key(): string {
    return this.options.key;
  }

  get group(): string {
    return this.options.group;
  }

  get parent(): string {
    return this.flow === undefined ? "" : this.flow.parent;
  }

  get children(): number {
    return this.flow === undefined ? 0 : this.flow.children;
  }

  get tolerant(): boolean {
    return this.flow !== undefined && this.flow.tolerant;
  }
}
