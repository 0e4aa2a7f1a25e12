/** What tests against an engine of the tests' own share: a connection to it by either twin, and a clock that hurries. */

import { connectContainers, type Containers } from "../../src/containers/mod.ts";
import { readTemplate, type Template } from "../../src/containers/templates/mod.ts";
import type { Twin } from "../support/twins.ts";
import { testOf } from "../support/twins.ts";
import { FakeEngine } from "./fake_engine.ts";
import { DOCKER, type Generation } from "./generations.ts";

/** Connects to one as a program does. */
export function connectTo(engine: FakeEngine, twin: Twin): Promise<Containers> {
  return connectContainers({
    host: engine.host,
    implementation: twin.name,
    lockFolder: `${engine.folder}/owners`,
  });
}

/** Registers a test that has an engine and a connection to it. */
export function testOfFake(
  twin: Twin,
  name: string,
  body: (containers: Containers, engine: FakeEngine) => Promise<void>,
  generation: Generation = DOCKER,
): void {
  testOf("fake engine", twin, name, async () => {
    {
      await using engine = await FakeEngine.start(generation);
      await using containers = await connectTo(engine, twin);
      await body(containers, engine);
    }
    await twin.idle();
  });
}

/** A template without build, network and health check. */
export function plainTemplate(fields: object = {}): Template {
  const whole = {
    ...{ id: "mine", version: "1.0.0", name: "Mine", description: "A test.", network: "none" },
    ...{ image: "some/image:1", command: ["sleep", "600"], wait: { running: true }, ...fields },
  };
  return readTemplate(whole, { source: "folder", files: new Map() }, "template.json");
}

/** Runs a body while long timers go off a hundred times sooner; short ones are as they are. */
export async function hurrying(body: () => Promise<void>): Promise<void> {
  const { setTimeout: original } = globalThis;
  const hurried = (work: () => void, ms = 0, ...rest: unknown[]): number =>
    Reflect.apply(original, globalThis, [work, ms >= 5_000 ? ms / 100 : ms, ...rest]);
  globalThis.setTimeout = hurried as unknown as typeof setTimeout;
  try {
    await body();
  } finally {
    globalThis.setTimeout = original;
  }
}
