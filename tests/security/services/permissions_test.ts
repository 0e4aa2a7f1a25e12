/** What `detectService` may do without more than it says that it needs. */

import assert from "assertions";
import { bareEnvironment, BUILT, DENO, ROOT, start } from "../../support/programs.ts";
import { listening, untilClosed } from "../../support/servers.ts";
import { testOf, twins } from "../../support/twins.ts";

for (const twin of twins("security").each) {
  const detect = async (
    port: number,
    call: string,
    permissions: readonly string[],
  ): Promise<string> => {
    const code = `import { detectService } from ${
      JSON.stringify(`file://${ROOT}src/security/mod.ts`)
    };
      try { const { service, tls } = await ${
      call.replace("PORT", `${port}`)
    }; console.log(service, tls); }
      catch (error) { console.log(error.code, error.details?.target); }`;
    const ffi = twin.name === "native" ? [`--allow-ffi=${BUILT}`, `--allow-read=${ROOT}`] : [];
    const args = [
      "run",
      "--no-prompt",
      "--quiet",
      `--config=${ROOT}deno.json`,
      ...permissions,
      ...ffi,
      "-",
    ];
    const { stdout, stderr } = await start(DENO, args, { stdin: code, env: bareEnvironment() });
    assert.equal(stderr, "");
    return stdout.trim();
  };
  const ask = (options = ""): string =>
    `detectService("127.0.0.1", PORT, { implementation: "${twin.name}" ${options}})`;

  testOf(
    "detectService",
    twin,
    "a grant of host and port is enough over TCP, none is an error",
    async () => {
      await listening(async (connection) => {
        await connection.write(new TextEncoder().encode("SSH-2.0-x\r\n"));
        await untilClosed(connection);
      }, async (address) => {
        const port = Number(address.split(":")[1]);
        assert.equal(await detect(port, ask(), [`--allow-net=127.0.0.1:${port}`]), "ssh null");
        assert.equal(await detect(port, ask(), []), `PERMISSION 127.0.0.1:${port}`);
      });
    },
  );

  testOf(
    "detectService",
    twin,
    "over UDP the port that it leaves from is asked for as well",
    async () => {
      const call = ask(', transport: "udp", timeoutMs: 20');
      assert.equal(await detect(9, call, ["--allow-net=127.0.0.1:9"]), "PERMISSION 127.0.0.1:0");
      assert.equal(await detect(9, call, ["--allow-net=127.0.0.1:9,127.0.0.1:0"]), "null null");
    },
  );
}
