/**
 * Cassettes: what a model said, kept in a file and said again without it.
 *
 * The n-th of equal requests gets the n-th recording, and the last one again when there are no more.
 *
 * @module
 */

import { checkString, wrongType, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { nearest } from "../../http/cassette/difference.ts";
import { scrubJson } from "../../http/cassette/scrub.ts";
import type { ChatEvent, ChatOptions, ChatProvider, ChatReply, Message } from "../../llm/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import { readCassette, type Recording, type Spoken, writeCassette } from "./cassette_file.ts";
import type { ModelCassetteOptions } from "./types.ts";

const OPTIONS: readonly (keyof ModelCassetteOptions)[] = ["path", "mode"];
const MODES = ["record", "replay", "auto"];

/**
 * A model that is recorded, or replayed from its recording. In the file are the conversations, replies and the pieces of
 * streams; keys that models are reached with never come here, and what looks like a secret in the words is taken out.
 *
 * @param provider The model; may be left out to replay only.
 * @param options The file, and whether it is recorded (`"record"`, in the place of what was there), replayed (`"replay"`) or
 * both: replayed where there is a recording, else asked and recorded (`"auto"`, the default).
 * @returns The model. In `"replay"` a request that is not recorded fails and shows how the nearest one differs.
 * @throws {AgentError} `NOT_FOUND` if there is no file to replay; `CORRUPT` if it is no cassette; `PERMISSION`, `IO`.
 *
 * @example
 * ```ts
 * import { cassetteProvider, scriptedProvider } from "@agent/runtime/testing";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".json" });
 * const real = scriptedProvider(["It is noon."]); // one at an address, in its place
 * const question = [{ role: "user", content: "What time is it?" }] as const;
 * await cassetteProvider(real, { path, mode: "record" }).chat(question, {});
 *
 * const replayed = cassetteProvider(undefined, { path, mode: "replay" });
 * assert.equal((await replayed.chat(question, {})).text, "It is noon.");
 * await assert.rejects(
 *   replayed.chat([{ role: "user", content: "Who are you?" }], {}),
 *   /recorded "What time is it\?", asked "Who are you\?"/,
 * );
 * await Deno.remove(path);
 * ```
 */
export function cassetteProvider(
  provider: ChatProvider | undefined,
  options: ModelCassetteOptions,
): ChatProvider {
  const { path, mode = "auto" } = knownFields(
    options,
    "options",
    OPTIONS,
  ) as unknown as ModelCassetteOptions;
  checkString(path, "options.path");
  if (!MODES.includes(mode)) throw wrongValue("options.mode", MODES.join(", "), mode);
  if (provider !== undefined && typeof provider?.chat !== "function") {
    throw wrongType("provider", "an object with a name and a chat function", provider);
  }
  if (provider === undefined && mode !== "replay") {
    throw new TypeError(`provider is needed to record; mode "replay" goes without`);
  }
  return new Cassette(provider, path, mode);
}

/** The recordings of equal requests. */
interface Series {
  readonly recorded: Recording[];
  /** How many were read from the file: these are replayed. */
  readonly read: number;
  asked: number;
}

class Cassette implements ChatProvider {
  readonly name: string;
  readonly model: string | undefined;
  readonly tools: boolean;
  readonly contextTokens: number | undefined;
  readonly price: ChatProvider["price"];
  readonly #provider: ChatProvider | undefined;
  readonly #path: string;
  readonly #mode: NonNullable<ModelCassetteOptions["mode"]>;
  readonly #series = new Map<string, Series>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    provider: ChatProvider | undefined,
    path: string,
    mode: NonNullable<ModelCassetteOptions["mode"]>,
  ) {
    this.#provider = provider;
    this.#path = path;
    this.#mode = mode;
    const kept = mode === "record" ? undefined : readCassette(path);
    if (kept === undefined && mode === "replay") {
      throw new AgentError("NOT_FOUND", `There is no cassette ${path}; record it first`, {
        what: path,
      });
    }
    const { name, model, tools, contextTokens, price } = provider ?? kept!.model;
    this.name = name;
    this.model = model;
    this.tools = tools ?? false;
    this.contextTokens = contextTokens;
    this.price = price;
    for (const [key, recorded] of Map.groupBy<string, Recording>(kept?.recordings ?? [], keyOf)) {
      this.#series.set(key, { recorded, read: recorded.length, asked: 0 });
    }
  }

  async chat(messages: readonly Message[], options: ChatOptions = {}): Promise<ChatReply> {
    options.signal?.throwIfAborted();
    const request = requestOf(messages, options);
    const found = this.#found(request);
    if (found !== undefined) return found.reply;
    const reply = await this.#provider!.chat(messages, options);
    await this.#keep(request, { reply });
    return reply;
  }

  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatEvent> {
    options.signal?.throwIfAborted();
    const request = requestOf(messages, options);
    const found = this.#found(request);
    if (found !== undefined) {
      for (const event of found.pieces ?? piecesOf(found.reply)) {
        options.signal?.throwIfAborted();
        yield event;
      }
      yield { type: "done", reply: found.reply };
      return;
    }
    const provider = this.#provider!;
    if (provider.stream === undefined) {
      const reply = await provider.chat(messages, options);
      await this.#keep(request, { reply });
      yield* piecesOf(reply);
      yield { type: "done", reply };
      return;
    }
    const pieces: Exclude<ChatEvent, { type: "done" }>[] = [];
    for await (const event of provider.stream(messages, options)) {
      if (event.type === "done") await this.#keep(request, { reply: event.reply, pieces });
      else pieces.push(event);
      yield event;
    }
  }

  #found(request: JsonValue): Spoken | undefined {
    const series = this.#series.get(keyOf({ request }));
    if (series !== undefined && series.read > 0) {
      return series.recorded[Math.min(series.asked++, series.read - 1)];
    }
    if (this.#mode !== "replay") return undefined;
    const all = [...this.#series.values()].flatMap(({ recorded }) => recorded);
    const asWeb = (json: JsonValue) => ({ method: "", url: "", headers: {}, body: { json } });
    const near = nearest(all.map((one) => ({ request: asWeb(one.request) })), asWeb(request));
    const difference = near === undefined
      ? "it is empty"
      : `the nearest recording differs: ${near.difference.text.replace(/^the body at \$\.?/, "")}`;
    throw new AgentError(
      "NOT_FOUND",
      `The cassette ${this.#path} has no recording of this request; ${difference}`,
      { what: "recording" },
    );
  }

  /** What came in pieces is kept in pieces, unless something had to be taken out of the whole. */
  async #keep(request: JsonValue, spoken: Spoken): Promise<void> {
    const reply = plain(spoken.reply);
    const shown = scrubJson(reply) as unknown as ChatReply;
    const said = (spoken.pieces ?? []).flatMap((piece) => "text" in piece ? [piece.text] : []);
    const isClean = JSON.stringify(shown) === JSON.stringify(reply) &&
      scrubJson(said.join("")) === said.join("");
    const key = keyOf({ request });
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, series = { recorded: [], read: 0, asked: 0 });
    series.recorded.push({
      request,
      reply: shown,
      ...(isClean && spoken.pieces !== undefined && { pieces: spoken.pieces }),
    });
    const { name, model, tools, contextTokens, price } = this;
    // One after the other, each with all that there is by then.
    this.#writing = this.#writing.catch(() => {}).then(() =>
      writeCassette(this.#path, {
        model: { name, model, tools, contextTokens, price },
        recordings: [...this.#series.values()].flatMap(({ recorded }) => recorded),
      })
    );
    await this.#writing;
  }
}

/** A request as it is compared and kept. */
function requestOf(
  messages: readonly Message[],
  { signal: _, ...options }: ChatOptions,
): JsonValue {
  return scrubJson(plain({ messages, ...options }));
}

function keyOf({ request }: { request: JsonValue }): string {
  return JSON.stringify(request, (_, part: unknown) => {
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1));
  });
}

function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

function* piecesOf({ text, toolCalls = [] }: ChatReply): Generator<ChatEvent> {
  if (text !== "") yield { type: "text", text };
  for (const [index, { id, name, arguments: given }] of toolCalls.entries()) {
    yield { type: "tool-call-start", index, id, name };
    yield { type: "tool-call-arguments", index, text: given };
  }
}
