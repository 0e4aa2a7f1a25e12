/**
 * Commands about documents and the answers from them.
 *
 * @module
 */

import { recall } from "../agent/recall.ts";
import { define, LOOKS } from "./define.ts";
import {
  COUNT,
  FIGURE,
  LIST,
  numberField,
  questionField,
  ROWS,
  textField,
  textsField,
  wholeField,
  wordField,
  WORDS,
  YES_OR_NO,
} from "./fields.ts";

const ask = define({
  name: "ask",
  summary: "Answers a question from the indexed documents, with citations",
  details:
    "Without a model the answer is taken from the documents, word for word. What they do not answer is said to be so.",
  fields: {
    question: questionField("The question, in words"),
    "quality?": wordField(
      "high: a small model reads the best passages again before one is taken (fast)",
      ["fast", "high"],
    ),
    "domain?": textField("Who answers: general, developer, trader, lawyer, or one that was added"),
  },
  result: {
    answer: WORDS,
    domain: WORDS,
    confidence: { type: "number", minimum: 0, maximum: 1 },
    sources: ROWS,
    reasoning: WORDS,
    keywords: LIST,
    timestamp: WORDS,
    cached: YES_OR_NO,
    "error?": { type: "object" },
  },
  events: ["sources", "text"],
  examples: [{
    title: "A question to the documents",
    input: { question: "How are permissions given?" },
  }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["question", "domain", "quality"],
  cli: { name: "ask", arguments: ["question"] },
  run: ({ question, domain, quality }, { runtime, signal }) =>
    (quality === "high" ? undefined : recall(runtime.agent, question, domain)) ??
      runtime.agent.ask(question, { domain, quality, signal }),
  async *stream({ question, domain, quality }, { runtime, signal }) {
    for await (const event of runtime.agent.stream(question, { domain, quality, signal })) {
      yield event.type === "done" ? { type: "done", result: event.answer } : event;
    }
  },
});

const search = define({
  name: "search",
  summary: "Finds passages in the indexed documents",
  fields: {
    query: questionField("What to look for, in words"),
    "limit?": wholeField("How many passages (5)", 1, 100),
  },
  result: { hits: ROWS },
  examples: [{ title: "Two passages", input: { query: "permissions", limit: 2 } }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["http", "mcp"],
  remote: ["query", "limit"],
  run: async ({ query, limit = 5 }, { runtime }) => ({
    hits: await runtime.knowledge.search(query, { limit }),
  }),
});

const indexFolder = define({
  name: "index_folder",
  summary: "Takes the documents of a folder, or what changed in it",
  fields: { folder: textField("The folder") },
  result: {
    added: COUNT,
    updated: COUNT,
    unchanged: COUNT,
    removed: COUNT,
    skipped: ROWS,
  },
  examples: [{ title: "A folder below a root", input: { folder: "notes" } }],
  annotations: { ...LOOKS, readOnly: false },
  permissions: ["read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["folder"],
  paths: ["folder"],
  cli: { name: "index", arguments: ["folder"] },
  run: async ({ folder }, { runtime, signal, onProgress }) => ({
    ...await runtime.knowledge.addFolder(folder, {
      signal,
      ...(onProgress && {
        onProgress: ({ done, total }: { done: number; total: number }) =>
          onProgress({ done, total }),
      }),
    }),
  }),
});

const removeDocuments = define({
  name: "remove_documents",
  summary: "Forgets documents by name",
  fields: { documents: textsField("Their names, as answers give them") },
  result: { removed: COUNT },
  examples: [{ title: "One document", input: { documents: ["notes/old.md"] } }],
  annotations: { ...LOOKS, readOnly: false, destructive: true },
  permissions: ["write"],
  surfaces: ["http", "mcp"],
  remote: ["documents"],
  run: ({ documents }, { runtime }) => ({ removed: runtime.knowledge.remove(documents) }),
});

const clearCache = define({
  name: "clear_cache",
  summary: "Drops the answers that are kept, so that each question is answered anew",
  fields: {},
  result: { cache: { type: "string", enum: ["knowledge", "custom", "off"] } },
  examples: [{ title: "All answers", input: {} }],
  annotations: { ...LOOKS, readOnly: false },
  permissions: ["write"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "clear-cache" },
  run: (_, { runtime }) => runtime.agent.clearCache(),
});

const updateDomain = define({
  name: "update_domain",
  summary: "Changes what a domain prefers, or adds one",
  details:
    "Chunks that hold words of a domain's vocabulary are preferred by its weight. What is not given stays as it is.",
  fields: {
    domain: textField("Its name"),
    "description?": textField("What it is about"),
    "vocabulary?": textsField("Words of the field, in place of those there are"),
    "weight?": numberField("By how much a chunk's score grows at most, as a share of it", 0, 4),
  },
  result: { domain: WORDS, description: WORDS, vocabulary: LIST, weight: FIGURE },
  examples: [{
    title: "A domain of one's own",
    input: { domain: "gardener", description: "Gardens", vocabulary: ["soil", "seed", "prune"] },
  }],
  annotations: { ...LOOKS, readOnly: false },
  permissions: ["write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["domain", "description", "vocabulary", "weight"],
  cli: { name: "update-domain", arguments: ["domain"], flags: { vocabulary: "word" } },
  run: ({ domain, ...change }, { runtime }) => runtime.agent.updateDomain(domain, change),
});

/** The commands. */
export const answerCommands = [
  ...[ask, search, indexFolder, removeDocuments, clearCache, updateDomain],
] as const;
