/**
 * Pages of the web as Markdown with their tokens, fetched from the loopback: both twins beside what is usually put
 * together for it (fetch and linkedom, Readability, turndown, gpt-tokenizer), and what is left on the JavaScript heap.
 * The server is a process of its own; its pages are made from a seed.
 */

import { createHttpClient, type HttpClient, type PageOptions } from "@agent/runtime/http";
import { type Area, atLeast, atMost, type Context, type Fact } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { NATIVE, ROOT, runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const MANY = "pages() of documentation";
const ONE = "pages() of one page";
const CHUNKS = "pages() of documentation, with chunks of 512 tokens";
const PEER = "linkedom, Readability, turndown, gpt-tokenizer";
const PAGES = 200;
const PORT = 26_380;
const BASE = `http://127.0.0.1:${PORT}`;
/** What `pages` has under way at once with one host. */
const AT_ONCE = 6;
/** Between which pages the heap of a twin is looked at; the TypeScript one takes its time for each. */
const HEAP_PAGES: Record<string, readonly [first: number, last: number]> = {
  native: [1_000, 5_000],
  pure: [200, 1_000],
};
/** Of how many pages a call is made in rows that take long for each: the next ones each time, so that all count. */
const PURE_PART = 20;
const PEER_PART = 10;
const CHUNKS_PART = 50;
const MB = 1e6;

const addresses = Array.from({ length: PAGES }, (_, index) => `${BASE}/${index}`);
let client: HttpClient | undefined;

/** The area. */
export const area: Area = {
  name: "pages",
  tools: [["pages to Markdown and tokens", MANY, PAGES]],
  async groups(context) {
    if (!mayServe(context)) return [];
    const { twins } = context;
    const page = await context.peers.page();
    const count = page && await context.peers.countTokens();
    const peer = (urls: readonly string[]): Row[] => {
      if (page === undefined || count === undefined) return [];
      const { next, scale } = parts(urls, PEER_PART);
      const once = async (): Promise<number> => await byPeers(next(), (html) => count(page(html)));
      return [{ name: PEER, role: "peer", scale, once }];
    };
    const ours = (urls: readonly string[], most = PAGES, options: PageOptions = {}): Row[] =>
      twins.map((implementation) => {
        const size = implementation === "pure" ? Math.min(most, PURE_PART) : most;
        const { next, scale } = parts(urls, size);
        const once = async (): Promise<number> =>
          await byUs(next(), { ...options, implementation });
        return { name: implementation, role: implementation, scale, once };
      });
    const one = addresses.slice(0, 1);
    return [
      group(MANY, PAGES, [...ours(addresses), ...peer(addresses)]),
      group(ONE, 1, [...ours(one), ...peer(one)]),
      group(CHUNKS, PAGES, ours(addresses, CHUNKS_PART, { maxTokens: 512 })),
    ];
  },
  facts,
  bars(figures) {
    return [
      atLeast(`${PAGES} pages, native beside ${PEER}`, figures.times(MANY, PAGES, "native"), 5),
      atMost(
        "JavaScript heap, native: what pages 1,001 to 5,000 add",
        figures.fact(growthName("native")),
        2,
        " MB",
      ),
    ];
  },
};

function group(operation: string, size: number, rows: Row[]): Group {
  return {
    operation,
    size,
    unit: "pages",
    slow: size > 1,
    // Rows that do a part of the pages at a time cannot be shown by Deno.
    front: rows.every(({ scale }) => scale === undefined),
    rows,
    prepare: async (_, round) => {
      if (round === 0) await serve();
    },
  };
}

/** Addresses in parts of a size, and by how much the time of one is multiplied if it is not all of them. */
function parts(
  urls: readonly string[],
  size: number,
): { next: () => readonly string[]; scale?: number } {
  const length = Math.min(size, urls.length);
  let at = 0;
  return {
    ...(length < urls.length ? { scale: urls.length / length } : {}),
    next(): readonly string[] {
      const part = urls.slice(at, at + length);
      at = (at + length) % urls.length;
      return part;
    },
  };
}

async function byUs(urls: readonly string[], options: PageOptions): Promise<number> {
  client ??= createHttpClient({ allowPrivate: true });
  let tokens = 0;
  for await (const outcome of client.pages(urls, options)) {
    if (!outcome.ok) throw outcome.error;
    tokens += outcome.tokens;
  }
  return tokens;
}

async function byPeers(
  urls: readonly string[],
  tokensOf: (html: string) => number,
): Promise<number> {
  let tokens = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < urls.length) {
      const response = await fetch(urls[next++]!);
      const html = await response.text();
      tokens += tokensOf(html);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tokens;
}

function mayServe(context: Context): boolean {
  const allowed = context.may({ name: "run", command: Deno.execPath() }) &&
    context.may({ name: "net", host: `127.0.0.1:${PORT}` });
  if (!allowed) {
    context.leaveOut(`pages (needs --allow-run for Deno, --allow-net=127.0.0.1:${PORT})`);
  }
  return allowed;
}

let serving: Promise<void> | undefined;

/** Starts the server, which ends with this process; once. */
function serve(): Promise<void> {
  return serving ??= (async () => {
    const program = new URL("lib/programs/pages_server.ts", import.meta.url).href;
    const flags = ["run", "--quiet", "--no-prompt", `--allow-net=127.0.0.1:${PORT}`];
    const server = new Deno.Command(Deno.execPath(), {
      args: [...flags, program, `${PORT}`, `${PAGES}`],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    globalThis.addEventListener("unload", () => server.kill("SIGKILL"));
    const reader = server.stdout.getReader();
    const { done } = await reader.read();
    if (done) throw new Error(`The server of pages did not start: is port ${PORT} in use?`);
    server.unref();
  })();
}

const growthName = (twin: string): string => {
  const [first, last] = HEAP_PAGES[twin]!.map((page, index) => page + 1 - index);
  const said = [first!, last!].map((page) => page.toLocaleString("en-US")).join(" to ");
  return `JavaScript heap, ${twin}: what pages ${said} add`;
};
const peakName = (twin: string): string => `JavaScript heap, ${twin}: most between collections`;

async function facts(context: Context): Promise<Fact[]> {
  if (context.quick || !mayServe(context)) return [];
  await serve();
  const found: Fact[] = [];
  for (const twin of context.twins.filter((twin) => twin !== "auto").reverse()) {
    const [first, last] = HEAP_PAGES[twin]!;
    context.note(`${last} pages, ${twin}`);
    const output = await runProgram("programs/pages_heap.ts", {
      flags: ["--v8-flags=--expose-gc", ...NATIVE, `--allow-net=127.0.0.1:${PORT}`],
      args: [twin, BASE, `${first}`, `${last}`],
    });
    const { before, after, peak } = JSON.parse(output) as Record<string, number>;
    found.push({ name: growthName(twin), value: (after! - before!) / MB, unit: "MB" });
    found.push({ name: peakName(twin), value: peak! / MB, unit: "MB" });
  }
  return found;
}

await register(area, import.meta.url);
