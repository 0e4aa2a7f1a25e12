/**
 * From a question to what is said about it: search, the sentences that answer, and a model's words
 * if there is one. Loaded with the first question, since the text area is half the cost of all.
 *
 * @module
 */
import { unlessAborted } from "../shared/abort.ts";
import type { Implementation } from "../shared/implementation.ts";
import { openKnowledge } from "../knowledge/mod.ts";
import { tableEmbedder } from "../knowledge/embedding/open.ts";
import type { Knowledge, QueryTerm, SearchHit } from "../knowledge/types.ts";
import { keywords } from "../text/mod.ts";
import { candidatesOf } from "./candidates.ts";
import { CLOSE_HITS, readClosely } from "./close_reading.ts";
import { findAnswer, type Finding, type Gathered, nothing } from "./quotes.ts";
import { askModel } from "./model_answer.ts";
import { preferDomain } from "./domain_preference.ts";
import { readQuestion } from "./question.ts";
import type { AnswerError, ChatProvider, ContextItem, DomainProfile } from "./types.ts";

/** So many chunks are compared for a question. */
const CHUNKS = 12;

/** A question with all that its answer depends on. */
export interface Asked {
  /** The documents. */
  knowledge: Knowledge;
  /** The question. */
  query: string;
  /** The domain that answers. */
  profile: DomainProfile;
  /** Texts given along. */
  context: readonly ContextItem[];
  /** How well the passages are ordered. */
  quality?: "fast" | "high" | undefined;
  /** Who words the answer, if not the documents. */
  model: ChatProvider | undefined;
  /** Which twin of the text area is used, if somebody chose. */
  implementation: Implementation | undefined;
  /** Ends the work. */
  signal: AbortSignal | undefined;
}

/** What was found, and what failed on the way. */
export type Outcome = Finding & { error?: AnswerError };

/** The central words of a question. */
export function keywordsOf(query: string, implementation: Implementation | undefined): string[] {
  return keywords(query, { implementation }).map(({ keyword }) => keyword);
}

/** Searches for what answers a question. */
export async function gather(
  { knowledge, query, profile, context, quality, signal }: Asked,
): Promise<Gathered> {
  // Close reading orders what is found by itself, and better than a search that is of high quality.
  const limit = quality === "high" ? CLOSE_HITS : CHUNKS;
  let hits = await knowledge.search(query, { limit, signal });
  let terms = knowledge.terms(query);
  let { chunks } = knowledge.stats();
  if (context.length > 0) {
    using extra = openKnowledge();
    await extra.add(context, { signal });
    hits = mergeHits(hits, await extra.search(query, { limit, signal }));
    terms = mergeTerms(terms, extra.terms(query));
    chunks += extra.stats().chunks;
  }
  hits = preferDomain(hits, profile);
  const meaning = await meaningOf(query);
  const question = readQuestion(query, terms);
  if (quality !== "high") return { question, hits, meaning, chunks };
  const close = await readClosely(
    candidatesOf(question, hits, meaning),
    (texts) => knowledge.relevance(query, texts, { signal }),
  );
  const read = close.windows.map(({ candidates }) => candidates[0]!.hit);
  return { question, hits: [...new Set([...read, ...hits])], meaning, chunks, close };
}

/** Finds what answers a question. */
export async function answerQuestion(asked: Asked): Promise<Outcome> {
  const { query, model, signal } = asked;
  const gathered = await gather(asked);
  const finding = findAnswer(gathered);
  if (model === undefined || finding.sources.length === 0) return finding;
  return await wordAnswer(model, query, finding, gathered.hits, signal);
}

/**
 * How alike sentences are to a question, by the table of the default embedder whatever embeds the store: a question
 * has hundreds of sentences to compare. 0 for all where the table cannot be read.
 */
async function meaningOf(query: string): Promise<(text: string) => number> {
  const embedder = await tableEmbedder();
  if (embedder === undefined) return () => 0;
  const asked = embedder.sum(query);
  const length = lengthOf(asked);
  return (text) => {
    const said = embedder.sum(text);
    let product = 0;
    for (let i = 0; i < said.length; i++) product += said[i]! * asked[i]!;
    const lengths = length * lengthOf(said);
    return lengths > 0 ? product / lengths : 0;
  };
}

function lengthOf(vector: Float64Array): number {
  let squares = 0;
  for (const x of vector) squares += x * x;
  return Math.sqrt(squares);
}

/** Lets the model word the answer; what it cannot support stays as extracted. */
async function wordAnswer(
  model: ChatProvider,
  query: string,
  finding: Finding,
  hits: readonly SearchHit[],
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const instead = `so the sentences themselves are given. ${finding.reasoning}`;
  try {
    const said = await unlessAborted(askModel(model, query, hits, signal), signal);
    if (said.declined) {
      const reasoning = `${model.name} found no answer in ${hits.length} chunks.`;
      return nothing(Math.min(finding.confidence, 0.2), `${reasoning} ${finding.reasoning}`);
    }
    if (said.sources.length === 0) {
      return { ...finding, reasoning: `What ${model.name} said has no support, ${instead}` };
    }
    return {
      sources: said.sources,
      pieces: [said.text],
      confidence: Math.round(finding.confidence * said.support * 100) / 100,
      reasoning: `Worded by ${model.name}; ${said.support.toFixed(2)} of its sentences stand on ` +
        `what they cite, and confidence is lowered to that share. ${finding.reasoning}`,
    };
  } catch (error) {
    signal?.throwIfAborted();
    const message = `${model.name} failed: ${error instanceof Error ? error.message : error}`;
    return { ...finding, reasoning: `${message}, ${instead}`, error: { code: "MODEL", message } };
  }
}

function mergeTerms(stored: readonly QueryTerm[], given: readonly QueryTerm[]): QueryTerm[] {
  return stored.map((term, at) => {
    const other = given[at];
    if (other === undefined || other.chunks === 0) return term;
    // In an empty store words have no weight.
    return { ...term, chunks: term.chunks + other.chunks, weight: term.weight || other.weight };
  });
}

/** BM25 of two stores cannot be compared; the best hits of both count the same. */
function mergeHits(stored: readonly SearchHit[], given: readonly SearchHit[]): SearchHit[] {
  const factor = (given[0]?.score ?? 1) > 0 ? (stored[0]?.score ?? 1) / (given[0]?.score ?? 1) : 1;
  const scaled = given.map((hit) => ({ ...hit, score: hit.score * factor }));
  return [...scaled, ...stored].sort((a, b) => b.score - a.score);
}
