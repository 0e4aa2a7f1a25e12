/**
 * Reads what a model is made with, with the defaults in.
 *
 * @module
 */

import { checkBoolean, wholeNumber, wrongType, wrongValue } from "../shared/arguments.ts";
import { timeLimit } from "../shared/deadline.ts";
import { knownFields } from "../shared/known_fields.ts";
import { contextOf, priceOf } from "./models.ts";
import { anthropic } from "./protocols/anthropic.ts";
import { openaiChat } from "./protocols/openai_chat.ts";
import { openaiResponses } from "./protocols/openai_responses.ts";
import type { Protocol, ProtocolName } from "./protocols/types.ts";
import type { ModelOptions, TokenPrice } from "./types.ts";

/** A model at an address. */
export interface Endpoint extends Pick<ModelOptions, "apiKey" | "limiter" | "http"> {
  readonly name: string;
  readonly model: string;
  readonly protocol: Protocol;
  /** Ends with a slash. */
  readonly base: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly tools: boolean;
  readonly contextTokens: number | undefined;
  readonly price: TokenPrice | undefined;
  /** What must stand in no message. */
  readonly secrets: readonly string[];
}

const FIELDS: readonly (keyof ModelOptions)[] = [
  ...["url", "model", "apiKey", "protocol", "name", "headers", "timeoutMs", "retries"] as const,
  ...["tools", "contextTokens", "price", "limiter", "http"] as const,
];
const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
};
const DEFAULT_TIMEOUT_MS = 600_000;

/**
 * Reads them.
 *
 * @throws {TypeError | RangeError} If one is wrong.
 */
export function readModel(options: ModelOptions): Endpoint {
  const given = knownFields(options, "model", FIELDS) as unknown as ModelOptions;
  const { model, apiKey, tools = true, limiter, http } = given;
  const base = baseOf(given.url);
  if (typeof model !== "string" || model === "") {
    throw wrongType("model.model", "the model's name at the server", model);
  }
  if (apiKey !== undefined && (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey))) {
    // The value is never shown.
    throw new TypeError("model.apiKey must be a string of visible ASCII characters");
  }
  checkBoolean(tools, "model.tools");
  if (limiter !== undefined && typeof limiter?.reserve !== "function") {
    throw wrongType("model.limiter", "a limiter", limiter);
  }
  if (http !== undefined && typeof http?.fetch !== "function") {
    throw wrongType("model.http", "an HTTP client", http);
  }
  const { name = model } = given;
  if (typeof name !== "string" || name === "") throw wrongType("model.name", "a name", name);
  const headers = headersOf(given.headers);
  const values = Object.values(headers).filter((value) => value.length >= 8);
  return {
    name,
    model,
    apiKey,
    protocol: PROTOCOLS[protocolOf(given.protocol, base)],
    base,
    headers,
    timeoutMs: timeLimit(given.timeoutMs, DEFAULT_TIMEOUT_MS),
    retries: wholeNumber(given.retries, "model.retries", { fallback: 2, least: 0, most: 100 }),
    tools,
    contextTokens: given.contextTokens === undefined ? contextOf(model) : wholeNumber(
      given.contextTokens,
      "model.contextTokens",
      { fallback: 1, least: 1, most: 2 ** 31 },
    ),
    price: given.price === undefined ? priceOf(model) : checkedPrice(given.price),
    limiter,
    http,
    secrets: [...(apiKey === undefined ? [] : [apiKey]), ...values],
  };
}

function baseOf(value: string | URL): URL {
  const url = typeof value === "string" || value instanceof URL ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrongType("model.url", 'an address such as "http://127.0.0.1:11434/v1"', value);
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("model.url must not hold a user or a password; give the key as apiKey");
  }
  if (url.search !== "" || url.hash !== "") {
    throw wrongValue("model.url", "an address without ? and #", url.href);
  }
  if (url.pathname === "/") url.pathname = "/v1/";
  else if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function protocolOf(given: ProtocolName | undefined, base: URL): ProtocolName {
  if (given === undefined) {
    return /(^|\.)anthropic\.com$/.test(base.hostname) ? "anthropic" : "openai-chat";
  }
  if (!Object.hasOwn(PROTOCOLS, given)) {
    throw wrongValue("model.protocol", `one of ${Object.keys(PROTOCOLS).join(", ")}`, given);
  }
  return given;
}

function headersOf(given: ModelOptions["headers"]): Record<string, string> {
  if (given === undefined) return {};
  if (given === null || typeof given !== "object") {
    throw wrongType("model.headers", "an object of fields", given);
  }
  return Object.fromEntries(
    Array.from(new Headers(given as Record<string, string>)).map(([name, value]) => [name, value]),
  );
}

function checkedPrice(given: TokenPrice): TokenPrice {
  const price = knownFields(given, "model.price", ["input", "output", "cachedInput"]);
  for (const name of ["input", "output", "cachedInput"]) {
    const value = price[name];
    if (name === "cachedInput" && value === undefined) continue;
    if (typeof value !== "number" || !(value >= 0) || value === Infinity) {
      throw wrongValue(`model.price.${name}`, "dollars for a million tokens, from 0 on", value);
    }
  }
  return price as unknown as TokenPrice;
}
