/**
 * Where answers are kept between questions: beside the documents, in a cache of the caller's, or
 * nowhere. An answer is never given after the documents that it came from have changed.
 *
 * @module
 */
import type { Knowledge } from "../knowledge/types.ts";
import { normalized } from "../shared/normal_form.ts";
import { hash } from "../text/hash/mod.ts";
import type { AgentOptions, Answer } from "./types.ts";

/** Grows when the same documents would give another answer. */
const ANSWERING = 4;

/** Keeps answers by key. */
export class AnswerStore {
  /** Where they are kept. */
  readonly kind: "knowledge" | "custom" | "off";
  readonly #knowledge: Knowledge;
  readonly #cache: AgentOptions["cache"];
  /** Two stores in memory have the same name, and may share a cache. */
  readonly #identity: string;

  constructor(knowledge: Knowledge, cache: AgentOptions["cache"]) {
    this.#knowledge = knowledge;
    this.#cache = cache;
    this.kind = cache === false ? "off" : typeof cache === "object" ? "custom" : "knowledge";
    this.#identity = knowledge.path === ":memory:" ? crypto.randomUUID() : knowledge.path;
  }

  /** An answer made before from the same documents, as it was. */
  get(key: string): Answer | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : readAnswer(text);
  }

  /** The text of an answer made before from the same documents; the store drops its own when they change. */
  text(key: string): string | undefined {
    if (this.kind === "off") return undefined;
    return typeof this.#cache === "object"
      ? this.#cache.get(this.#keyAt(key, this.#knowledge.revision))
      : this.#knowledge.derived.get(key);
  }

  /** Keeps an answer made at a revision. */
  set(key: string, revision: number, answer: Answer): void {
    if (this.kind === "off") return;
    const text = JSON.stringify(answer);
    if (typeof this.#cache === "object") this.#cache.set(this.#keyAt(key, revision), text);
    else this.#knowledge.derived.set(key, text, revision);
  }

  /** Drops all answers. */
  clear(): void {
    if (typeof this.#cache === "object") this.#cache.clear();
    else if (this.kind === "knowledge") this.#knowledge.derived.clear();
  }

  #keyAt(key: string, revision: number): string {
    return JSON.stringify([this.#identity, revision, key]);
  }
}

/** The answer that a kept text says; undefined if it was not written by us, so that it has to be found again. */
export function readAnswer(text: string): Answer | undefined {
  try {
    const answer: Answer = JSON.parse(text);
    return typeof answer.answer === "string" ? { ...answer, cached: true } : undefined;
  } catch {
    return undefined;
  }
}

/** The key of a question: what it says, and everything else that its answer depends on. */
export function answerKey(query: string, settings: readonly unknown[]): string {
  const same = normalized(query.toWellFormed(), "NFC").toLowerCase().trim().replace(/\s+/g, " ")
    .replace(
      /[\s?!.]+$/,
      "",
    );
  return `answer:${hash(JSON.stringify([ANSWERING, same, ...settings]))}`;
}
