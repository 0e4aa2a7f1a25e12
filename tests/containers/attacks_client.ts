/** A program that holds a session and a command, to be killed: `attacks_engine_test.ts` starts it. */

import { connectEngine } from "../../src/containers/engine/connect.ts";
import { factsOf, newOwner, writeProfiles } from "../../src/containers/policy/mod.ts";
import { sandboxContext } from "../../src/containers/sandbox/context.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import { openSession } from "../../src/containers/sandbox/session.ts";

const [host = "", folder = "", spec = "{}"] = Deno.args;
const client = await connectEngine({ host, implementation: "pure" });
const profiles = client.engine === "podman" ? folder : null;
if (profiles !== null) await writeProfiles(profiles);
const context = sandboxContext(client, factsOf(client, profiles), await newOwner());
await openSession(context, JSON.parse(spec));
await runSandbox(context, {
  ...JSON.parse(spec),
  command: ["sh", "-c", "echo started; sleep 600"],
  timeoutMs: 600_000,
  onOutput: () => void Deno.stdout.writeSync(new TextEncoder().encode("ready\n")),
});
