/**
 * What the client needs of Deno's permissions, on both twins: a host with its port suffices where it is a literal
 * address, a name has to be granted without a port for the system to be asked about it, and each hop and proxy is asked
 * for. Native sockets, which the operating system lets go anywhere, go nowhere else.
 */

import assert from "assertions";
import { programMissing } from "../support/needs.ts";
import { BUILT, deno, ROOT, temporary } from "../support/programs.ts";
import { serving } from "../support/servers.ts";
import { testOf, type TwinName, twins } from "../support/twins.ts";
import { serveSecurely } from "./support.ts";

interface Call {
  url: string;
  many?: boolean;
  names?: Record<string, string[]>;
  proxy?: string;
}

interface Result {
  text?: string;
  error?: { name: string; message: string; code?: string; details?: Record<string, string> };
}

async function run(
  twin: TwinName,
  net: readonly string[],
  call: Call,
  env: Record<string, string> = {},
): Promise<Result> {
  const flags = twin === "native" ? [`--allow-ffi=${BUILT}`, `--allow-read=${BUILT}`] : [];
  const { code, stdout, stderr } = await deno([
    "run",
    "--no-prompt",
    ...merged([...flags, ...net]),
    `${ROOT}tests/http/access_program.ts`,
    JSON.stringify({ implementation: twin, many: false, ...call }),
  ], env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Result;
}

/** Deno takes each flag once; several values of one are joined. */
function merged(flags: readonly string[]): string[] {
  const read = flags.filter((flag) => flag.startsWith("--allow-read="));
  if (read.length < 2) return [...flags];
  const values = read.map((flag) => flag.slice("--allow-read=".length));
  return [...flags.filter((flag) => !read.includes(flag)), `--allow-read=${values.join(",")}`];
}

function denied({ error }: Result, target: string): void {
  assert.deepEqual(
    [error?.name, error?.code, error?.details],
    ["AgentError", "PERMISSION", { permission: "net", target }],
    JSON.stringify(error),
  );
}

const answer = (request: Request): Response => {
  const to = new URL(request.url).searchParams.get("to");
  return to === null
    ? new Response("there")
    : new Response(null, { status: 302, headers: { location: to } });
};

const noOpenssl = programMissing("openssl", "openssl");

for (const twin of twins("http").each) {
  const { name } = twin;

  const certTwin = { ...twin, missing: twin.missing ?? noOpenssl };
  testOf(
    "http permissions",
    certTwin,
    "DENO_CERT names authorities, as it does for fetch",
    () =>
      serveSecurely(() => new Response("there"), (port, authority) =>
        temporary(async (folder) => {
          const file = `${folder}/authority.pem`;
          await Deno.writeTextFile(file, authority);
          const url = `https://127.0.0.1:${port}/`;
          // Deno reads the file itself; for native code the program does, and asks Deno for the usual authorities.
          const flags = [
            ...(name === "native" ? ["--allow-sys"] : []),
            `--allow-net=127.0.0.1:${port}`,
            `--allow-read=${file}`,
            "--allow-env=DENO_CERT",
          ];
          assert.deepEqual(await run(name, flags, { url }, { DENO_CERT: file }), { text: "there" });
          const { error } = await run(name, flags, { url });
          assert.match(error!.message, /no trusted TLS with/);
        })),
  );

  const test = (what: string, body: (host: string, port: string) => Promise<void>): void =>
    testOf("http permissions", twin, what, () =>
      serving(answer, async (address) => {
        const [host, port] = address.split(":") as [string, string];
        await body(host, port);
      }));

  test("a literal address with its port suffices, and is needed", async (host, port) => {
    const url = `http://${host}:${port}/`;
    for (const many of [false, true]) {
      const call = { url, many };
      assert.deepEqual(await run(name, [`--allow-net=${host}:${port}`], call), { text: "there" });
      denied(await run(name, [], call), `${host}:${port}`);
      denied(await run(name, [`--allow-net=${host}:1`], call), `${host}:${port}`);
      denied(
        await run(name, ["--allow-net", `--deny-net=${host}:${port}`], call),
        `${host}:${port}`,
      );
    }
  });

  test("a name is dialled where it alone is granted", async (_, port) => {
    const url = `http://localhost:${port}/`;
    assert.deepEqual(await run(name, ["--allow-net=localhost"], { url }), { text: "there" });
    // The system is asked about names that are granted without a port alone.
    denied(await run(name, [`--allow-net=localhost:${port}`], { url }), "localhost");
    const refused = await run(name, ["--allow-net=localhost", "--deny-net=127.0.0.1"], { url });
    denied(refused, `127.0.0.1:${port}`);
  });

  test(
    "a resolver of one's own needs the name with its port, and an address that it gives",
    async (_, port) => {
      const url = `http://own.test:${port}/`;
      const names = { "own.test": ["127.0.0.1"] };
      const net = [`--allow-net=own.test:${port},127.0.0.1:${port}`];
      assert.deepEqual(await run(name, net, { url, names }), { text: "there" });
      const several = { "own.test": ["127.0.0.2", "127.0.0.1"] };
      assert.deepEqual(await run(name, net, { url, names: several }), { text: "there" });
      denied(
        await run(name, [`--allow-net=127.0.0.1:${port}`], { url, names }),
        `own.test:${port}`,
      );
      // A name that is granted does not lead to every address of the program's choice.
      for (const many of [false, true]) {
        const alone = [`--allow-net=own.test:${port}`];
        denied(await run(name, alone, { url, names, many }), `127.0.0.1:${port}`);
      }
    },
  );

  test("each hop of a redirect is asked for", async (host, port) => {
    const to = `http://localhost:${port}/`;
    const url = `http://${host}:${port}/?to=${encodeURIComponent(to)}`;
    denied(await run(name, [`--allow-net=${host}:${port}`], { url }), `localhost:${port}`);
    const both = [`--allow-net=${host}:${port},localhost`];
    assert.deepEqual(await run(name, both, { url }), { text: "there" });
  });

  test("through a proxy both are asked for", async (host, port) => {
    const call = { url: "http://far.test/", proxy: `http://${host}:${port}` };
    denied(await run(name, [`--allow-net=${host}:${port}`], call), "far.test:80");
    denied(await run(name, ["--allow-net=far.test:80"], call), `${host}:${port}`);
    const both = [`--allow-net=far.test:80,${host}:${port}`];
    assert.deepEqual(await run(name, both, call), { text: "there" });
  });

  test("a proxy of the environment is not taken by itself", async (host, port) => {
    // Nothing listens there: going through it would fail.
    const { code, stdout, stderr } = await deno([
      "run",
      "--no-prompt",
      "--allow-env",
      `--allow-net=${host}:${port}`,
      ...(name === "native" ? [`--allow-ffi=${BUILT}`, `--allow-read=${BUILT}`] : []),
      `${ROOT}tests/http/access_program.ts`,
      JSON.stringify({ implementation: name, many: false, url: `http://${host}:${port}/` }),
    ], {
      HTTP_PROXY: "http://127.0.0.1:9",
      http_proxy: "http://127.0.0.1:9",
      ALL_PROXY: "http://127.0.0.1:9",
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { text: "there" });
  });
}
