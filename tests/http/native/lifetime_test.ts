/** What ends with a Worker, and what a program needs for its authorities. */

import assert from "assertions";
import { listening, untilClosed } from "../../support/servers.ts";
import { BUILT, deno, temporary } from "../../support/programs.ts";
import { delay, until } from "../../support/values.ts";
import { requestHead, serveSecurely, writeAll } from "../support.ts";
import { HELD, transportTest } from "./support.ts";

transportTest("a Worker that ends takes its exchanges with it", async () => {
  let open = 0;
  let most = 0;
  await listening(async (connection) => {
    if (await requestHead(connection) === undefined) return;
    most = Math.max(most, ++open);
    try {
      await writeAll(connection, "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\nabc");
      await untilClosed(connection);
    } finally {
      open--;
    }
  }, async (address) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
    const begun = new Promise((resolve) => worker.onmessage = resolve);
    worker.postMessage(`http://${address}/`);
    await begun;
    await until(() => most === 20, "the Worker did not begin");
    assert.ok(HELD.tasks() >= 20);
    worker.terminate();
    await HELD.ended();
    await until(() => open === 0, "connections are still open");
    await delay(0);
  });
});

transportTest("DENO_CERT names further authorities", async () => {
  await serveSecurely(
    () => new Response("trusted"),
    (port, authority) =>
      temporary(async (folder) => {
        const file = `${folder}/authority.pem`;
        await Deno.writeTextFile(file, authority);
        const program = `
        import { createHttpClient } from "${new URL("../../../src/http/mod.ts", import.meta.url)}";
        await using client = createHttpClient({ implementation: "native", allowPrivate: true });
        for await (const outcome of client.fetchMany(["https://127.0.0.1:${port}/"])) {
          console.log(outcome.ok ? await outcome.response.text() : outcome.error.message);
        }`;
        const trusting = await deno(["eval", "--quiet", program], { DENO_CERT: file });
        assert.equal(trusting.stdout, "trusted\n", trusting.stderr);
        const strange = await deno(["eval", "--quiet", program]);
        assert.match(strange.stdout, /no trusted TLS/, strange.stderr);
      }),
  );
});

transportTest("https needs no more permissions than http", async () => {
  await serveSecurely(
    () => new Response("trusted"),
    (port, authority) =>
      temporary(async (folder) => {
        const program = `${folder}/program.ts`;
        await Deno.writeTextFile(
          program,
          `
        import { createHttpClient } from "${new URL("../../../src/http/mod.ts", import.meta.url)}";
        const options = { implementation: "native", allowPrivate: true, retries: 0 } as const;
        for (const caCerts of [[${JSON.stringify(authority)}], []]) {
          await using client = createHttpClient({ ...options, caCerts });
          for await (const outcome of client.fetchMany(["https://127.0.0.1:${port}/"])) {
            console.log(outcome.ok ? await outcome.response.text() : String(outcome.error));
          }
        }`,
        );
        const { stdout, stderr } = await deno([
          "run",
          "--quiet",
          "--no-prompt",
          `--allow-read=${BUILT}`,
          `--allow-ffi=${BUILT}`,
          "--allow-net=127.0.0.1",
          program,
        ]);
        assert.match(stdout, /^trusted\n.*no trusted TLS/, stderr);
      }),
  );
});
