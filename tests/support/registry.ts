/**
 * A registry of images for the tests: Debian's `docker-registry` on a free port of this machine, with
 * a folder of its own. Docker trusts a loopback registry without TLS; `startPodman` must be told.
 */

import type { TestEngine } from "./engine.ts";
import { programMissing } from "./needs.ts";
import { unusedPort } from "./servers.ts";
import { delay } from "./values.ts";

/** Why no registry can be started here; undefined if one can. */
export const registryMissing: string | undefined = programMissing(
  "docker-registry",
  "docker-registry",
);

/** A registry that is running. */
export class TestRegistry implements AsyncDisposable {
  /** Where it listens, as `host:port`: the beginning of the names of its images. */
  readonly address: string;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.address = `127.0.0.1:${port}`;
    this.#process = new Deno.Command("docker-registry", {
      args: ["serve", `${folder}/config.yml`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Starts an empty one. */
  static async start(): Promise<TestRegistry> {
    const folder = await Deno.makeTempDir({ prefix: "agent-registry-" });
    const port = unusedPort();
    await Deno.writeTextFile(
      `${folder}/config.yml`,
      `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${JSON.stringify(`${folder}/data`)} } }
http: { addr: "127.0.0.1:${port}" }
`,
    );
    const registry = new TestRegistry(folder, port);
    for (let tries = 0;; tries++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return registry;
      } catch (error) {
        if (tries === 500) throw error;
        await delay(20);
      }
    }
  }

  /**
   * Takes an image that an engine has.
   *
   * @param engine The engine; it forgets the image's new name afterwards.
   * @param image Its name there.
   * @param as Its name here, with a tag.
   * @returns The whole name with which it is pulled.
   */
  async take(engine: TestEngine, image: string, as: string): Promise<string> {
    const [name, tag = "latest"] = as.split(":");
    const repo = `${this.address}/${name}`;
    const query = `repo=${encodeURIComponent(repo)}&tag=${tag}`;
    const tagged = await engine.ask("POST", `/images/${image}/tag?${query}`);
    if (tagged.status !== 201) throw new Error(`No tag ${repo}:${tag}: ${tagged.text}`);
    const pushed = await engine.ask(
      "POST",
      `/images/${repo}/push?tag=${tag}&tlsVerify=false`,
      undefined,
      { "x-registry-auth": btoa("{}") },
    );
    if (pushed.status !== 200 || /"error"/.test(pushed.text)) {
      throw new Error(`${engine.kind} cannot push ${repo}:${tag}: ${pushed.text}`);
    }
    await engine.ask("DELETE", `/images/${repo}:${tag}?noprune=1`);
    return `${repo}:${tag}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
