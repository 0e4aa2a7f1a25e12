/**
 * Commands about containers. Of a remote caller only those that this program made can be stopped and removed.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { Containers } from "../containers/mod.ts";
import { define, LOOKS } from "./define.ts";
import {
  COUNT,
  pairsField,
  ROWS,
  switchField,
  textField,
  THING,
  wholeField,
  WORDS,
  WORDS_OR_NULL,
  YES_OR_NO,
} from "./fields.ts";
import type { CommandContext } from "./types.ts";

const CHANGES = { ...LOOKS, readOnly: false, openWorld: true } as const;

/** Works with the engine, and lets it go. */
async function withEngine<R>(
  { runtime, signal }: CommandContext,
  work: (containers: Containers) => Promise<R>,
): Promise<R> {
  await using containers = await runtime.containers.connectContainers({ signal });
  return await work(containers);
}

/** Refuses a remote caller what others made; what there is not is the engine's to say. */
async function checkOurs(
  containers: Containers,
  container: string,
  { surface, signal }: CommandContext,
): Promise<void> {
  if (surface === "cli") return;
  const ours = await containers.list({ ours: true, signal });
  const isOurs = ours.some(({ id, name }) =>
    name === container || (/^[0-9a-f]{12,64}$/.test(container) && id.startsWith(container))
  );
  if (isOurs) return;
  throw new AgentError("NOT_FOUND", `This program made no container "${container}"`, {
    what: container,
  });
}

const listContainers = define({
  name: "list_containers",
  summary: "Lists containers",
  details: "Over HTTP and MCP those that this program made.",
  fields: {
    "ours?": switchField("Only those that this program made"),
    "running?": switchField("Only those that run"),
  },
  result: { containers: ROWS },
  examples: [{ title: "Those that run", input: { running: true } }],
  annotations: { ...LOOKS, openWorld: true },
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["running"],
  cli: { name: "containers list" },
  run: ({ ours = false, running = false }, context) =>
    withEngine(context, async (containers) => ({
      containers: await containers.list({
        ours: ours || context.surface !== "cli",
        all: !running,
        signal: context.signal,
      }),
    })),
});

const deployContainer = define({
  name: "deploy_container",
  summary: "Deploys a template, which goes on running",
  details:
    "Ports are published on 127.0.0.1 only. The token is told once, here: the address with it in it is a password.",
  fields: {
    template: textField("The template, such as data-science"),
    "name?": textField("Its name (one is made up)"),
    "options?": pairsField("Options of the template"),
    "env?": pairsField("Variables of its environment"),
    "ttlMs?": wholeField(
      "Milliseconds until it may be swept away (8 hours)",
      1_000,
      30 * 86_400_000,
    ),
  },
  result: {
    id: WORDS,
    name: WORDS,
    template: WORDS,
    image: WORDS,
    containerId: WORDS_OR_NULL,
    ports: ROWS,
    urls: THING,
    token: WORDS_OR_NULL,
    loginUrl: WORDS_OR_NULL,
    warnings: { type: "array", items: { type: "string" } },
  },
  examples: [{
    title: "A notebook for an hour",
    input: { template: "data-science", ttlMs: 3_600_000 },
  }],
  annotations: { ...CHANGES, idempotent: false },
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["template", "name", "options", "ttlMs"],
  cli: {
    name: "containers deploy",
    arguments: ["template"],
    flags: { options: "option", ttlMs: "ttl" },
  },
  run: ({ template, name, options, env, ttlMs = 8 * 3_600_000 }, context) =>
    withEngine(context, async (containers) => {
      const { onProgress, signal } = context;
      let done = 0;
      const deployment = await containers.deploy(template, {
        ...{ ttlMs, signal, detach: true, env: env ?? {}, options: options ?? {} },
        ...(name !== undefined && { name }),
        ...(onProgress && {
          onProgress: (event) => onProgress({ done: ++done, total: null, message: event.type }),
        }),
      });
      const { id, image, containerId, ports, urls, warnings, token, loginUrl } = deployment;
      return {
        ...{ id, name: deployment.name, template: deployment.template, image, containerId },
        ...{ ports, urls, token, loginUrl, warnings },
      };
    }),
});

const startContainer = define({
  name: "start_container",
  summary: "Starts a container that was stopped",
  fields: { container: textField("Its name or id") },
  result: { container: WORDS, started: YES_OR_NO },
  examples: [{ title: "One that was stopped", input: { container: "my-lab" } }],
  annotations: CHANGES,
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["container"],
  cli: { name: "containers start", arguments: ["container"] },
  run: ({ container }, context) =>
    withEngine(context, async (containers) => {
      await checkOurs(containers, container, context);
      await containers.get(container).start({ signal: context.signal });
      return { container, started: true };
    }),
});

const stopContainer = define({
  name: "stop_container",
  summary: "Asks a container to end, and kills it if it does not",
  fields: {
    container: textField("Its name or id"),
    "graceMs?": wholeField("Milliseconds that it has to end (10,000)", 0, 3_600_000),
  },
  result: { container: WORDS, stopped: YES_OR_NO },
  examples: [{ title: "With half a minute", input: { container: "my-lab", graceMs: 30_000 } }],
  annotations: CHANGES,
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["container", "graceMs"],
  cli: { name: "containers stop", arguments: ["container"], flags: { graceMs: "grace" } },
  run: ({ container, graceMs }, context) =>
    withEngine(context, async (containers) => {
      await checkOurs(containers, container, context);
      const { signal } = context;
      await containers.get(container).stop({ ...(graceMs !== undefined && { graceMs }), signal });
      return { container, stopped: true };
    }),
});

const removeContainer = define({
  name: "remove_container",
  summary: "Removes a container; of a deployment its network too, and its data if asked",
  fields: {
    container: textField("Its name or id"),
    "force?": switchField("Also if it runs"),
    "volumes?": switchField("Also the volumes of a deployment, with the data in them"),
  },
  result: { container: WORDS, removed: YES_OR_NO, also: ROWS, kept: ROWS },
  examples: [{ title: "One that runs", input: { container: "my-lab", force: true } }],
  annotations: { ...CHANGES, destructive: true },
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["container", "force", "volumes"],
  cli: { name: "containers remove", arguments: ["container"] },
  run: ({ container, force = false, volumes = false }, context) =>
    withEngine(context, async (containers) => {
      await checkOurs(containers, container, context);
      const { signal } = context;
      const { removed, kept } = await containers.remove(container, { force, volumes, signal });
      return { container, removed: true, also: removed, kept };
    }),
});

const sweepContainers = define({
  name: "sweep_containers",
  summary: "Removes what is over its time, or was left by a program that is gone",
  details: "Containers, networks and volumes that this program made, and no others.",
  fields: {
    "dryRun?": switchField("Only show what would be removed"),
    "volumes?": switchField("Also the data of deployments that were removed before their time"),
  },
  result: { removed: ROWS, failed: ROWS, kept: COUNT, unknown: COUNT },
  examples: [{ title: "What would go", input: { dryRun: true } }],
  annotations: { ...CHANGES, destructive: true },
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["dryRun", "volumes"],
  cli: { name: "containers sweep" },
  run: ({ dryRun = false, volumes = false }, context) =>
    withEngine(
      context,
      (containers) => containers.sweep({ dryRun, volumes, signal: context.signal }),
    ),
});

/** The commands. */
export const containerCommands = [
  ...[listContainers, deployContainer, startContainer, stopContainer, removeContainer],
  sweepContainers,
] as const;
