/** Bodies that nobody reads: what they hold, and what they do not. Run on both twins. */

import assert from "assertions";
import { BUILT, DENO, ROOT } from "../support/programs.ts";
import type { Twin } from "../support/twins.ts";
import { httpTest, rejects, scripted, writeAll } from "./support.ts";

/** How long a program may take that should end by itself: it is killed then, and the test fails. */
const KILL_AFTER_MS = 20_000;
/** What the server has to give; more than is read ahead and than sockets hold. */
const LARGE = 64 * 1024 * 1024;

/** A server's answer of so many bytes, of which it gives as many as it gets rid of, at most `given`. */
async function answer(connection: Deno.TcpConn, given: number): Promise<void> {
  const piece = new Uint8Array(65_536).fill(120);
  try {
    await writeAll(connection, `HTTP/1.1 200 OK\r\ncontent-length: ${LARGE}\r\n\r\n`);
    for (let left = given; left > 0; left -= piece.length) await writeAll(connection, piece);
    // Until the other side is gone, which it is when its program ends.
    await connection.read(new Uint8Array(1));
  } catch {
    // It went while there was more.
  }
}

/** Runs a program that has a client; what it wrote, and whether it ended by itself. */
async function run(twin: Twin, body: string): Promise<{ ended: boolean; output: string }> {
  const module = new URL("../../src/http/mod.ts", import.meta.url);
  const program = `
    import { createHttpClient } from "${module}";
    const client = createHttpClient({
      implementation: "${twin.name}", allowPrivate: true, retries: 0,
      timeoutMs: 600_000, timeouts: { bodyMs: 600_000, firstByteMs: 600_000 },
    });
    ${body}`;
  const child = new Deno.Command(DENO, {
    args: ["eval", "--quiet", program],
    cwd: ROOT,
    env: { NO_COLOR: "1", AGENT_NATIVE_DIR: BUILT },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let ended = true;
  const timer = setTimeout(() => {
    ended = false;
    child.kill("SIGKILL");
  }, KILL_AFTER_MS);
  const { stdout, stderr, success } = await child.output();
  clearTimeout(timer);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (ended) assert.ok(success, text(stderr));
  return { ended, output: text(stdout) };
}

/** Registers the suite for one twin. */
export function httpUnreadConformance(twin: Twin): void {
  const test = (name: string, given: number, body: (address: string) => Promise<void>): void =>
    httpTest(twin, name, async () => {
      await scripted((connection) => answer(connection, given), body);
    });

  test("a large body that nobody reads does not keep the program alive", LARGE, async (address) => {
    const { ended, output } = await run(
      twin,
      `const response = await client.fetch("http://${address}/");
      console.log(response.status);`,
    );
    assert.deepEqual({ ended, output }, { ended: true, output: "200\n" });
  });

  test("nor does one of which nothing comes any more", 65_536, async (address) => {
    const { ended, output } = await run(
      twin,
      `const response = await client.fetch("http://${address}/");
      console.log(response.status);`,
    );
    assert.deepEqual({ ended, output }, { ended: true, output: "200\n" });
  });

  test("nor does one that was read in part", LARGE, async (address) => {
    const { ended, output } = await run(
      twin,
      `const response = await client.fetch("http://${address}/");
      const reader = response.body.getReader();
      const { value } = await reader.read();
      console.log(value.length > 0);`,
    );
    assert.deepEqual({ ended, output }, { ended: true, output: "true\n" });
  });

  test("one that is read later is there as a whole", LARGE, async (address) => {
    const { ended, output } = await run(
      twin,
      `const response = await client.fetch("http://${address}/", { maxBodyBytes: ${LARGE} });
      await new Promise((resolve) => setTimeout(resolve, 200));
      console.log((await response.bytes()).length);`,
    );
    assert.deepEqual({ ended, output }, { ended: true, output: `${LARGE}\n` });
  });

  test("one that somebody waits for keeps the program alive", 65_536, async (address) => {
    const { ended, output } = await run(
      twin,
      `const response = await client.fetch("http://${address}/", { timeoutMs: 500 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      response.text().then(console.log, (error) => console.log(error.code));`,
    );
    assert.deepEqual({ ended, output }, { ended: true, output: "TIMEOUT\n" });
  });

  httpTest(twin, "it gives its place back when its time is over", async (make) => {
    await scripted((connection) => answer(connection, LARGE), async (address) => {
      await using client = make({ concurrency: 1 });
      const unread = await client.fetch(`http://${address}/`, { timeoutMs: 300 });
      const next = await client.fetch(`http://${address}/`);
      assert.equal(next.status, 200);
      await next.body?.cancel();
      await rejects(unread.text(), "TIMEOUT", /not finished within 300 ms/);
    });
  });
}
