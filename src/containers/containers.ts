/**
 * A connection to a container engine, with all that it can be asked: what it is, what is there, and what can be made.
 * Each capability is a function of its own folder; here they meet.
 *
 * @module
 */

import type { EngineCapabilities } from "./engine/capabilities.ts";
import type { EngineClient } from "./engine/client.ts";
import { connectEngine } from "./engine/connect.ts";
import {
  checkBoolean,
  checkString,
  checkStrings,
  checkWord,
  fieldsOf,
} from "../shared/arguments.ts";
import { closedError } from "../shared/closed.ts";
import { isGranted } from "../native/permissions.ts";
import { Container } from "./container/container.ts";
import type { BuildContext } from "./container/context.ts";
import {
  buildImage,
  type BuildOptions,
  inspectImage,
  listImages,
  pullImage,
  type PullOptions,
  removeImage,
  tagImage,
  withNames,
} from "./container/images.ts";
import type {
  BuildEvent,
  ContainerInfo,
  ContainerState,
  ImageDetails,
  ImageInfo,
  PullEvent,
} from "./container/types.ts";
import { viewListed } from "./container/view.ts";
import type { WireListed } from "./container/wire.ts";
import {
  deploy,
  type DeployContext,
  type Deployment,
  type DeployOptions,
  templateOf,
} from "./deploy/mod.ts";
import {
  mayHaveLeft,
  type RemoveOptions,
  type RemoveReport,
  removeWithBelongings,
  sweep,
  type SweepOptions,
  type SweepReport,
} from "./deploy/mod.ts";
import { factsOf, knownFields, LABEL, newOwner, type Owner, writeProfiles } from "./policy/mod.ts";
import { removeAll, type SandboxContext, sandboxContext } from "./sandbox/context.ts";
import type {
  Pool,
  PoolOptions,
  RunResult,
  RunSpec,
  Session,
  SessionSpec,
} from "./sandbox/types.ts";
import {
  builtInTemplates,
  describeTemplate,
  type DevcontainerOptions,
  readTemplates,
  type RefusedTemplate,
  type Template,
  type TemplateFolder,
} from "./templates/mod.ts";
import type { ConnectContainersOptions, EngineDescription, ListOptions } from "./types.ts";

const CONNECT_FIELDS = [
  "host",
  "implementation",
  "tls",
  "timeoutMs",
  "signal",
  "templates",
  "mounts",
  "seccompFolder",
  "lockFolder",
];
const LIST_FIELDS = ["all", "ours", "labels", "names", "states", "signal"];
const STATES: readonly ContainerState[] = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "dead",
];

/** Connects; see `connectContainers` in `mod.ts`. */
export async function connect(options: ConnectContainersOptions): Promise<Containers> {
  const fields = knownFields(options, "options", CONNECT_FIELDS);
  const { templates, mounts, seccompFolder, lockFolder, ...engine } = options;
  for (const name of ["templates", "seccompFolder", "lockFolder"] as const) {
    if (fields[name] !== undefined) checkString(fields[name], `options.${name}`);
  }
  const { roots = [] } = mounts === undefined
    ? {}
    : knownFields(mounts, "options.mounts", ["roots"]);
  checkStrings(roots, "options.mounts.roots");
  const own = templates === undefined
    ? { templates: [], refused: [] }
    : await readTemplates(templates);
  const client = await connectEngine(engine);
  let owner: Owner | undefined;
  try {
    owner = await newOwner(lockFolder);
    const profiles = await profilesFor(client, seccompFolder);
    return new Containers(client, owner, profiles, { roots: [...roots] }, {
      templates: [...builtInTemplates(), ...own.templates],
      refused: own.refused,
    });
  } catch (error) {
    owner?.[Symbol.dispose]();
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

/** A folder with the seccomp profiles, where the engine takes them as files and reads files of this machine. */
interface Profiles extends Disposable {
  readonly folder: string | null;
}

async function profilesFor(client: EngineClient, folder: string | undefined): Promise<Profiles> {
  const none = { folder: null, [Symbol.dispose]() {} };
  if (client.engine !== "podman") return none;
  if (folder !== undefined) {
    await writeProfiles(folder);
    return { folder, [Symbol.dispose]() {} };
  }
  if (client.host.kind !== "unix" || !isGranted({ name: "write", path: "/tmp" })) return none;
  const made = await Deno.makeTempDir({ dir: "/tmp", prefix: "agent-seccomp-" });
  await writeProfiles(made);
  return {
    folder: made,
    [Symbol.dispose]: () => {
      try {
        Deno.removeSync(made, { recursive: true });
      } catch {
        // Somebody tidied up before.
      }
    },
  };
}

/** A connection to a container engine. Made by `connectContainers`; dispose it when it is not needed any more. */
export class Containers implements AsyncDisposable {
  readonly #client: EngineClient;
  readonly #owner: Owner;
  readonly #profiles: Profiles;
  readonly #deploying: DeployContext;
  readonly #sandboxes: SandboxContext;
  #disposal: Promise<void> | undefined;

  /** Takes over a client. */
  constructor(
    client: EngineClient,
    owner: Owner,
    profiles: Profiles,
    mounts: { readonly roots?: readonly string[] },
    { templates, refused }: TemplateFolder,
  ) {
    this.#client = client;
    this.#owner = owner;
    this.#profiles = profiles;
    const facts = factsOf(client, profiles.folder);
    const deployments: DeployContext["deployments"] = new Set();
    this.#deploying = { client, facts, owner, mounts, templates, refused, deployments };
    this.#sandboxes = sandboxContext(client, facts, owner);
  }

  /** Who the engine is, how it is reached and which twin does it. */
  get info(): EngineDescription {
    const { host, engine, version, apiVersion, implementation } = this.#client;
    return { host: host.text, engine, version: version || null, apiVersion, implementation };
  }

  /** What the engine and its host offer. */
  get capabilities(): EngineCapabilities {
    return this.#client.capabilities;
  }

  /** What can be deployed by name: the built-in templates, and those of the option `templates`. */
  templates(): Template[] {
    return [...this.#deploying.templates];
  }

  /** What stands in the folder `templates` and is no template, with why. Who asks for one of these gets its error. */
  refusedTemplates(): RefusedTemplate[] {
    return [...this.#deploying.refused];
  }

  /**
   * Says what a template is and what a deployment of it may do, a fact a line.
   *
   * @param template A template, or the id of one.
   */
  describe(template: string | Template): string {
    return describeTemplate(
      typeof template === "string" ? templateOf(this.#deploying, template) : template,
    );
  }

  /**
   * Reads the safe part of a `devcontainer.json` as a template; see `templates/devcontainer.ts`.
   *
   * @param text What the file holds.
   * @param files What its build may use, by path from the folder of the file.
   * @param options What may be left out.
   * @throws {AgentError} `CORRUPT` if it is no such file; `UNSUPPORTED` naming the field that is refused.
   */
  async readDevcontainer(
    text: string,
    files?: ReadonlyMap<string, Uint8Array>,
    options?: DevcontainerOptions,
  ): Promise<Template> {
    const { readDevcontainer } = await import("./templates/devcontainer.ts");
    return readDevcontainer(text, files, options);
  }

  /**
   * Lists containers.
   *
   * @param options Which. Default: all of ours and others', running or not.
   */
  list(options?: ListOptions): Promise<ContainerInfo[]>;
  async list(options: ListOptions = {}): Promise<ContainerInfo[]> {
    const client = this.#open();
    const fields = knownFields(options, "options", LIST_FIELDS);
    const { all = true, ours = false, labels, names, states, signal } = options;
    checkBoolean(all, "options.all");
    checkBoolean(ours, "options.ours");
    for (const name of ["names", "states"] as const) {
      if (fields[name] !== undefined) checkStrings(fields[name], `options.${name}`);
    }
    for (const state of states ?? []) checkWord(state, "a state in options.states", STATES);
    const wanted = Object.entries(fieldsOf(labels, "options.labels")).map(([name, value]) => {
      if (value !== null) checkString(value, `options.labels.${name}`);
      return value === null ? name : `${name}=${value}`;
    });
    if (ours) wanted.push(`${LABEL.runtime}=1`);
    const filters = wanted.length === 0 ? {} : { filters: { label: wanted } };
    const query = { all: all ? 1 : 0, ...filters };
    const path = "/containers/json";
    const found = await client.json<WireListed[] | null>("GET", path, { query, signal });
    // States and whole names are looked at here: engines differ in their words, and match parts of names.
    const listed = await withNames(client, (found ?? []).map(viewListed), signal);
    return listed.filter(({ name, state }) =>
      (names === undefined || (name !== null && names.includes(name))) &&
      (states === undefined || states.includes(state))
    );
  }

  /**
   * A container by its id, the beginning of it, or its name. Nothing is asked: whether it is there, its methods say.
   *
   * @param id As it stands in a list.
   */
  get(id: string): Container {
    return new Container(this.#open(), id);
  }

  /**
   * Builds an image.
   *
   * @param context A folder with a Dockerfile, files by name, or a tar.
   * @param options How.
   * @returns What happens; the last event names the image.
   */
  build(context: BuildContext, options?: BuildOptions): AsyncGenerator<BuildEvent, void>;
  async *build(
    context: BuildContext,
    options: BuildOptions = {},
  ): AsyncGenerator<BuildEvent, void> {
    yield* buildImage(this.#open(), context, options);
  }

  /** Pulls an image; the last event names it. */
  pull(image: string, options?: PullOptions): AsyncGenerator<PullEvent, void>;
  async *pull(image: string, options: PullOptions = {}): AsyncGenerator<PullEvent, void> {
    yield* pullImage(this.#open(), image, options);
  }

  /** The engine's images. */
  get images(): {
    list(options?: { signal?: AbortSignal }): Promise<ImageInfo[]>;
    inspect(image: string, options?: { signal?: AbortSignal }): Promise<ImageDetails>;
    tag(image: string, name: string): Promise<void>;
    remove(image: string, options?: { force?: boolean; signal?: AbortSignal }): Promise<void>;
  } {
    const client = this.#open();
    return {
      list: ({ signal } = {}) => listImages(client, signal),
      inspect: (image, { signal } = {}) => inspectImage(client, image, signal),
      tag: (image, name) => tagImage(client, image, name),
      remove: (image, options) => removeImage(client, image, options),
    };
  }

  /**
   * Deploys a template.
   *
   * @param template A template, or the id of one.
   * @param options How.
   * @returns The deployment, when it is there.
   */
  deploy(template: string | Template, options?: DeployOptions): Promise<Deployment>;
  async deploy(template: string | Template, options: DeployOptions = {}): Promise<Deployment> {
    this.#open();
    return await deploy(this.#deploying, template, options);
  }

  /** Runs one command in a sandbox that is removed afterwards. */
  async run(spec: RunSpec): Promise<RunResult> {
    this.#open();
    const { runSandbox } = await import("./sandbox/run.ts");
    return await runSandbox(this.#sandboxes, spec);
  }

  /** Opens a sandbox for several commands. */
  async session(spec: SessionSpec): Promise<Session> {
    this.#open();
    const { openSession } = await import("./sandbox/session.ts");
    return await openSession(this.#sandboxes, spec);
  }

  /** Opens a pool of sandboxes that wait, so that a command begins at once. */
  async pool(options: PoolOptions): Promise<Pool> {
    this.#open();
    const { openPool } = await import("./sandbox/pool.ts");
    return openPool(this.#sandboxes, options);
  }

  /**
   * Removes a container, and what belonged to it alone: of a deployment, also one of another program, its network and
   * what says until when it lives. Its volumes stay unless they are asked for.
   *
   * @param id Its id, the beginning of it, or its name.
   * @param options With `force` also one that runs; with `volumes` the data of a deployment too.
   * @returns What went with it, and what is left.
   */
  remove(id: string, options?: RemoveOptions): Promise<RemoveReport>;
  async remove(id: string, options: RemoveOptions = {}): Promise<RemoveReport> {
    return await removeWithBelongings(this.#open(), id, options);
  }

  /** Removes what is over its time or was left by a process that is gone; of ours only. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    return await sweep(this.#open(), this.#owner, options);
  }

  /** Removes sandboxes and what was deployed and not detached, and closes the connection. Calling it again does nothing. */
  dispose(): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  /** The same as `dispose()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #dispose(): Promise<void> {
    const attached = [...this.#deploying.deployments].filter(({ detached }) => !detached);
    const removals = [removeAll(this.#sandboxes), ...attached.map((one) => one.remove())];
    const outcomes = await Promise.allSettled(removals);
    this.#profiles[Symbol.dispose]();
    // Once its lock is gone nobody can tell any more that what is left is nobody's.
    if (await mayHaveLeft(this.#client, this.#owner)) this.#owner.endWithLeftovers();
    else this.#owner[Symbol.dispose]();
    await this.#client[Symbol.asyncDispose]();
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #open(): EngineClient {
    if (this.#disposal !== undefined) throw closedError("connection to the container engine");
    return this.#client;
  }
}
