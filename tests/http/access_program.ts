/** A program with exactly the permissions under test: makes one call of the HTTP client and prints what came of it. */

import { createHttpClient } from "../../src/http/mod.ts";

const { implementation, url, many, names, proxy } = JSON.parse(Deno.args[0]!) as {
  implementation: "pure" | "native";
  url: string;
  many: boolean;
  /** Names that a resolver of the program's own knows; the system is asked if left out. */
  names?: Record<string, string[]>;
  proxy?: string;
};

const client = createHttpClient({
  implementation,
  proxy,
  allowPrivate: true,
  retries: 0,
  ...(names === undefined
    ? {}
    : { resolver: (name: string) => Promise.resolve(names[name] ?? []) }),
});

async function text(): Promise<string> {
  if (!many) return await (await client.fetch(url)).text();
  for await (const outcome of client.fetchMany([url])) {
    if (!outcome.ok) throw outcome.error;
    return await outcome.response.text();
  }
  throw new Error("there was no outcome");
}

let result: unknown;
try {
  result = { text: await text() };
} catch (error) {
  const { name, message } = error as Error;
  const { code, details } = error as { code?: string; details?: unknown };
  result = { error: { name, message, code, details } };
}
await client.close();
// deno-lint-ignore no-console
console.log(JSON.stringify(result));
