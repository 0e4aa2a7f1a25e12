/**
 * The proxy's image: the program and nothing else. It is made in the engine, once for each program, and stays there.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { writeTar } from "../files/tar_write.ts";
import type { EgressContext } from "./types.ts";
import { findProgram, type Program } from "./program.ts";

/** The program in the image. */
export const ENTRY = "/egress-proxy";

/**
 * Makes sure that an engine has the image.
 *
 * @returns The image's name.
 * @throws {AgentError} As `findProgram()`; `IO` if the engine does not take it.
 */
export async function ensureImage(context: EgressContext, signal?: AbortSignal): Promise<string> {
  const { client } = context;
  const program = await findProgram(client.capabilities.arch);
  // With a host, so that no engine completes it with the one that it pulls from. Podman makes every tag `latest` here.
  const repo = `localhost/agent/egress-proxy-${program.digest}`;
  const name = `${repo}:latest`;
  if (await client.empty("GET", `/images/${name}/json`, { accept: [404], signal }) !== 404) {
    return name;
  }
  const query = {
    fromSrc: "-",
    repo,
    tag: "latest",
    changes: "LABEL agent.runtime=1 agent.kind=egress",
  };
  const body = tarOf(program);
  for await (
    const line of client.lines<{ error?: string }>("POST", "/images/create", {
      query,
      body,
      contentType: "application/x-tar",
      signal,
    })
  ) {
    if (typeof line?.error === "string") {
      const details = { path: client.host.text, operation: "POST /images/create" };
      throw new AgentError("IO", `The engine does not take ${name}: ${line.error}`, details);
    }
  }
  return name;
}

function tarOf({ bytes }: Program): AsyncIterable<Uint8Array> {
  return writeTar([{
    path: ENTRY.slice(1),
    kind: "file",
    mode: 0o755,
    size: bytes.length,
    content: () => [bytes],
  }]);
}
