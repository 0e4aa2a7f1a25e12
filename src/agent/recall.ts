/**
 * Questions that were asked before: what was made of their words, and the answer that was read for them last. The truth about
 * answers stays where they are kept; here is only what reading one anew would come to again.
 *
 * @module
 */

import type { ChatProvider } from "../llm/types.ts";
import type { Implementation } from "../shared/implementation.ts";
import { answerKey } from "./answer_store.ts";
import { GENERAL } from "./domains.ts";
import type { pickDomain, PickedDomain } from "./domains/routing.ts";
import type { Agent, Answer, ContextItem, DomainProfile } from "./types.ts";

/** So many questions are remembered. */
const MOST = 1_000;
/** Longer questions are not. */
const LONGEST = 2_000;

/** What a question is read by. */
export interface ReadBy {
  /** The domains that there are. */
  readonly domains: Readonly<Record<string, DomainProfile>>;
  /** The model that would answer. */
  readonly model: ChatProvider | undefined;
}

/** What the words of a question come to while domains and model are the same. */
export interface Read extends ReadBy {
  /** Who answers. */
  readonly domain: string;
  /** Why, where nobody was asked for. */
  readonly picked: string | undefined;
  /** Its keywords. */
  readonly keywords: readonly string[];
  /** Under which name its answer is kept. */
  readonly key: string;
}

interface Entry extends Read {
  /** The kept text that was read last, and what it says. */
  text?: string;
  answer?: Answer | undefined;
}

/** Reads questions, and remembers those that were read lately. */
export class Questions {
  readonly #implementation: Implementation | undefined;
  readonly #entries = new Map<string, Entry>();
  #pickDomain: typeof pickDomain | undefined;

  constructor(implementation: Implementation | undefined) {
    this.#implementation = implementation;
  }

  /** What the words of a question come to; `asked` is the domain that is to answer. */
  async read(query: string, asked: string | undefined, by: ReadBy): Promise<Read> {
    const known = this.known(query, asked, by);
    if (known !== undefined) return known;
    const { keywordsOf } = await import("./answering.ts");
    const keywords = keywordsOf(query, this.#implementation);
    let domain = domainOf(asked, by.domains);
    let picked: string | undefined;
    if (asked === undefined) {
      const { domain: name, reason } = await this.pick(query, by.domains);
      domain = name;
      picked = `Answered as ${name}: ${reason}.`;
    }
    const entry: Entry = { ...by, domain, picked, keywords, key: keyOf(query, domain, by) };
    if (query.length <= LONGEST) this.#entries.set(nameOf(query, asked), entry);
    for (const name of this.#entries.keys()) {
      if (this.#entries.size <= MOST) break;
      this.#entries.delete(name);
    }
    return entry;
  }

  /** What is known of a question that was read before, if that still holds. */
  known(query: string, asked: string | undefined, by: ReadBy): Read | undefined {
    const name = nameOf(query, asked);
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    if (entry.domains !== by.domains || entry.model !== by.model) return undefined;
    this.#entries.set(name, entry); // behind all others: the first goes first
    return entry;
  }

  /** The domain that is meant, where none was asked for. */
  async pick(text: string, domains: ReadBy["domains"]): Promise<PickedDomain> {
    // An import is dearer than a whole turn of the loop, also of what is loaded.
    this.#pickDomain ??= (await import("./domains/routing.ts")).pickDomain;
    return this.#pickDomain(text, domains, GENERAL);
  }

  /**
   * The answer that a kept text says; the same object as long as it is the same text.
   *
   * @param read What {@linkcode known} gave.
   * @param text The text.
   * @param parse Reads it; undefined if it is none.
   */
  answer(
    read: Read,
    text: string,
    parse: (text: string) => Answer | undefined,
  ): Answer | undefined {
    const entry = read as Entry;
    if (entry.text === text) return entry.answer;
    const answer = freeze(parse(text));
    if (answer !== undefined) beside.set(answer, new Map());
    entry.text = text;
    return entry.answer = answer;
  }
}

/** The domain of that name, or general. */
export function domainOf(name: string | undefined, domains: ReadBy["domains"]): string {
  return name !== undefined && Object.hasOwn(domains, name) ? name : GENERAL;
}

/** Under which name the answer of a question is kept. */
export function keyOf(
  query: string,
  domain: string,
  { domains, model }: ReadBy,
  context: readonly ContextItem[] = [],
  quality: "fast" | "high" = "fast",
): string {
  const { description, vocabulary, weight } = domains[domain]!;
  const profile = { description, vocabulary, weight };
  return answerKey(query, [domain, profile, model?.name, context, quality]);
}

/** The member with which an agent gives kept answers without a copy. */
export const RECALL: unique symbol = Symbol("recall");

/** An agent that can. */
export interface Recalling {
  /** See {@linkcode recall}. */
  [RECALL](query: string, domain?: string): Answer | undefined;
}

/**
 * The kept answer to a question that was asked before, counted as asked. It is frozen, and one and the same object as long as the
 * documents, the domains and the model are, so that what is made of it can be kept beside it.
 *
 * @returns Undefined where it has to be asked: `ask` gives the same answer, or finds one.
 */
export function recall(agent: Agent, query: string, domain?: string): Answer | undefined {
  return RECALL in agent ? (agent as Agent & Recalling)[RECALL](query, domain) : undefined;
}

/** What was made of recalled answers; it goes with them. */
const beside = new WeakMap<object, Map<string, string>>();
/** So many texts are kept beside one answer. */
const MOST_BESIDE = 8;

/** A text that was made of an answer and kept beside it. */
export function textBeside(answer: object, name: string): string | undefined {
  return beside.get(answer)?.get(name);
}

/** Keeps a text beside an answer, if that is one that was recalled: others are their owners' to change. */
export function keepBeside(answer: object, name: string, text: string): string {
  const texts = beside.get(answer);
  if (texts !== undefined && texts.size < MOST_BESIDE) texts.set(name, text);
  return text;
}

function nameOf(query: string, asked: string | undefined): string {
  return asked === undefined ? query : `${asked}\0${query}`;
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
