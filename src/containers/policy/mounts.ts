/**
 * What of the machine may be seen in a container: nothing, but folders below those that the caller's configuration
 * allows. A path is judged as written and as what it leads to, and the engine is given the latter. The sockets of
 * engines are never mounted: whoever has one has the machine.
 *
 * What stays: between this look and the engine's own, somebody who may write to a folder above can put a link there.
 * Allow folders whose parents only you can write.
 *
 * @module
 */

import { checkBoolean, checkString, checkWord, shown, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { containerPath, labelsOf, objectName } from "./words.ts";
import type { ContainerMount, MountPolicy } from "./types.ts";

/** Never mounted, neither themselves, nor what is in them, nor a folder that they are in. */
const PROTECTED = ["/proc", "/sys", "/dev", "/etc", "/root", "/boot", "/run", "/var/run"];
/** The same; the data of engines. */
const ENGINE_DATA = [
  "/var/lib/docker",
  "/var/lib/containerd",
  "/var/lib/containers",
  "/var/lib/kubelet",
];
/** Folders of people: not themselves, and nothing hidden directly in them, where keys are. */
const PEOPLE = ["/home", "/Users"];
/** Sockets of engines have these names wherever they are. */
const SOCKET_NAME =
  /^(docker|podman|containerd|crio|buildkitd|dockershim)[\w.-]*\.sock(et)?(\.ttrpc)?$/i;

/** Where in a container nothing may be mounted over. */
const PROTECTED_TARGETS = [
  "/proc",
  "/sys",
  "/dev",
  "/etc",
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
  "/usr",
];

/** A mount that was judged. */
export interface JudgedMount {
  readonly kind: "bind" | "volume";
  /** The resolved path, or the volume's name. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the judge needs of the engine. */
export interface MountFacts {
  /** The path of its socket; null: not on this machine, so that a path here says nothing about there. */
  readonly socketPath?: string | null;
}

/**
 * Judges mounts.
 *
 * @throws {TypeError | RangeError} For one that is not allowed.
 * @throws {AgentError} `NOT_FOUND` if its source does not exist, `PERMISSION` if it may not be looked at.
 */
export function judgeMounts(
  mounts: readonly unknown[],
  facts: MountFacts,
  policy: MountPolicy,
): JudgedMount[] {
  return mounts.map((mount, index) => {
    const name = `spec.mounts[${index}]`;
    const kind = (mount as ContainerMount | null)?.kind;
    checkWord(kind, `${name}.kind`, ["bind", "volume"]);
    return kind === "bind" ? bind(mount, name, facts, policy) : volume(mount, name);
  });
}

function volume(mount: unknown, name: string): JudgedMount {
  const fields = knownFields(mount, name, ["kind", "name", "target", "readOnly", "labels"]);
  return {
    kind: "volume",
    source: objectName(fields["name"], `${name}.name`),
    target: mountTarget(fields["target"], `${name}.target`),
    readOnly: flag(fields["readOnly"], `${name}.readOnly`, false),
    labels: fields["labels"] === undefined
      ? {}
      : labelsOf(fields["labels"], `${name}.labels`, true),
  };
}

function bind(mount: unknown, name: string, facts: MountFacts, policy: MountPolicy): JudgedMount {
  const fields = knownFields(mount, name, ["kind", "source", "target", "readOnly"]);
  const target = mountTarget(fields["target"], `${name}.target`);
  const readOnly = flag(fields["readOnly"], `${name}.readOnly`, true);
  const written = machinePath(fields["source"], `${name}.source`);
  refuseProtected(written, written, `${name}.source`, facts);
  if (facts.socketPath === null) {
    throw new RangeError(
      `${name}.source cannot be judged: the engine is on another machine; use a volume, or put the files in`,
    );
  }
  const source = resolved(written);
  refuseProtected(source, written, `${name}.source`, facts);
  refuseSpecial(source, written, `${name}.source`);
  const roots = (policy.roots ?? []).map((root) => allowedRoot(root, facts));
  if (!roots.some((root) => isWithin(source, root))) {
    const list = roots.length === 0 ? "none is allowed" : `allowed are ${roots.join(", ")}`;
    throw new RangeError(
      `${name}.source must be in a folder that may be mounted, got ${
        led(written, source)
      }; ${list}`,
    );
  }
  return { kind: "bind", source, target, readOnly, labels: {} };
}

/** A folder that may be mounted, resolved; itself nothing that is protected. */
function allowedRoot(root: string, facts: MountFacts): string {
  const written = machinePath(root, "mountRoots");
  refuseProtected(written, written, "mountRoots", facts);
  const found = resolved(written);
  refuseProtected(found, written, "mountRoots", facts);
  return found;
}

/** An absolute path without `..`: what it leads to is found by resolving, not by guessing. */
function machinePath(value: unknown, name: string): string {
  checkString(value, name);
  if (!value.startsWith("/") || /\p{Cc}/u.test(value) || !value.isWellFormed()) {
    throw wrongValue(name, "an absolute path without control characters", value);
  }
  if (value.length > 4096) throw new RangeError(`${name} must have at most 4096 characters`);
  const parts = value.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw wrongValue(name, "without ..", value);
  return `/${parts.join("/")}`;
}

function resolved(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new AgentError(
        "PERMISSION",
        `Looking where ${path} leads needs a permission; run with --allow-read=${path}`,
        { permission: "read", target: path },
        { cause: error },
      );
    }
    throw new AgentError(
      "NOT_FOUND",
      `${path} cannot be mounted: ${(error as Error).message}`,
      { what: path },
      { cause: error },
    );
  }
}

function refuseProtected(path: string, written: string, name: string, facts: MountFacts): void {
  const refuse = (what: string): never => {
    throw new RangeError(`${name} must not be ${what}, got ${led(written, path)}`);
  };
  if (path === "/") refuse("the whole file system");
  if (SOCKET_NAME.test(path.slice(path.lastIndexOf("/") + 1))) refuse("the socket of an engine");
  for (const place of [...PROTECTED, ...ENGINE_DATA]) {
    if (isWithin(path, place)) refuse(`in ${place}`);
    if (isWithin(place, path)) refuse(`a folder with ${place} in it`);
  }
  for (const place of PEOPLE) {
    if (!isWithin(path, place)) continue;
    const [person, first] = path.slice(place.length + 1).split("/");
    if (person === "" || person === undefined || first === undefined) {
      refuse("somebody's whole home");
    }
    if (first!.startsWith(".")) refuse("a hidden place of somebody's home, where keys are");
  }
  for (const socket of socketsOf(facts)) {
    if (path === socket) refuse("the socket of the engine");
    if (isWithin(socket, path)) refuse("a folder with the socket of the engine in it");
  }
}

/** The engine's socket, as written and as what it leads to. */
function socketsOf(facts: MountFacts): string[] {
  const path = facts.socketPath;
  if (path === undefined || path === null) return [];
  try {
    return [path, Deno.realPathSync(path)];
  } catch {
    // Not to be looked at: the name that is known is compared alone.
    return [path];
  }
}

/** Only files and folders: a socket may be an engine's under another name, by a hard link even. */
function refuseSpecial(path: string, written: string, name: string): void {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (isFile || isDirectory) return;
  throw new RangeError(`${name} must be a file or a folder, got ${led(written, path)}`);
}

/** Where in the container it may be. */
function mountTarget(value: unknown, name: string): string {
  const target = containerPath(value, name);
  if (target === "/") throw wrongValue(name, "below the root", value);
  for (const place of PROTECTED_TARGETS) {
    if (isWithin(target, place)) throw wrongValue(name, `outside of ${place}`, value);
  }
  if (SOCKET_NAME.test(target.slice(target.lastIndexOf("/") + 1))) {
    throw wrongValue(name, "no name of an engine's socket", value);
  }
  return target;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function led(written: string, path: string): string {
  return written === path ? shown(written) : `${shown(written)}, which leads to ${shown(path)}`;
}

function flag(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  checkBoolean(value, name);
  return value;
}
