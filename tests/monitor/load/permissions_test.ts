/** What `loadTest` may do without more than it says that it needs. */

import assert from "assertions";
import { bareEnvironment, BUILT, DENO, ROOT, start } from "../../support/programs.ts";
import { serving } from "../../support/servers.ts";
import { testOf, twins } from "../../support/twins.ts";

for (const twin of twins("monitor").each) {
  const load = async (url: string, permissions: readonly string[]): Promise<string> => {
    const code = `import { loadTest } from ${JSON.stringify(`file://${ROOT}src/monitor/mod.ts`)};
      try {
        const options = { requests: 4, connections: 2, implementation: "${twin.name}" };
        const { succeeded, errors } = await loadTest("${url}", options);
        console.log(succeeded, JSON.stringify(errors));
      } catch (error) { console.log(error.code, error.details?.target); }`;
    const ffi = twin.name === "native" ? [`--allow-ffi=${BUILT}`, `--allow-read=${ROOT}`] : [];
    const args = ["run", "--no-prompt", "--quiet", `--config=${ROOT}deno.json`];
    const { stdout, stderr } = await start(DENO, [...args, ...permissions, ...ffi, "-"], {
      stdin: code,
      env: bareEnvironment(),
    });
    assert.equal(stderr, "");
    return stdout.trim();
  };

  testOf("loadTest", twin, "a grant of host and port is enough, none is an error", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const url = `http://${address}/`;
      assert.equal(await load(url, [`--allow-net=${address}`]), "4 {}");
      assert.equal(requests.length, 4);
      assert.equal(await load(url, []), `PERMISSION ${address}`);
      assert.equal(await load(url, ["--allow-net=127.0.0.1:9"]), `PERMISSION ${address}`);
      assert.equal(requests.length, 4);
    });
  });

  testOf("loadTest", twin, "a name leads to no address that is denied", async () => {
    await serving(() => new Response("hello"), async (address, requests) => {
      const url = `http://localhost:${address.split(":")[1]}/`;
      assert.equal(await load(url, ["--allow-net=localhost"]), "4 {}");
      const denied = ["--allow-net=localhost", "--deny-net=127.0.0.1"];
      assert.equal(await load(url, denied), `PERMISSION ${address}`);
      assert.equal(requests.length, 4);
    });
  });
}
