/**
 * Loads a `tokenizer.json`. It is read from disk only, after Deno was asked for it (nobody is prompted); what is elsewhere
 * is for the caller to fetch.
 *
 * @module
 */

import { fromFileUrl, readableFile } from "./read.ts";
import { AgentError } from "../../../shared/errors.ts";
import { tokensLoad } from "../../../native/generated/tokens.ts";
import type { EncodingFacts } from "../encoding.ts";
import { NativeTokens } from "../native.ts";
import { PureTokens } from "../pure.ts";
import { BitCuts } from "../scan.ts";
import type { TokenTwin } from "../types.ts";
import { Vocabulary } from "../vocabulary.ts";
import { compile, type Compiled } from "./compile.ts";
import { type Plan, planOf } from "./plan.ts";
import { findAdded, TokenizerTwin } from "./twin.ts";

/** What a file came to; kept for the two files that were loaded last. */
interface Loaded {
  name: string;
  plan: Plan;
  compiled: Compiled;
  vocabulary?: Vocabulary;
}

const KEPT = 2;
const kept = new Map<string, Loaded>();

/** What an encoding is made of. */
export interface TokenizerParts {
  twin: TokenTwin;
  facts: EncodingFacts;
}

/** Reads a file and makes a twin for it. */
export async function loadTokenizer(
  file: string | URL,
  isNative: boolean,
): Promise<TokenizerParts> {
  const path = typeof file === "string" ? file : fromFileUrl(file);
  const loaded = await loadedFrom(path);
  const { plan, compiled } = loaded;
  const inner = isNative ? await nativeTwin(loaded) : pureTwin(loaded);
  const special = plan.added.filter((token) => token.special);
  return {
    twin: new TokenizerTwin(inner, plan.forms, plan.added),
    facts: {
      name: path,
      tokens: compiled.tokens,
      holes: compiled.holes,
      specials: Object.fromEntries(special.map(({ text, id }) => [text, id])),
      added: plan.added.map(({ id }) => id),
      find: (texts) => findAdded(special.filter(({ text }) => texts.includes(text))),
    },
  };
}

async function loadedFrom(path: string): Promise<Loaded> {
  const bytes = await readableFile(path);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const known = kept.get(digest);
  if (known !== undefined) return known;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AgentError(
      "CORRUPT",
      `${path} is no tokenizer.json: ${(cause as Error).message}`,
      { path },
      { cause },
    );
  }
  const name = `tokenizer ${digest}`;
  const plan = planOf(json, path);
  const compiled = compile(plan, name, path);
  const loaded: Loaded = { name, plan: { ...plan, vocab: new Map(), merges: [] }, compiled };
  kept.set(digest, loaded);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return loaded;
}

function pureTwin(loaded: Loaded): TokenTwin {
  const { compiled, plan } = loaded;
  loaded.vocabulary ??= new Vocabulary(compiled.file);
  const encoder = new TextEncoder();
  const beyond = plan.added.filter(({ id }) => id >= compiled.tokens || compiled.holes.has(id));
  const texts = new Map(beyond.map(({ id, text }) => [id, encoder.encode(text)]));
  return new PureTokens(loaded.vocabulary, texts, new BitCuts(compiled.cuts));
}

async function nativeTwin({ name, compiled }: Loaded): Promise<TokenTwin> {
  const cuts = new BitCuts(compiled.cuts);
  const open = NativeTokens.open(name, cuts);
  if (open !== undefined) return open;
  await tokensLoad(compiled.file);
  return NativeTokens.open(name, cuts)!;
}
