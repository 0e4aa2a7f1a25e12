/**
 * What a tokenizer file of Hugging Face's `tokenizers` says, checked: how it normalises, cuts and merges. Only byte-level
 * byte-pair encoding; whatever else a file asks for is an error that names it, never left out in silence.
 *
 * @module
 */

import { AgentError } from "../../../shared/errors.ts";
import { literalPattern, type Node, parsePattern, PatternError } from "./pattern.ts";

/** How ByteLevel cuts, after GPT-2. */
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const FORMS = ["NFC", "NFD", "NFKC", "NFKD"] as const;
/** Ids and merges are kept in 20 bits. */
const MOST = 1 << 20;

/** A form of Unicode's normalisation. */
export type Form = (typeof FORMS)[number];

/** A token that is found in texts as it stands, before they are cut. */
export interface AddedToken {
  /** Its id. */
  id: number;
  /** Its text. */
  text: string;
  /** Whether it is one only where the caller allows it. */
  special: boolean;
  /** Whether the white space before it belongs to it. */
  left: boolean;
  /** Whether the white space behind it belongs to it. */
  right: boolean;
}

/** One way of cutting; the pieces of one are cut by the next. */
export interface Stage {
  /** What is a piece of its own. */
  pattern: Node;
  /** Whether what lies between is left out; only allowed where that is nothing. */
  onlyMatches: boolean;
}

/** What a file says. */
export interface Plan {
  /** The forms that a text goes through, in order. */
  forms: Form[];
  stages: Stage[];
  /** Tokens as the file writes them, with their ids. */
  vocab: Map<string, number>;
  /** The two halves of each merge, the first first. */
  merges: [string, string][];
  /** Whether a piece that is a token is that token, whatever merging would give. */
  ignoreMerges: boolean;
  added: AddedToken[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a file's JSON; `path` is for the errors. */
export function planOf(json: unknown, path: string): Plan {
  return new Reader(path).plan(json);
}

class Reader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  plan(json: unknown): Plan {
    const file = this.#object(json, "the file");
    const model = this.#object(file["model"], "`model`");
    this.#model(model);
    const forms = this.#forms(file["normalizer"]);
    const stages = this.#stages(file["pre_tokenizer"]);
    this.#decoder(file["decoder"]);
    const vocab = this.#vocab(model["vocab"]);
    const merges = this.#merges(model["merges"]);
    const ignoreMerges = model["ignore_merges"] === true;
    return { forms, stages, vocab, merges, ignoreMerges, added: this.#added(file["added_tokens"]) };
  }

  #corrupt(what: string): AgentError {
    return new AgentError(
      "CORRUPT",
      `${this.#path} is no tokenizer.json: ${what}; get the file again`,
      { path: this.#path },
    );
  }

  #unsupported(what: string): AgentError {
    return new AgentError(
      "UNSUPPORTED",
      `The tokenizer ${this.#path} has ${what}, which is not supported: only byte-level byte-pair encoding is`,
      { what },
    );
  }

  #object(value: unknown, what: string): Fields {
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      throw this.#corrupt(`${what} is no object`);
    }
    return value as Fields;
  }

  #array(value: unknown, what: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.#corrupt(`${what} is no array`);
    return value;
  }

  #model(model: Fields): void {
    // Old files leave the type out.
    const type = model["type"] ?? (model["merges"] === undefined ? "none" : "BPE");
    if (type !== "BPE") throw this.#unsupported(`a model of the type ${shown(type)}`);
    for (const name of ["continuing_subword_prefix", "end_of_word_suffix"]) {
      if ((model[name] ?? "") !== "") throw this.#unsupported(`a ${name}`);
    }
    if ((model["dropout"] ?? 0) !== 0) throw this.#unsupported("dropout");
    if (model["byte_fallback"] === true) {
      throw this.#unsupported("byte_fallback (a SentencePiece model)");
    }
  }

  #forms(normalizer: unknown): Form[] {
    if (normalizer === null || normalizer === undefined) return [];
    const fields = this.#object(normalizer, "`normalizer`");
    const type = fields["type"];
    if (type === "Sequence") {
      return this.#array(fields["normalizers"], "`normalizers`").flatMap((one) => this.#forms(one));
    }
    const form = FORMS.find((known) => known === type);
    if (form === undefined) throw this.#unsupported(`a normalizer of the type ${shown(type)}`);
    return [form];
  }

  /** The ways of cutting; there must be ByteLevel, at the end. */
  #stages(preTokenizer: unknown): Stage[] {
    const list: Fields[] = [];
    const flatten = (value: unknown): void => {
      const fields = this.#object(value, "a pre_tokenizer");
      if (fields["type"] === "Sequence") {
        this.#array(fields["pretokenizers"], "`pretokenizers`").forEach(flatten);
      } else list.push(fields);
    };
    if (preTokenizer !== null && preTokenizer !== undefined) flatten(preTokenizer);
    if (list.at(-1)?.["type"] !== "ByteLevel") {
      throw this.#unsupported("no pre_tokenizer ByteLevel at the end");
    }
    try {
      return list.flatMap((fields, index) => this.#stage(fields, index === list.length - 1));
    } catch (error) {
      if (error instanceof PatternError) throw this.#unsupported(error.message);
      throw error;
    }
  }

  #stage(fields: Fields, last: boolean): Stage[] {
    const type = fields["type"];
    if (type === "ByteLevel" && last) {
      if (fields["add_prefix_space"] === true) {
        throw this.#unsupported("ByteLevel with add_prefix_space");
      }
      if (fields["use_regex"] === false) return [];
      return [{ pattern: parsePattern(GPT2), onlyMatches: false }];
    }
    if (type === "Digits") {
      const pattern = parsePattern(fields["individual_digits"] === true ? "\\p{N}" : "\\p{N}+");
      return [{ pattern, onlyMatches: false }];
    }
    if (type !== "Split") throw this.#unsupported(`a pre_tokenizer of the type ${shown(type)}`);
    const behavior = fields["behavior"];
    const onlyMatches = behavior === "Removed" && fields["invert"] === true;
    if (behavior !== "Isolated" && !onlyMatches) {
      throw this.#unsupported(`Split with the behavior ${shown(behavior)}`);
    }
    const pattern = this.#object(fields["pattern"], "a `pattern`");
    const regex = pattern["Regex"];
    const text = pattern["String"];
    if (typeof regex === "string") return [{ pattern: parsePattern(regex), onlyMatches }];
    if (typeof text === "string" && text !== "") {
      return [{ pattern: literalPattern(text), onlyMatches }];
    }
    throw this.#corrupt("a `pattern` has neither Regex nor String");
  }

  #decoder(decoder: unknown): void {
    if (decoder === null || decoder === undefined) return;
    const fields = this.#object(decoder, "`decoder`");
    if (fields["type"] === "ByteLevel") return;
    if (fields["type"] !== "Sequence") {
      throw this.#unsupported(`a decoder of the type ${shown(fields["type"])}`);
    }
    this.#array(fields["decoders"], "`decoders`").forEach((one) => this.#decoder(one));
  }

  #vocab(value: unknown): Map<string, number> {
    const vocab = new Map(Object.entries(this.#object(value, "`vocab`") as Record<string, number>));
    const seen = new Set<number>();
    for (const [token, id] of vocab) {
      if (!Number.isInteger(id) || id < 0 || seen.has(id)) {
        throw this.#corrupt(`the id of ${shown(token)} is ${shown(id)}`);
      }
      if (id >= MOST) throw this.#unsupported(`the id ${id}, which is over a million`);
      seen.add(id);
    }
    return vocab;
  }

  #merges(value: unknown): [string, string][] {
    const merges = this.#array(value, "`merges`").map((merge): [string, string] => {
      const halves: unknown = typeof merge === "string" ? merge.split(" ") : merge;
      if (Array.isArray(halves) && halves.length === 2) {
        const [left, right]: unknown[] = halves;
        if (typeof left === "string" && typeof right === "string") return [left, right];
      }
      throw this.#corrupt(`the merge ${shown(merge)} has not two halves`);
    });
    if (merges.length >= MOST) throw this.#unsupported("over a million merges");
    return merges;
  }

  #added(value: unknown): AddedToken[] {
    if (value === undefined || value === null) return [];
    return this.#array(value, "`added_tokens`").map((item) => {
      const { id, content, special, single_word, lstrip, rstrip } = this.#object(
        item,
        "an added token",
      );
      if (
        typeof content !== "string" || content === "" || !Number.isInteger(id) || (id as number) < 0
      ) {
        throw this.#corrupt("an added token has no text or no id");
      }
      if ((id as number) >= 2 * MOST) {
        throw this.#unsupported(`the id ${id}, which is over two millions`);
      }
      if (single_word === true) {
        throw this.#unsupported(`single_word of the added token ${shown(content)}`);
      }
      return {
        id: id as number,
        text: content,
        special: special === true,
        left: lstrip === true,
        right: rstrip === true,
      };
    });
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 60);
}
