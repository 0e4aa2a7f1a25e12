/** Named hosts for a sandbox that is run, by the library and from the command line, on real engines. */

import assert from "assertions";
import { connectContainers } from "../../../src/containers/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { agent, Scratch } from "../../e2e/helpers.ts";
import { PYTHON } from "../../support/images.ts";
import { Beside } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";
import { MACHINE, World, worldMissing } from "./world.ts";

const beside = new Beside();
for (const kind of ["docker", "podman"] as const) {
  const missing = worldMissing(kind);
  let world!: World;
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      world = await World.start(kind);
    });
    Deno.test.afterAll(() => world?.[Symbol.asyncDispose]());
  }
  const test = (name: string, body: () => Promise<void>): void =>
    beside.add([missing], `egress: ${name}`, kind, () => world.test(body));
  const leavesNothing = async (): Promise<void> => {
    const filters = { label: ["agent.runtime=1"] };
    const query = { all: 1, filters };
    const { client } = world;
    assert.deepEqual(await client.json("GET", "/containers/json", { query }), []);
    assert.deepEqual(await client.json("GET", "/networks", { query: { filters } }), []);
  };
  // What this Podman cannot give on a machine with the old cgroups.
  const acceptWeaker = kind === "podman" ? ["cgroup-namespace", "init"] : [];

  test("run() reaches what it names and no more, and leaves nothing", async () => {
    await using containers = await connectContainers({ host: world.engine.host });
    const result = await containers.run({
      image: PYTHON.name,
      command: [
        ...["python3", "-c"],
        `import urllib.request
for name in ("open", "other"):
    try: print(urllib.request.urlopen(f"http://{name}.test/").status)
    except Exception as error: print(error)`,
      ],
      network: { allow: ["open.test:80"], dns: [MACHINE.open] },
      acceptWeaker,
    });
    assert.equal(result.stdout, "200\nHTTP Error 403: Forbidden\n", result.stderr);
    await leavesNothing();
  });

  const ASKED = `import urllib.request
for address in ("${MACHINE.private}:80", "${MACHINE.private}:8080", "${MACHINE.metadata}:80"):
    try: print(urllib.request.urlopen(f"http://{address}/").status)
    except Exception as error: print(error)`;
  const ANSWERED = "200\nHTTP Error 403: Forbidden\nHTTP Error 403: Forbidden\n";

  for (const twin of twins("containers").each) {
    beside.add(
      [missing, twin.missing],
      `egress: an address of a private network is reached if that is said (${twin.name})`,
      kind,
      () =>
        world.test(async () => {
          const implementation = twin.name;
          await using containers = await connectContainers({
            host: world.engine.host,
            implementation,
          });
          const allow = [`${MACHINE.private}:80`];
          const command = ["python3", "-c", ASKED];
          const spec = { image: PYTHON.name, command, acceptWeaker };
          await assert.rejects(
            containers.run({ ...spec, network: { allow } }),
            (error) => AgentError.is(error, "SCOPE") && /allowPrivate/.test(error.message),
          );
          const { stdout, stderr } = await containers.run({
            ...spec,
            network: { allow, allowPrivate: true },
          });
          assert.equal(stdout, ANSWERED, stderr);
          await leavesNothing();
          await twin.idle();
        }),
    );
  }

  test("agent containers run --allow reaches what it names and no more", async () => {
    using scratch = new Scratch();
    const env = scratch.env({ DOCKER_HOST: world.engine.host });
    const accepted = acceptWeaker.flatMap((control) => ["--accept-weaker", control]);
    const call = (...options: string[]) =>
      agent(scratch, [
        ...["containers", "run", "--image", PYTHON.name, ...accepted, ...options],
        ...["--", "python3", "-c", ASKED],
      ], { env });
    const named = ["--allow", `${MACHINE.private}:80`];
    const refused = await call(...named);
    assert.equal(refused.stdout, "");
    assert.match(refused.stderr, /\S+ is a private address, which --allow-private opens/);
    assert.equal(refused.code, 2, refused.stderr);
    const alone = await call("--allow-private");
    assert.match(alone.stderr, /--allow-private needs --allow/);
    assert.equal(alone.code, 2, alone.stderr);
    const reached = await call(...named, "--allow-private");
    assert.equal(reached.stdout, ANSWERED, reached.stderr);
    assert.equal(reached.code, 0, reached.stderr);
    await leavesNothing();
  });
}
beside.register();
