/** A client that deploys, says its deployment's id, and is then killed. Arguments: host, folder, image. */

import { deploy } from "../../src/containers/deploy/mod.ts";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import { factsOf, newOwner } from "../../src/containers/policy/mod.ts";
import { readTemplate } from "../../src/containers/templates/mod.ts";

const [host, folder, image] = Deno.args;
const client = await connectEngine({ host: host! });
const owner = await newOwner(`${folder}/owners`);
const template = readTemplate(
  {
    id: "child",
    version: "1.0.0",
    name: "Child",
    description: "Is left behind.",
    image,
    command: ["sleep", "600"],
    volumes: [{ name: "data", target: "/data" }],
    network: "internal",
  },
  { source: "folder", files: new Map() },
  "template.json",
);
const context = {
  client,
  facts: factsOf(client, folder),
  owner,
  mounts: {},
  templates: [template],
  refused: [],
  deployments: new Set<never>(),
};
const detach = Deno.args[3] === "detach";
const { id } = await deploy({ ...context, deployments: new Set() }, "child", { detach });
await Deno.stdout.write(new TextEncoder().encode(`${id}\n`));
setInterval(() => {}, 60_000);
