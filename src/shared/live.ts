/**
 * Parts of the runtime that are alive in this isolate, for whoever wants to show how they do: each says once that it is
 * there, and is asked when somebody looks. Nothing is counted, called or kept for it in between.
 *
 * It keeps no part alive: one that is forgotten without being closed leaves by itself.
 *
 * @module
 */

/** The kinds of parts. */
export type LiveKind = "cache" | "queue" | "http" | "ring";

/** Numbers of a part, which add up over the parts of a kind; null where one is not known. */
export type LiveNumbers = Record<string, number | null>;

/** A part that is alive. */
export interface LivePart {
  /** What it is. */
  readonly kind: LiveKind;
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** Whether parts of its kind and name are views of the same thing, rather than things of their own. */
  readonly isView: boolean;
  /** Asks it. */
  read(): LiveNumbers;
}

interface Entry {
  readonly kind: LiveKind;
  readonly name: string | undefined;
  readonly isView: boolean;
  readonly part: WeakRef<object>;
  readonly look: (part: never) => LiveNumbers;
}

const entries = new Set<Entry>();
/** By part, so that one that is closed leaves at once. */
const byPart = new WeakMap<object, Entry>();
/** At so many, those that are gone are looked for. */
let sweepAt = 64;

/**
 * Says that a part is there.
 *
 * @param kind What it is.
 * @param part The part. `look` gets it back, and must not hold it otherwise.
 * @param look Reads its numbers; quick, and without asking anything outside of the process.
 * @param name Its name, if it has one.
 * @param isView Whether others of the same name are views of the same thing.
 */
export function announce<P extends object>(
  kind: LiveKind,
  part: P,
  look: (part: P) => LiveNumbers,
  name?: string,
  isView = true,
): void {
  if (entries.size >= sweepAt) {
    sweep();
    sweepAt = Math.max(64, 2 * entries.size);
  }
  const entry: Entry = { kind, name, isView, part: new WeakRef(part), look };
  byPart.set(part, entry);
  entries.add(entry);
}

/** Says that a part is closed. Without that it leaves when it is forgotten. */
export function retire(part: object): void {
  const entry = byPart.get(part);
  if (entry !== undefined) entries.delete(entry);
}

/** The parts that are alive, in the order in which they were announced. */
export function liveParts(): LivePart[] {
  const parts: LivePart[] = [];
  for (const entry of entries) {
    const { kind, name, isView, part, look } = entry;
    const alive = part.deref();
    if (alive === undefined) entries.delete(entry);
    else parts.push({ kind, name, isView, read: () => look(alive as never) });
  }
  return parts;
}

function sweep(): void {
  for (const entry of entries) {
    if (entry.part.deref() === undefined) entries.delete(entry);
  }
}
