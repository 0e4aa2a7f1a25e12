/**
 * Operations by the signal that ends them: one listener a signal, however many operations there are, since listening
 * costs more than an operation does.
 *
 * @module
 */

/** What a signal can end. */
export interface Cancellable {
  /** Ends it with a reason. */
  cancel(reason: unknown): void;
}

class Group {
  readonly members = new Set<Cancellable>();
  readonly #signal: AbortSignal;
  readonly #end = (): void => {
    for (const member of [...this.members]) member.cancel(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#end, { once: true });
  }

  forget(): void {
    this.#signal.removeEventListener("abort", this.#end);
  }
}

/** The signals that are listened to. */
export class Signals {
  readonly #groups = new Map<AbortSignal, Group>();

  /** Ends a member when the signal fires. */
  add(signal: AbortSignal, member: Cancellable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) this.#groups.set(signal, group = new Group(signal));
    group.members.add(member);
  }

  /** Leaves a member alone from now on. */
  remove(signal: AbortSignal, member: Cancellable): void {
    const group = this.#groups.get(signal);
    if (group?.members.delete(member) !== true || group.members.size > 0) return;
    group.forget();
    this.#groups.delete(signal);
  }
}
