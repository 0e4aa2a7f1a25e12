/** Servers of these tests: an agent over three documents, on a free port of the loopback. */

import { createAgent } from "../../src/agent/mod.ts";
import type { AgentOptions } from "../../src/agent/types.ts";
import { createServer } from "../../src/server/mod.ts";
import type { AgentServer, ServerOptions, TextEmbedder } from "../../src/server/types.ts";

/** The token of these servers. */
export const TOKEN = "a-token-of-the-tests";
/** A question that the documents answer, and a word of the answer. */
export const QUESTION = "How long does green tea steep?";

const DOCUMENTS = [
  { document: "tea.md", text: "# Tea\n\nGreen tea steeps for two minutes. Black tea takes four." },
  { document: "lamp.md", text: "# The lamp\n\nThe lamp burns for nine hours on one charge." },
  {
    document: "<script>alert(1)</script>.md",
    title: "<img src=x onerror=alert(2)>",
    text: "The hostile kettle boils in <script>alert(3)</script> seven seconds.",
  },
];

/** A server that listens. */
export interface Served {
  /** The server. */
  server: AgentServer;
  /** Its origin, such as `http://127.0.0.1:1234`. */
  url: string;
  /** Asks it with the token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Sends JSON with the token. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** Runs a body against a server that listens. */
export async function served(
  body: (served: Served) => Promise<void>,
  options: Partial<ServerOptions> & { agentOptions?: AgentOptions } = {},
): Promise<void> {
  const { agentOptions, ...more } = options;
  await using agent = createAgent(agentOptions);
  await agent.knowledge.add(DOCUMENTS);
  await using server = createServer({ agent, token: TOKEN, ...more });
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => server.fetch(request, info),
  );
  const url = `http://127.0.0.1:${http.addr.port}`;
  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${server.token}`);
    return fetch(`${url}${path}`, { ...init, headers });
  };
  const post = (path: string, value: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("content-type", "application/json");
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return ask(path, { method: "POST", body: text, ...init, headers });
  };
  await body({ server, url, ask, post });
  await server.close();
}

/** The body of a question to `/v1/chat/completions`. */
export function chat(content: unknown, more: object = {}): object {
  return { model: "agent", messages: [{ role: "user", content }], ...more };
}

/** Sends bytes as they stand and reads what comes until the other side closes or falls silent. */
export async function raw(url: string, text: string, silenceMs = 2_000): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let answer = "";
  while (true) {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), silenceMs);
    const reading = connection.read(buffer).catch(() => null);
    const size = await Promise.race([reading, promise]);
    clearTimeout(timer);
    if (size === null) return answer;
    answer += decoder.decode(buffer.subarray(0, size), { stream: true });
    if (isWhole(answer)) return answer;
  }
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(answer)?.[1];
  return end >= 0 && length !== undefined && answer.length >= end + 4 + Number(length);
}

/** Makes vectors of four numbers from the letters of a text. */
export const LETTERS: TextEmbedder = {
  id: "letters",
  dimensions: 4,
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) =>
        Float32Array.from(["a", "e", "i", "o"], (letter) => text.split(letter).length - 1)
      ),
    ),
};
