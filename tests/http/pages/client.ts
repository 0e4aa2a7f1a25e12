/** A client of nothing but the platform's fetch, and pages converted without any. */

import type { HttpClient } from "../../../src/http/types.ts";
import {
  Converter,
  type ConverterOptions,
  type Fetched,
} from "../../../src/http/pages/converter.ts";
import type { Page } from "../../../src/http/types.ts";
import type { TwinName } from "../../support/twins.ts";

/** A client that fetches what it is told to. */
export function plainClient(): Pick<HttpClient, "fetch"> {
  return {
    fetch: async (url, { idempotencyKey: _, ...init } = {}) => {
      const response = await fetch(url, init as RequestInit);
      return Object.assign(response, { attempts: 1, fromCache: false, durationMs: 0 });
    },
  };
}

/** A converter of a twin. */
export function converterOf(
  implementation: TwinName,
  options: Partial<ConverterOptions> = {},
): Promise<Converter> {
  const all = { encoding: "o200k_base", main: true, maxTokens: undefined, implementation } as const;
  return Converter.open({ ...all, ...options }, new AbortController().signal);
}

/** A body as it was fetched. */
export function fetched(
  body: string | Uint8Array<ArrayBuffer>,
  type: string | null = "text/html",
  url = "https://h.example/a/b?c",
): Fetched {
  return { body: typeof body === "string" ? new TextEncoder().encode(body) : body, type, url };
}

/** What becomes of a body: the page, or the error's code and message. */
export async function outcomeOf(converter: Converter, body: Fetched): Promise<Page | string> {
  try {
    return await converter.convert(body);
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return `${name} ${code}: ${message}`;
  }
}
