/**
 * A program that the tests of the limiter start in a process of its own. Arguments: what it does, and the options of
 * its limiter as JSON; it writes what came of it as JSON.
 */

import { createLimiter } from "../../../src/http/limiter/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";

const [task, json = "{}"] = Deno.args;
const say = (what: unknown): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
};

try {
  const limiter = createLimiter(JSON.parse(json));
  if (task === "hold") {
    // Has a place, waits for another, and is killed.
    await limiter.reserve();
    limiter.reserve().catch(() => {});
    say("holding");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  } else {
    const reservation = await limiter.reserve(3);
    await reservation.settle(2);
    const { tokensLeft } = await limiter.stats();
    say({ implementation: limiter.implementation, shared: limiter.shared, tokensLeft });
    await limiter.close();
  }
} catch (error) {
  say(AgentError.is(error) ? { code: error.code, ...error.details } : { error: String(error) });
}
