/**
 * How files reach a place in a container. The engine's archives know nothing of what is mounted in memory, and refuse a
 * root that is read-only; there a `tar` in the container does it, as the container's own user. A container that wrote
 * symbolic links into the way is not followed on either way.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { segment } from "../engine/target.ts";

/** Which way files take. */
export type Way = "archive" | "tar";

/** A container, as far as files are concerned. */
export interface Place {
  /** Which way they take. */
  readonly way: Way;
  /** The container's user, if its number is known. */
  readonly owner: { uid: number; gid: number } | undefined;
}

/** The fields of a container that are looked at. */
interface WireContainer {
  State?: { Running?: boolean; Paused?: boolean } | null;
  Config?: { User?: string | null } | null;
  HostConfig?: { ReadonlyRootfs?: boolean | null; Tmpfs?: Record<string, string> | null } | null;
  Mounts?: { Type?: string; Destination?: string; RW?: boolean }[] | null;
}

/**
 * Looks where a path of a container is.
 *
 * @throws {AgentError} `NOT_FOUND` if there is no such container; `UNSUPPORTED` if nothing can be there now.
 */
export async function lookAt(
  client: EngineClient,
  container: string,
  path: string,
  write: boolean,
  signal?: AbortSignal,
): Promise<Place> {
  const route = `/containers/${segment(container, "container")}/json`;
  const found = await client.json<WireContainer>("GET", route, { signal });
  const within = (folder: string): boolean =>
    folder === "/" || path === folder || path.startsWith(`${folder}/`);
  const mounts = (found.Mounts ?? []).filter(({ Destination }) => within(Destination ?? ""));
  const inMemory = Object.keys(found.HostConfig?.Tmpfs ?? {}).some(within) ||
    mounts.some(({ Type }) => Type === "tmpfs");
  const onVolume = mounts.some(({ Type }) => Type !== "tmpfs");
  const shut = write && found.HostConfig?.ReadonlyRootfs === true && !onVolume;
  const owner = ownerOf(found.Config?.User ?? "");
  if (!inMemory && !shut) return { way: "archive", owner };
  if (found.State?.Running === true && found.State.Paused !== true) return { way: "tar", owner };
  throw new AgentError(
    "UNSUPPORTED",
    inMemory
      ? `${path} is in memory, which a container has only while it runs; start it first`
      : `The root of the container is read-only; put files into a folder that is not, while it runs`,
    { what: path },
  );
}

/** A user that is written as numbers. */
function ownerOf(user: string): Place["owner"] {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user) ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid ?? uid) };
}

/** What a path of a container is; undefined if there is nothing. */
export async function statOf(
  client: EngineClient,
  container: string,
  path: string,
  signal?: AbortSignal,
): Promise<{ link: string | undefined } | undefined> {
  const route = `/containers/${segment(container, "container")}/archive`;
  let header: string | null;
  try {
    header = await client.head(route, "x-docker-container-path-stat", { query: { path }, signal });
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
  const { linkTarget, mode } = statIn(header);
  // Go's bit for a symbolic link. Podman names the target of what is none too: the path itself.
  const isLink = (mode & 0x0800_0000) !== 0 || (linkTarget !== "" && linkTarget !== path);
  return { link: isLink ? linkTarget : undefined };
}

function statIn(header: string | null): { linkTarget: string; mode: number } {
  try {
    const bytes = Uint8Array.from(atob(header ?? ""), (char) => char.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    return { linkTarget: String(value["linkTarget"] ?? ""), mode: Number(value["mode"] ?? 0) };
  } catch (cause) {
    const details = { path: "x-docker-container-path-stat", operation: "HEAD archive" };
    throw new AgentError("IO", "The engine does not say what a path is", details, { cause });
  }
}

/** The error of a link that stands in the way. */
export function linkInTheWay(path: string): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `${path} in the container is a symbolic link, which is not followed; name what it leads to`,
    { what: path },
  );
}

/** A path and all that it is in, the outermost first, without the root. */
export function chainOf(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return names.map((_, at) => `/${names.slice(0, at + 1).join("/")}`);
}
