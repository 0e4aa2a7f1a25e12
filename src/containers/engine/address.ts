/**
 * From options to an address that may be connected to, and to the transport of a twin.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { isGranted } from "../../native/permissions.ts";
import { allowHost, allowSocket } from "../../shared/access.ts";
import { checkImplementation, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { type EngineHost, parseEngineHost } from "../host.ts";
import { findEngine } from "./discover.ts";
import { EngineError } from "./errors.ts";
import { openPureTransport } from "./pure.ts";
import { checkTls, tlsOfEnvironment } from "./tls.ts";
import type { EngineAddress, EngineTls, EngineTransport } from "./types.ts";

/** What names an engine. */
export interface AddressOptions {
  /**
   * Where the engine listens: `unix:///absolute/path`, `tcp://host[:port]` (port 2375, with TLS 2376). Default: `DOCKER_HOST` where it is set and may be read, else the first of these sockets
   * that is there and may be looked at: `/var/run/docker.sock`, `$XDG_RUNTIME_DIR/podman/podman.sock`,
   * `$XDG_RUNTIME_DIR/docker.sock`, `/run/podman/podman.sock`, `~/.docker/run/docker.sock`.
   */
  host?: string | undefined;
  /** Which twin does the exchanges. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /**
   * Certificates for TCP, PEM; that they are given, even as `{}`, means TLS. Default: those that `DOCKER_TLS_VERIFY` and
   * `DOCKER_CERT_PATH` name, where they are set and may be read.
   */
  tls?: EngineTls | undefined;
}

/** Where an engine is, read but not yet asked for permission. */
export interface NamedEngine {
  readonly host: EngineHost;
  readonly tls: EngineTls | undefined;
}

/** Reads the options; throws for wrong ones. */
export function nameEngine(options: AddressOptions): NamedEngine {
  checkImplementation(options.implementation, "options.implementation");
  const given = checkTls(options.tls);
  const text = options.host ?? findEngine();
  const isTcp = typeof text === "string" && /^(tcp|http):/.test(text);
  if (given !== undefined && !isTcp) {
    throw wrongType("options.tls", "left out for a host without TCP", options.tls);
  }
  const tls = given ?? (isTcp ? tlsOfEnvironment() : undefined);
  return { host: parseEngineHost(text, tls !== undefined), tls };
}

/** Asks Deno whether it may be reached, and resolves its name. */
export async function allowEngine(
  { host, tls }: NamedEngine,
  connectTimeoutMs: number,
): Promise<EngineAddress> {
  if (host.kind === "unix") allowSocket(host.path);
  const allowed = host.kind === "tcp" ? await allowHost(host.host, host.port) : undefined;
  return { host, allowed, tls, connectTimeoutMs };
}

/** Where an engine was looked for matters only while none was found. */
const NOT_FOUND: readonly string[] = ["NOT_FOUND", "PERMISSION", "IO", "TIMEOUT"];

/** An error of connecting, with what was not looked at: the environment may name an engine, and need not be readable. */
export function withUnread(options: AddressOptions, error: unknown): unknown {
  const isUnread = options.host === undefined &&
    !isGranted({ name: "env", variable: "DOCKER_HOST" });
  if (!isUnread || !AgentError.is(error) || !NOT_FOUND.includes(error.code)) return error;
  const { code, details } = error;
  const message = `${error.message}. DOCKER_HOST was not looked at, which needs ` +
    `--allow-env=DOCKER_HOST; the option host names an engine without it`;
  const status = error instanceof EngineError ? error.status : null;
  return new EngineError(code, message, details as never, status, { cause: error });
}

/**
 * Opens the transport of a twin.
 *
 * `auto` takes the pure one: an exchange costs the engine's milliseconds either way, and there is nothing to load.
 */
export async function openTransport(
  address: EngineAddress,
  implementation: Implementation | undefined,
): Promise<EngineTransport> {
  if (!pick("containers", 0, Infinity, implementation)) return openPureTransport(address);
  return await (await import("./native.ts")).openNativeTransport(address);
}
