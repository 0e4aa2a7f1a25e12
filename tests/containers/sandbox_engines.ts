/** The matrix of the sandbox's tests: Docker and Podman, each asked by both twins of the client. */

import { connectEngine } from "../../src/containers/engine/connect.ts";
import { factsOf, newOwner, writeProfiles } from "../../src/containers/policy/mod.ts";
import {
  removeAll,
  type SandboxContext,
  sandboxContext,
} from "../../src/containers/sandbox/context.ts";
import { engineMissing, sharedDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import type { TestImage } from "../support/images.ts";
import { Beside } from "../support/needs.ts";
import { podmanMissing, sharedPodman } from "../support/podman.ts";
import { twins } from "../support/twins.ts";

/** What a test of the matrix is given. */
export interface SandboxCase {
  readonly context: SandboxContext;
  readonly engine: TestEngine;
  /** What this engine cannot give here; without a word for it, it refuses. */
  readonly acceptWeaker: readonly string[];
}

/** Connects to an engine as a caller would. */
export async function connected(
  engine: TestEngine,
  implementation: "pure" | "native",
): Promise<SandboxContext & AsyncDisposable> {
  const client = await connectEngine({ host: engine.host, implementation });
  const folder = engine.kind === "podman" ? engine.folder : null;
  if (folder !== null) await writeProfiles(folder);
  const owner = await newOwner();
  const context = sandboxContext(client, factsOf(client, folder), owner);
  return {
    ...context,
    [Symbol.asyncDispose]: async () => {
      await removeAll(context).catch(() => {});
      await client[Symbol.asyncDispose]();
      owner[Symbol.dispose]();
    },
  };
}

/** Podman of Debian here: old cgroups, and no program to be the first process. */
export const PODMAN_LACKS: readonly string[] = ["cgroup-namespace", "init"];

/**
 * Registers tests for the whole matrix, each of which runs in all of it at once; call it once in a file, at the top level.
 *
 * @param images What the engines hold.
 * @param suite Registers the tests, each by `test`.
 */
export function matrix(
  images: readonly TestImage[],
  suite: (test: (name: string, body: (given: SandboxCase) => Promise<void>) => void) => void,
): void {
  const engines = [
    ["Docker", engineMissing(), sharedDocker("none", images), []],
    ["Podman", podmanMissing(), sharedPodman("none", images), PODMAN_LACKS],
  ] as const;
  const missingImage = images.find(({ missing }) => missing !== undefined)?.missing;
  const beside = new Beside();
  for (const [name, missing, engine, acceptWeaker] of engines) {
    for (const twin of twins("containers").each) {
      suite((what, body) =>
        beside.add(
          [missing, missingImage, twin.missing],
          what,
          `${name}, ${twin.name}`,
          async () => {
            {
              await using context = await connected(engine(), twin.name);
              await body({ context, engine: engine(), acceptWeaker });
            }
            await twin.idle();
          },
        )
      );
    }
  }
  beside.register();
}

/** The containers of a test of the matrix, running or not; those of the other twin, which is at work beside it, are not. */
export async function containersOfTest({ context, engine }: SandboxCase): Promise<string[]> {
  const filters = JSON.stringify({ label: [`agent.owner=${context.owner.id}`] });
  const query = new URLSearchParams({ all: "1", filters });
  const { text } = await engine.ask("GET", `/containers/json?${query}`);
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
}

/** The containers of an engine, running or not. */
export async function containersOf(engine: TestEngine): Promise<string[]> {
  const { text } = await engine.ask("GET", "/containers/json?all=1");
  return (JSON.parse(text) as { Id: string }[]).map(({ Id }) => Id);
}
