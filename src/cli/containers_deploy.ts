/**
 * `agent containers templates` and `deploy`: what can be deployed by name, and doing it.
 *
 * @module
 */

import type { DeployEvent, Deployment, Template } from "../containers/mod.ts";
import type { TemplateFolder } from "../containers/templates/mod.ts";
import type { Call, Command } from "./command.ts";
import {
  asUsage,
  ENGINE_OPTIONS,
  LIMIT_OPTIONS,
  limitsOf,
  openContainers,
  sweepBeside,
} from "./containers_source.ts";
import { duration, pairs, plain, writeTable } from "./containers_text.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";
import { ProgressBar } from "./progress.ts";

const TEMPLATES_OPTION = {
  templates: { value: "DIR", help: "A folder with templates of your own, a folder for each" },
} as const;

const templates: Command = {
  name: "containers templates",
  summary: "Lists the templates that can be deployed, or describes one",
  usage: "[TEMPLATE]",
  options: TEMPLATES_OPTION,
  positionals: [0, 1],
  examples: [
    "scripts/agent containers templates",
    "scripts/agent containers templates data-science",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const [id] = positionals;
    const all = await templatesOf(options.text("templates"));
    const shown = id === undefined ? all.templates : [templateNamed(all, id, output)];
    if (output.json) output.document({ templates: shown.map(documentOf), ...refusedOf(all, id) });
    else if (id !== undefined) describe(shown[0]!, output);
    else {
      noteRefused(all, output);
      const rows = shown.map(({ id, profile, description }) => [id, profile, description]);
      writeTable(output, ["TEMPLATE", "PROFILE", "WHAT IT IS"], rows);
    }
    return 0;
  },
};

const deploy: Command = {
  name: "containers deploy",
  summary: "Deploys a template, which goes on running",
  usage: "TEMPLATE [OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    ...TEMPLATES_OPTION,
    option: { value: "NAME=VALUE", many: true, help: "An option of the template" },
    env: { value: "NAME=VALUE", many: true, help: "A variable of its environment" },
    port: { value: "NAME=PORT", many: true, help: "The port of this machine for one of its ports" },
    name: { value: "NAME", help: "Its name (one is made up)" },
    ttl: { value: "TIME", help: "Until it may be swept away, as in 30m, 8h, 7d (8h)" },
    capability: {
      value: "NAME",
      many: true,
      help: "A capability that the template knows a use for",
    },
    gpu: { help: "Give it the graphics processors" },
    runtime: { value: "NAME", help: "The engine's runtime, such as runsc" },
    "accept-weaker": {
      value: "CONTROL",
      many: true,
      help: "Go on though the engine cannot give this",
    },
    ...LIMIT_OPTIONS,
  },
  positionals: [1, 1],
  expects: "The template",
  details:
    "Ports are published on 127.0.0.1 only. The token is shown once, here: the address with it in\n" +
    "it is a password. It runs until it is removed: scripts/agent containers remove NAME --force.",
  examples: [
    "scripts/agent containers deploy data-science",
    "scripts/agent containers deploy dev-environment --name mine --memory 4096 --ttl 2h",
  ],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const [template = ""] = positionals;
    const name = options.text("name");
    const runtime = options.text("runtime");
    const ports = Object.entries(pairs(options.list("port"), "--port")).map(([port, text]) => {
      if (!/^\d{1,5}$/.test(text)) {
        throw new UsageError(
          `Option --port must be NAME=PORT, got "${port}=${plain(text).slice(0, 40)}"`,
        );
      }
      return [port, Number(text)];
    });
    const given = {
      options: pairs(options.list("option"), "--option"),
      env: pairs(options.list("env"), "--env"),
      ports: Object.fromEntries(ports),
      ttlMs: duration(options.text("ttl") ?? "8h", "--ttl"),
      limits: limitsOf(call),
      acceptWeaker: options.list("accept-weaker"),
      capabilities: options.list("capability"),
      ...(options.on("gpu") ? { gpu: true } : {}),
      ...(name === undefined ? {} : { name }),
      ...(runtime === undefined ? {} : { runtime }),
      detach: true,
    };
    const signal = call.interruptible();
    const folder = options.text("templates");
    const found = templateNamed(await templatesOf(folder), template, output);
    await using containers = await openContainers(call, signal, {
      making: true,
    });
    const swept = sweepBeside(containers, signal);
    using bar = new ProgressBar("deploying");
    const deployment = await asUsage(() =>
      containers.deploy(found, {
        ...given,
        onProgress: (event) => tell(event, bar, output),
        signal,
      })
    );
    await swept;
    bar[Symbol.dispose]();
    show(deployment, output);
    return 0;
  },
};

/** What can be deployed: those that come with it, and those of a folder. */
async function templatesOf(folder: string | undefined): Promise<TemplateFolder> {
  const { builtInTemplates, readTemplates } = await import("../containers/templates/mod.ts");
  const own = folder === undefined ? undefined : await readTemplates(folder);
  return {
    templates: [...builtInTemplates(), ...own?.templates ?? []],
    refused: own?.refused ?? [],
  };
}

/** What is no template is said beside the others, and keeps nobody from them. */
function noteRefused({ refused }: TemplateFolder, output: Output): void {
  for (const { error } of refused) output.note(`left out: ${plain(error.message)}`);
}

function refusedOf({ refused }: TemplateFolder, id: string | undefined): Record<string, unknown> {
  if (id !== undefined || refused.length === 0) return {};
  return {
    refused: refused.map(({ id, error: { code, message } }) => ({ id, error: { code, message } })),
  };
}

/** The template of a name. That there is none is a mistake of who typed it, and needs no engine to be told. */
function templateNamed(folder: TemplateFolder, id: string, output: Output): Template {
  const bad = folder.refused.find((one) => one.id === id);
  const all = folder.templates;
  const found = all.find((template) => template.id === id);
  if (found === undefined && bad !== undefined) throw bad.error;
  noteRefused(folder, output);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no template "${plain(id)}": it is one of ${all.map((one) => one.id).join(", ")}`,
  );
}

/** What happens: each step as a note, what a build says on the bar. */
function tell(event: DeployEvent, bar: ProgressBar, output: Output): void {
  if (event.type === "build" || event.type === "pull") {
    const line = plain(event.text.trim());
    if (line !== "") bar.say(line);
    return;
  }
  bar[Symbol.dispose]();
  if (event.type === "image") output.note(`image ${plain(event.image)}: ${event.state}`);
  else output.note(`${event.type} ${plain(event.name)}`);
}

function show(deployment: Deployment, output: Output): void {
  const { id, name, template, image, containerId, ports, urls, warnings, token, loginUrl } =
    deployment;
  if (output.json) {
    const made = { id, name, template, image, containerId, ports, urls, token, loginUrl, warnings };
    output.document(made);
    return;
  }
  output.line(`${output.bold(name)} runs`);
  for (const [port, url] of Object.entries(urls)) output.line(`  ${port}: ${url}`);
  for (const { name: port, hostAddress, host, protocol } of ports) {
    if (!(port in urls)) output.line(`  ${port}: ${hostAddress}:${host}/${protocol}`);
  }
  if (loginUrl !== null) output.line(`  with its token: ${loginUrl}`);
  else if (token !== null) output.line(`  token: ${token}`);
  for (const warning of warnings) output.note(warning);
}

function documentOf(template: Template): Record<string, unknown> {
  const { files, ...rest } = template;
  return { ...rest, files: [...files.keys()] };
}

function describe(template: Template, output: Output): void {
  const { id, description, profile, options, ports, capabilities, network } = template;
  output.line(`${output.bold(id)} (${profile}): ${description}`);
  output.line(`network: ${network}`);
  for (const { name, container, protocol } of ports) {
    output.line(`port ${name}: ${container}/${protocol}, published on 127.0.0.1`);
  }
  for (const [name, option] of Object.entries(options)) {
    const values = option.enum ?? option.proposals;
    const choice = values === undefined ? "" : ` [${values.join(", ")}]`;
    output.line(`--option ${name}=${String(option.default)}${choice}: ${option.description}`);
  }
  for (const { name, reason } of capabilities) output.line(`--capability ${name}: ${reason}`);
}

/** The commands. */
export const deployCommands: readonly Command[] = [templates, deploy];
