/**
 * A program that begins to make things on several engines, to be killed while it does: `killed_test.ts` starts it.
 * Arguments: the twin, and for each engine its host, its folder and what is made.
 */

import { connectContainers, type Containers } from "../../src/containers/mod.ts";
import { plainTemplate } from "./fake_support.ts";

const image = "some/image:1";
/** What can be made, by its name. */
const MAKINGS: Readonly<Record<string, (containers: Containers) => Promise<unknown>>> = {
  deployment: (containers) =>
    containers.deploy(plainTemplate({
      network: "internal",
      volumes: [{ name: "work", target: "/data" }],
      token: { file: "/secrets/token" },
    })),
  session: (containers) => containers.session({ image, verify: false }),
  run: (containers) => containers.run({ image, command: ["sleep", "60"] }),
};

const [implementation = "pure", wanted = "[]"] = Deno.args;
await Promise.all(
  (JSON.parse(wanted) as [host: string, folder: string, what: string][]).map(
    async ([host, folder, what]) => {
      const containers = await connectContainers({
        ...{ host, implementation: implementation as "pure" | "native" },
        lockFolder: `${folder}/owners`,
      });
      await MAKINGS[what]!(containers);
    },
  ),
);
// What is there stays until it is killed.
setInterval(() => {}, 60_000);
