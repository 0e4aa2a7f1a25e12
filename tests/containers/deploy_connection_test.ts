/** Deploying by a connection as a program does it, with templates of its own. */

import assert from "assertions";
import { connectContainers } from "../../src/containers/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { engineMissing, sharedDocker } from "../support/docker.ts";
import { BUSYBOX } from "../support/images.ts";
// Opens the native library before the first test, which would else seem to leak it.
import "../support/twins.ts";
import { testNeeding } from "../support/needs.ts";
import { plainTemplate } from "./fake_support.ts";

const MISSING = engineMissing() ?? BUSYBOX.missing;
const engine = sharedDocker("none", [BUSYBOX]);

const TEMPLATE = {
  id: "greeter",
  version: "1.0.0",
  name: "Greeter",
  description: "Says a word.",
  options: {
    word: { type: "string", default: "hello", description: "The word.", to: { env: "WORD" } },
  },
  network: "none",
  wait: { log: "says" },
};

testNeeding(
  [MISSING],
  "connection: a template from a folder, and its end with the connection",
  async () => {
    const folder = `${engine().folder}/templates`;
    await Deno.mkdir(`${folder}/greeter`, { recursive: true });
    await Deno.writeTextFile(`${folder}/greeter/template.json`, JSON.stringify(TEMPLATE));
    await Deno.writeTextFile(
      `${folder}/greeter/Dockerfile`,
      `FROM ${BUSYBOX.name}\nCMD ["sh", "-c", "echo \\"says $WORD\\"; exec sleep 600"]\n`,
    );
    const options = { host: engine().host, lockFolder: `${engine().folder}/owners` };
    let left: string;
    {
      await using containers = await connectContainers({ ...options, templates: folder });
      assert.deepEqual(containers.templates().map(({ id }) => id).at(-1), "greeter");
      assert.match(
        containers.describe("greeter"),
        /Says a word\.\nProfile: service; no capability/,
      );
      assert.throws(() => containers.describe("greter"), /did you mean greeter\?/);
      const read = await containers.readDevcontainer(
        `{ "image": ${JSON.stringify(BUSYBOX.name)}, }`,
      );
      assert.equal(read.source, "devcontainer");
      const given = { options: { word: "good-day" }, buildNetwork: "none" } as const;
      const deployment = await containers.deploy("greeter", given);
      const lines: string[] = [];
      for await (const { text } of deployment.container.logs()) lines.push(text);
      assert.deepEqual(lines, ["says good-day"]);
      const kept = await containers.deploy("greeter", { ...given, detach: true });
      left = kept.containerId!;
      const [listed] = await containers.list({ names: [kept.name] });
      assert.equal(listed!.kind, "deployment");
      await assert.rejects(
        containers.deploy("greeter", { options: { wrod: "x" } }),
        /did you mean word\?/,
      );
    }
    {
      await using again = await connectContainers(options);
      const found = await again.list({ ours: true });
      assert.deepEqual(found.map(({ id }) => id), [left]);
      assert.deepEqual((await again.sweep()).removed, []);
      await again.get(left).remove({ force: true });
    }
    const bad = connectContainers({ ...options, templates: `${folder}/nowhere` });
    await assert.rejects(bad, (error) => AgentError.is(error, "NOT_FOUND"));
  },
);

testNeeding(
  [MISSING],
  "connection: of several that ask for one name at once one has it, and nothing of the others is left",
  async () => {
    const options = { host: engine().host, lockFolder: `${engine().folder}/owners` };
    await using containers = await connectContainers(options);
    const template = plainTemplate({
      ...{ image: BUSYBOX.name, volumes: [{ name: "work", target: "/data" }] },
      token: { file: "/secrets/token" },
    });
    const asked = Array.from({ length: 4 }, () => containers.deploy(template, { name: "same" }));
    const outcomes = await Promise.allSettled(asked);
    const [one, ...more] = outcomes.flatMap((it) => it.status === "fulfilled" ? [it.value] : []);
    assert.deepEqual([one?.name, more], ["same", []]);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assert.ok(AgentError.is(outcome.reason, "UNAVAILABLE"), `${outcome.reason}`);
    }
    assert.ok((await one!.container.inspect()).running);
    const volumes = async (): Promise<string[]> => {
      const { Volumes } = (await engine().ask("GET", "/volumes")).json() as {
        Volumes: { Name: string }[] | null;
      };
      return (Volumes ?? []).map(({ Name }) => Name).sort();
    };
    assert.deepEqual(await volumes(), [`agent-${one!.id}-secret`, `agent-${one!.id}-work`]);
    await one!.remove();
    assert.deepEqual([await volumes(), await containers.list()], [[], []]);
  },
);
