/**
 * Images of an engine: built, pulled, listed, named and removed.
 *
 * @module
 */

import {
  checkBoolean,
  checkString,
  checkStrings,
  fieldsOf,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { messageIn } from "../engine/errors.ts";
import { segment } from "../engine/target.ts";
import { knownFields, objectName } from "../policy/mod.ts";
import { type BuildContext, openContext } from "./context.ts";
import { baseAdvice, explainPull, pullError } from "./pull_errors.ts";
import type { BuildEvent, ContainerInfo, ImageDetails, ImageInfo, PullEvent } from "./types.ts";
import type { WireEvent, WireImage } from "./wire.ts";

/** An image by its id alone. */
const ID = /^(?:sha256:)?([0-9a-f]{64})$/;

/** How an image is built. */
export interface BuildOptions {
  /** Its names, such as `me/tool:1`. */
  tags?: readonly string[] | undefined;
  /** The Dockerfile's path in the context. Default `Dockerfile`. */
  dockerfile?: string | undefined;
  /** Values of `ARG`. They stay in the image's history: no place for secrets. */
  args?: Readonly<Record<string, string>> | undefined;
  /** Labels of the image. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** The stage to stop at. */
  target?: string | undefined;
  /** Whether steps that were built before are built again. Default false. */
  noCache?: boolean | undefined;
  /** Whether newer base images are looked for. Default false. */
  pull?: boolean | undefined;
  /** The network of the steps, such as `none`; never the machine's own. Default: the engine's. */
  network?: string | undefined;
  /** Ends it. */
  signal?: AbortSignal | undefined;
}

/** Who one is to a registry. Never shown and never kept. */
export interface RegistryAuth {
  /** The name at the registry. */
  username?: string;
  /** The password or token; it goes to the engine only. */
  password?: string;
  /** Instead of both. */
  identityToken?: string;
  /** Such as `registry.example:5000`. */
  serverAddress?: string;
}

/** How an image is pulled. */
export interface PullOptions {
  /** Who asks the registry; nobody in particular if left out. */
  auth?: RegistryAuth | undefined;
  /** Such as `linux/arm64`. Default: the engine's own. */
  platform?: string | undefined;
  /** Ends it. */
  signal?: AbortSignal | undefined;
}

const BUILD_FIELDS = [
  "tags",
  "dockerfile",
  "args",
  "labels",
  "target",
  "noCache",
  "pull",
  "network",
  "signal",
];

/**
 * Builds an image.
 *
 * @param client The engine.
 * @param context What it is built from.
 * @param options How.
 * @returns What happens, as it does; the last event names the image. Leaving the iteration ends the build.
 * @throws {AgentError} `JOB_FAILED` with the engine's words if a step fails.
 */
export async function* buildImage(
  client: EngineClient,
  context: BuildContext,
  options: BuildOptions = {},
): AsyncGenerator<BuildEvent, void> {
  const fields = knownFields(options, "options", BUILD_FIELDS);
  const { tags = [], dockerfile = "Dockerfile", target, network } = options;
  checkStrings(tags, "options.tags");
  for (const tag of tags) checkReference(tag, "options.tags");
  for (const name of ["dockerfile", "target", "network"] as const) {
    if (fields[name] !== undefined) checkString(fields[name], `options.${name}`);
  }
  for (const name of ["noCache", "pull"] as const) {
    if (fields[name] !== undefined) checkBoolean(fields[name], `options.${name}`);
  }
  if (network !== undefined) checkNetwork(network);
  const args = texts(options.args, "options.args");
  const labels = texts(options.labels, "options.labels");
  options.signal?.throwIfAborted();
  const query = {
    dockerfile,
    ...(tags.length === 0 ? {} : { t: tags[0] }),
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { networkmode: network }),
    ...(options.noCache === true ? { nocache: 1 } : {}),
    ...(options.pull === true ? { pull: 1 } : {}),
    buildargs: args,
    labels,
    rm: 1,
    forcerm: 1,
  };
  const body = await openContext(context, dockerfile);
  const lines = client.lines<WireEvent>("POST", "/build", {
    query,
    body,
    contentType: "application/x-tar",
    signal: options.signal,
  });
  let imageId: string | undefined;
  let last = "";
  for await (const line of lines) {
    const words = failureIn(line);
    if (words !== undefined) {
      const details = { job: "build", attempts: 1, error: words };
      const message = `The image was not built: ${words}${baseAdvice(words)}`;
      throw new AgentError("JOB_FAILED", message, details);
    }
    imageId = line.aux?.ID ?? imageId;
    if (line.stream != null) {
      last = line.stream.trim() || last;
      yield { type: "output", text: line.stream };
    } else if (line.status != null) yield progressOf(line);
  }
  // Podman says the id as the last of its output, and not beside it.
  imageId ??= /(?:^|\s)(?:sha256:)?([0-9a-f]{64})$/.exec(last)?.[1];
  imageId ??= /^Successfully built ([0-9a-f]{12,})$/m.exec(last)?.[1];
  if (imageId === undefined && tags.length === 0) {
    const message = "The build has ended, but the engine did not say which image it made";
    throw new AgentError("IO", message, { path: client.host.text, operation: "build" });
  }
  const found = await inspectImage(client, imageId ?? tags[0]!, options.signal);
  for (const tag of tags.slice(1)) await tagImage(client, found.id, tag);
  yield { type: "built", imageId: found.id, tags: [...tags] };
}

/** Steps are anybody's programs: they get neither the machine's own network, nor another container's. */
function checkNetwork(network: string): void {
  objectName(network, "options.network");
  if (network.toLowerCase() === "host") {
    throw wrongValue("options.network", "none, default or a network that was made", network);
  }
}

/**
 * Pulls an image from a registry.
 *
 * @param client The engine, which does it: this side reaches nothing but the engine.
 * @param image Its name: `registry/name:tag` or `name@sha256:...`; the tag is `latest` if it has none.
 * @param options How.
 * @returns What happens; the last event names the image. Leaving the iteration ends the pull.
 * @throws {AgentError} `NOT_FOUND` if there is none; `PERMISSION` if the registry refuses; `IO` with the engine's words.
 */
export async function* pullImage(
  client: EngineClient,
  image: string,
  options: PullOptions = {},
): AsyncGenerator<PullEvent, void> {
  const fields = knownFields(options, "options", ["auth", "platform", "signal"]);
  checkReference(image, "image");
  if (fields["platform"] !== undefined) checkString(fields["platform"], "options.platform");
  const auth = authHeader(options.auth);
  options.signal?.throwIfAborted();
  const hasTag = /(?::[\w][\w.-]{0,127}|@[\w:+.-]+)$/.test(image);
  const whole = hasTag ? image : `${image}:latest`;
  const lines = client.lines<WireEvent>("POST", "/images/create", {
    query: {
      fromImage: whole,
      ...(options.platform === undefined ? {} : { platform: options.platform }),
    },
    ...(auth === undefined ? {} : { headers: [["x-registry-auth", auth]] }),
    signal: options.signal,
  });
  let digest: string | null = null;
  try {
    for await (const line of lines) {
      const words = failureIn(line);
      if (words !== undefined) throw pullError(image, words);
      digest = /^Digest: (sha256:[0-9a-f]{64})$/.exec(line.status ?? "")?.[1] ?? digest;
      if (line.status != null) yield progressOf(line);
    }
  } catch (error) {
    throw explainPull(error, image);
  }
  const found = await inspectImage(client, whole, options.signal);
  digest ??= found.digests[0]?.split("@")[1] ?? null;
  yield { type: "pulled", image: whole, imageId: found.id, digest };
}

/** All images of an engine. */
export async function listImages(
  client: EngineClient,
  signal?: AbortSignal,
): Promise<ImageInfo[]> {
  const found = await client.json<WireImage[] | null>("GET", "/images/json", { signal });
  return (found ?? []).map(viewImage);
}

/** All of an image. */
export async function inspectImage(
  client: EngineClient,
  image: string,
  signal?: AbortSignal,
): Promise<ImageDetails> {
  const path = `/images/${segment(image, "image")}/json`;
  const found = await client.json<WireImage>("GET", path, { signal });
  if (!found?.Id) {
    const message =
      `The engine at ${client.host.text} says of the image ${image} not what its id is`;
    throw new AgentError("IO", message, { path: client.host.text, operation: `GET ${path}` });
  }
  const { Config: config } = found;
  return {
    ...viewImage(found),
    labels: config?.Labels ?? found.Labels ?? {},
    os: found.Os || null,
    architecture: found.Architecture || null,
    user: config?.User || null,
    workdir: config?.WorkingDir || null,
    command: config?.Cmd ?? [],
    entrypoint: config?.Entrypoint ?? [],
    env: config?.Env ?? [],
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    layers: found.RootFS?.Layers?.length ?? null,
  };
}

/** Gives an image another name. */
export async function tagImage(client: EngineClient, image: string, name: string): Promise<void> {
  checkReference(name, "name");
  const colon = /:[\w][\w.-]{0,127}$/.exec(name);
  const repo = colon === null ? name : name.slice(0, colon.index);
  const tag = colon === null ? "latest" : colon[0].slice(1);
  const path = `/images/${segment(image, "image")}/tag`;
  await client.empty("POST", path, { query: { repo, tag } });
}

/** Removes an image, or a name of it. With `force` also one that containers were made of. */
export async function removeImage(
  client: EngineClient,
  image: string,
  options: { force?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const { force, signal } = options;
  const path = `/images/${segment(image, "image")}`;
  await client.empty("DELETE", path, { query: { force: force === true ? 1 : 0 }, signal });
}

function viewImage(wire: WireImage): ImageInfo {
  const { Created: created } = wire;
  const id = wire.Id ?? "";
  return {
    id: /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id,
    tags: (wire.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
    digests: (wire.RepoDigests ?? []).filter((digest) => !digest.startsWith("<none>")),
    createdAt: typeof created === "number"
      ? new Date(created * 1_000).toISOString()
      : created || null,
    sizeBytes: wire.Size ?? null,
    labels: wire.Labels ?? {},
  };
}

function progressOf(
  { id, status, progressDetail }: WireEvent,
): Extract<PullEvent, { type: "progress" }> {
  return {
    type: "progress",
    id: id || null,
    status: status ?? "",
    current: progressDetail?.current ?? null,
    total: progressDetail?.total ?? null,
  };
}

/** An engine answers with status 200 before it knows how it will end; its failure is a line. */
function failureIn({ error, errorDetail }: WireEvent): string | undefined {
  const raw = errorDetail?.message ?? error;
  return raw == null ? undefined : messageIn(new TextEncoder().encode(raw));
}

/** References have a grammar; the engine knows it, and this is only what cannot be one. */
function checkReference(value: unknown, name: string): asserts value is string {
  checkString(value, name);
  if (value.length > 500 || !/^[a-zA-Z0-9][\w.\-/:@+]*$/.test(value)) {
    throw wrongType(name, "the name of an image, such as registry/name:tag", value);
  }
  segment(value, name);
}

function texts(value: unknown, name: string): Record<string, string> {
  const fields = fieldsOf(value, name);
  for (const [key, text] of Object.entries(fields)) checkString(text, `${name}.${key}`);
  return fields as Record<string, string>;
}

function authHeader(auth: RegistryAuth | undefined): string | undefined {
  if (auth === undefined) return undefined;
  const known = ["username", "password", "identityToken", "serverAddress"];
  const fields = knownFields(auth, "options.auth", known);
  for (const [name, value] of Object.entries(fields)) {
    // Never shown: one of them is a secret.
    if (typeof value !== "string") throw new TypeError(`options.auth.${name} must be a string`);
  }
  const { username, password, identityToken, serverAddress } = auth;
  const json = JSON.stringify({
    username,
    password,
    identitytoken: identityToken,
    serveraddress: serverAddress,
  });
  const text = String.fromCharCode(...new TextEncoder().encode(json));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * Containers with the names of their images, where the engine says only ids: of deployments, whose images are asked for by
 * what no later tag can change.
 */
export async function withNames(
  client: EngineClient,
  containers: readonly ContainerInfo[],
  signal: AbortSignal | undefined,
): Promise<ContainerInfo[]> {
  if (!containers.some(({ image }) => ID.test(image))) return [...containers];
  const images = await listImages(client, signal);
  const names = new Map(images.map(({ id, tags }) => [id.replace(/^sha256:/, ""), tags[0]]));
  return containers.map((container) => {
    const [, id] = ID.exec(container.image) ?? [];
    const name = id === undefined ? undefined : names.get(id);
    return name === undefined ? container : { ...container, image: name };
  });
}
