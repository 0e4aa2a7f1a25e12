/**
 * Knowledge: what was added is found, what changed is found by its new words and no more by its old ones, what was
 * removed is not found. One file of each twin with a bounded number of documents, folders that are indexed again, and
 * an agent that answers from them.
 */

import { createAgent } from "@agent/runtime/agent";
import { type Knowledge, openKnowledge } from "@agent/runtime/knowledge";
import { Texts } from "../texts.ts";
import type { Context, Open, TwinName, Work } from "../work.ts";

const DOCUMENTS = 80;
const CHANGED = 4;
const FILES = 12;
const REOPENED_AFTER = 15;

/** A store beside what should be in it. */
class Store {
  readonly #context: Context;
  readonly #texts: Texts;
  readonly #options: { path: string; implementation: TwinName };
  readonly #folder: string;
  /** The word that is in a document, and in no other. */
  readonly #words = new Map<string, string>();
  #knowledge: Knowledge;
  #next = 0;
  #turn = 0;

  constructor(context: Context, texts: Texts, implementation: TwinName) {
    this.#context = context;
    this.#texts = texts;
    this.#options = { path: `${context.folder}/${implementation}.sqlite`, implementation };
    this.#folder = `${context.folder}/${implementation}-files`;
    Deno.mkdirSync(this.#folder);
    this.#knowledge = openKnowledge(this.#options);
  }

  async step(): Promise<void> {
    const { below } = this.#context;
    const gone: string[] = [];
    const documents = Array.from({ length: CHANGED }, (_, at) => {
      const document = `d${below(DOCUMENTS)}-${at}.${at % 2 === 0 ? "md" : "html"}`;
      const before = this.#words.get(document);
      if (before !== undefined) gone.push(before);
      const word = this.#texts.rare(this.#next++);
      this.#words.set(document, word);
      return { document, text: at % 2 === 0 ? this.#texts.markdown(word) : this.#texts.html(word) };
    });
    await this.#knowledge.add(documents);
    const added = this.#words.keys().filter((key) => !key.startsWith(this.#folder)).toArray();
    for (const document of added.slice(0, Math.max(added.length - DOCUMENTS, 0))) {
      gone.push(this.#words.get(document)!);
      this.#words.delete(document);
      this.#knowledge.remove(document);
    }
    await this.#files(gone);
    await this.#check(gone);
    if (++this.#turn % REOPENED_AFTER === 0) {
      this.#knowledge.close();
      this.#knowledge = openKnowledge(this.#options);
    }
  }

  /** A file changes, comes or goes, and the folder is indexed again. */
  async #files(gone: string[]): Promise<void> {
    const { below, lost } = this.#context;
    const name = `f${below(FILES)}.md`;
    const path = `${this.#folder}/${name}`;
    const before = this.#words.get(path);
    if (before !== undefined) gone.push(before);
    this.#words.delete(path);
    if (before !== undefined && below(3) === 0) await Deno.remove(path);
    else {
      const word = this.#texts.rare(this.#next++);
      this.#words.set(path, word);
      await Deno.writeTextFile(path, this.#texts.markdown(word));
    }
    const report = await this.#knowledge.addFolder(this.#folder);
    const files = this.#words.keys().filter((key) => key.startsWith(this.#folder)).toArray().length;
    if (report.added + report.updated + report.unchanged !== files) {
      lost(`a folder of ${files} files was indexed as ${JSON.stringify(report)}`);
    }
  }

  async #check(gone: readonly string[]): Promise<void> {
    const { below, lost, did } = this.#context;
    const known = [...this.#words];
    for (let at = 0; at < 4; at++) {
      const [document, word] = known[below(known.length)]!;
      const hits = at % 2 === 0
        ? await this.#knowledge.search(word, { limit: 3 })
        : this.#knowledge.searchText(word, { limit: 3 });
      if (!hits.some((hit) => hit.document === document)) {
        lost(`${word} is in ${document}, and ${hits[0]?.document} is found`);
      }
      if (this.#knowledge.text(document)?.includes(word) !== true) {
        lost(`${document} has lost its text`);
      }
    }
    for (const word of gone) {
      if (this.#knowledge.searchText(word).some(({ chunk }) => chunk.includes(word))) {
        lost(`${word} is found after it was taken out`);
      }
    }
    const { documents } = this.#knowledge.stats();
    if (documents !== this.#words.size) {
      lost(`${documents} documents where ${this.#words.size} are`);
    }
    const [document, word] = known[below(known.length)]!;
    await using agent = createAgent({ knowledge: this.#knowledge });
    const { sources } = await agent.ask(`What is known of ${word}?`);
    if (!sources.some((source) => source.document === document)) lost(`no answer from ${document}`);
    did(6 + gone.length);
  }

  close(): void {
    this.#knowledge.close();
  }
}

const open: Open = (context): Promise<Work> => {
  const texts = new Texts(context.below);
  const stores = context.twins.map((twin) => new Store(context, texts, twin));
  return Promise.resolve({
    async step() {
      for (const store of stores) await store.step();
    },
    close() {
      for (const store of stores) store.close();
      return Promise.resolve();
    },
  });
};

export default open;
