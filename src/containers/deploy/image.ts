/**
 * The image of a deployment: found, pulled, or built from the template's files. A built one is named by the digest of
 * what it is built from, so that it is built once, and what is deployed is its id, which no later tag can change.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { buildImage, inspectImage, pullImage } from "../container/images.ts";
import type { ImageDetails, PullEvent } from "../container/types.ts";
import type { EngineClient } from "../engine/client.ts";
import { LABEL } from "../policy/mod.ts";
import type { FilledTemplate } from "../templates/mod.ts";
import { lockedReference, rememberDigest } from "./lock.ts";
import { TEMPLATE_LABEL } from "./plan.ts";
import { printable } from "./secret.ts";
import type { DeployEvent } from "./types.ts";

/** The build argument that names the base. */
const BASE = "BASE_IMAGE";
const KEPT_LINES = 20;

/** How an image is had. */
export interface ImageOptions {
  readonly lockFile?: string | undefined;
  readonly buildNetwork?: "default" | "none" | undefined;
  readonly onProgress?: ((event: DeployEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An image that is there. */
export interface FoundImage {
  /** Its id. */
  readonly id: string;
  /** Its name: the tag of what was built, or the reference. */
  readonly reference: string;
}

/**
 * Sees to it that the image is there.
 *
 * @throws {AgentError} `JOB_FAILED` if it cannot be built, with the last lines of the build; what pulling throws.
 */
export async function ensureImage(
  client: EngineClient,
  { template, buildArgs }: FilledTemplate,
  options: ImageOptions = {},
): Promise<FoundImage> {
  const { onProgress, signal, lockFile } = options;
  const base = template.image ?? buildArgs[BASE];
  const locked = base === undefined ? undefined : await lockedReference(lockFile, base);
  if (template.image !== null) {
    const reference = locked ?? template.image;
    const image = await imageOf(client, reference, signal) ??
      await pull(client, reference, options);
    await rememberDigest(lockFile, template.image, image.digests);
    return { id: image.id, reference };
  }
  const args = locked === undefined ? buildArgs : { ...buildArgs, [BASE]: locked };
  const reference = `agent-template/${template.id}:${await digestOf(template.files, args)}`;
  const found = await imageOf(client, reference, signal);
  if (found !== null) {
    onProgress?.({ type: "image", image: reference, state: "found" });
    return { id: found.id, reference };
  }
  const id = await build(client, template.id, template.files, args, reference, options);
  if (base !== undefined && lockFile !== undefined) {
    const image = await imageOf(client, base, signal);
    await rememberDigest(lockFile, base, image?.digests ?? []);
  }
  return { id, reference };
}

async function pull(
  client: EngineClient,
  reference: string,
  { onProgress, signal }: ImageOptions,
): Promise<ImageDetails> {
  onProgress?.({ type: "image", image: reference, state: "pulling" });
  for await (const event of pullImage(client, reference, { signal })) {
    if (event.type === "progress") onProgress?.({ type: "pull", text: progressText(event) });
  }
  return await inspectImage(client, reference, signal);
}

async function build(
  client: EngineClient,
  template: string,
  files: ReadonlyMap<string, Uint8Array>,
  args: Readonly<Record<string, string>>,
  reference: string,
  { onProgress, signal, buildNetwork }: ImageOptions,
): Promise<string> {
  onProgress?.({ type: "image", image: reference, state: "building" });
  const last: string[] = [];
  const options = {
    tags: [reference],
    args,
    labels: { [LABEL.runtime]: "1", [TEMPLATE_LABEL]: template },
    ...(buildNetwork === "none" ? { network: "none" } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    for await (const event of buildImage(client, Object.fromEntries(files), options)) {
      if (event.type === "built") return event.imageId;
      const text = event.type === "output" ? event.text : progressText(event);
      for (const line of text.split("\n").map(printable).filter((line) => line !== "")) {
        last.push(line);
        if (last.length > KEPT_LINES) last.shift();
        onProgress?.({ type: "build", text: line });
      }
    }
  } catch (error) {
    if (!AgentError.is(error, "JOB_FAILED")) throw error;
    const message = [error.message, ...last].join("\n");
    throw new AgentError("JOB_FAILED", message, error.details, { cause: error });
  }
  throw new AgentError("IO", `The engine did not say that it built ${reference}`, {
    path: client.host.text,
    operation: "build",
  });
}

function progressText({ id, status }: Extract<PullEvent, { type: "progress" }>): string {
  return printable(id === null ? status : `${id}: ${status}`);
}

/** An image that is there; null if it is not. */
async function imageOf(
  client: EngineClient,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ImageDetails | null> {
  try {
    return await inspectImage(client, reference, signal);
  } catch (error) {
    if (AgentError.is(error, "NOT_FOUND")) return null;
    throw error;
  }
}

/** 24 hexadecimal digits of SHA-256 over every path, length and content, and every argument. */
async function digestOf(
  files: ReadonlyMap<string, Uint8Array>,
  args: Readonly<Record<string, string>>,
): Promise<string> {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    pieces.push(encoder.encode(`${bytes.length}:`), bytes);
  };
  for (const [path, bytes] of sorted(files)) {
    add(encoder.encode(path));
    add(bytes);
  }
  for (const [name, value] of Object.entries(args).sort(([a], [b]) => a < b ? -1 : 1)) {
    add(encoder.encode(name));
    add(encoder.encode(value));
  }
  const whole = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole)).subarray(0, 12).toHex();
}

function sorted(files: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...files].sort(([a], [b]) => a < b ? -1 : 1);
}
