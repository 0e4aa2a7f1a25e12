/** Areas of the soak that do wrong, by the name of the folder that they are given, for its test. */

import type { Open } from "../../scripts/soak/work.ts";
import { loadEncoding } from "../../src/text/mod.ts";

/** What is held is no garbage. */
const held: unknown[] = [];

const open: Open = async ({ folder, did, lost, twins }) => {
  const name = /([a-z]+)-[^/]*$/.exec(folder)?.[1];
  if (name === "missing") return "it needs what is not here";
  if (name === "unborn") throw new Error("it could not begin");
  if (name === "leaking" && twins.includes("native")) {
    held.push(await loadEncoding("o200k_base", { implementation: "native" }));
  }
  return {
    async step() {
      await Promise.resolve();
      if (name === "dying") Deno.exit(3);
      if (name === "losing") lost("the third letter");
      if (name === "throwing") throw new Error("it cannot go on");
      if (name !== "idle") did();
    },
    close: () => Promise.resolve(),
  };
};

export default open;
