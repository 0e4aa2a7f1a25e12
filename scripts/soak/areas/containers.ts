/**
 * Containers: on an engine of its own, without a network, each box does what it was told, and nothing is left of any:
 * runs with input, files and outputs, runs that are aborted or last too long, sessions, a warm pool; by both twins of
 * the client.
 */

import { connectContainers, type Containers, type Pool } from "@agent/runtime/containers";
import { engineMissing, startDocker } from "../../../tests/support/docker.ts";
import type { TestEngine } from "../../../tests/support/engine.ts";
import { BUSYBOX } from "../../../tests/support/images.ts";
import { type Context, inTurn, type Open, type TwinName, type Work } from "../work.ts";

const REOPENED_AFTER = 10;
const image = BUSYBOX.name;
const sh = (script: string): string[] => ["sh", "-c", script];

/** A connection with a warm pool, which lives for some steps. */
class Connected {
  readonly #context: Context;
  readonly #containers: Containers;
  readonly #pool: Pool;

  private constructor(context: Context, containers: Containers, pool: Pool) {
    this.#context = context;
    this.#containers = containers;
    this.#pool = pool;
  }

  static async open(context: Context, host: string, implementation: TwinName): Promise<Connected> {
    const containers = await connectContainers({ host, implementation });
    const pool = await containers.pool({ image, size: 1 });
    await pool.warm();
    return new Connected(context, containers, pool);
  }

  async step(turn: number): Promise<void> {
    const { lost, did, below } = this.#context;
    const expect = (what: string, got: string, wanted: string): void => {
      if (got !== wanted) lost(`${what}: ${JSON.stringify(got.slice(0, 100))}`);
      did();
    };
    const word = `word ${below(1e6)}`;
    switch (turn % 4) {
      case 0: {
        const { stdout, files } = await this.#containers.run({
          ...{ image, command: sh("cat; cp in out"), stdin: word },
          ...{ files: { in: word }, outputs: ["out"] },
        });
        expect("a run", stdout, word);
        return expect("its file", new TextDecoder().decode(files[0]?.bytes), word);
      }
      case 1: {
        await using session = await this.#containers.session({ image });
        await session.putFiles({ note: word });
        const { stdout } = await session.exec(sh("tr a-z A-Z < note | tee loud"));
        expect("a session", stdout, word.toUpperCase());
        const [loud] = await session.getFiles("loud");
        expect("its file", new TextDecoder().decode(loud?.bytes), word.toUpperCase());
        await using process = await session.start(["cat"]);
        await process.write(word);
        return expect("a process", new TextDecoder().decode((await process.read())?.bytes), word);
      }
      case 2: {
        const { stdout } = await this.#pool.run({ command: ["cat"], stdin: word });
        return expect("a box of the pool", stdout, word);
      }
      default: {
        const stop = new AbortController();
        const aborted = this.#containers.run({
          ...{ image, command: sh("echo begun; sleep 60"), signal: stop.signal },
          onOutput: () => stop.abort(),
        });
        const answered = await aborted.then(() => true, () => false);
        expect("an aborted run", String(answered), "false");
        const { timedOut } = await this.#containers.run({
          ...{ image, command: ["sleep", "60"], timeoutMs: 5_000 },
        });
        return expect("a run that lasts too long", String(timedOut), "true");
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#containers[Symbol.asyncDispose]();
  }
}

/** What an engine has of what may be left behind. */
async function leftOn(engine: TestEngine): Promise<string[]> {
  const containers = (await engine.ask("GET", "/containers/json?all=1")).json() as {
    Names: string[];
  }[];
  const networks = (await engine.ask("GET", "/networks")).json() as { Name: string }[];
  const { Volumes } = (await engine.ask("GET", "/volumes")).json() as {
    Volumes: { Name: string }[] | null;
  };
  return [
    ...containers.map(({ Names }) => `container ${Names}`),
    ...networks.map(({ Name }) => Name).filter((name) =>
      !["none", "host", "bridge"].includes(name)
    ),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
  ];
}

const open: Open = async (context): Promise<Work | string> => {
  const missing = engineMissing() ?? BUSYBOX.missing;
  if (missing !== undefined) return missing;
  const { twins } = context;
  const engine = await startDocker("none", [BUSYBOX]);
  let turn = 0;
  let connected: Connected | undefined;
  const closed = async (): Promise<void> => {
    await connected?.close();
    connected = undefined;
    for (const left of await leftOn(engine)) context.lost(`left behind: ${left}`);
  };
  return {
    everyMs: 4_000,
    async step() {
      const twin = inTurn(twins, Math.floor(turn / REOPENED_AFTER));
      connected ??= await Connected.open(context, engine.host, twin);
      await connected.step(turn++);
      if (turn % REOPENED_AFTER === 0) await closed();
    },
    async close() {
      try {
        await closed();
      } finally {
        await engine[Symbol.asyncDispose]();
      }
    },
  };
};

export default open;
