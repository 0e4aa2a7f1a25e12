/**
 * Where an engine listens, read from the option or from `DOCKER_HOST`.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { authority, canonicalHost } from "../shared/access.ts";
import { AgentError } from "../shared/errors.ts";

/** A Unix socket or a TCP port. */
export type EngineHost =
  | { readonly kind: "unix"; readonly path: string; readonly text: string }
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    readonly text: string;
  };

/** Where Docker listens if nobody says otherwise. */
export const DEFAULT_HOST = "unix:///var/run/docker.sock";

const DEFAULT_PORT = 2375;
const DEFAULT_TLS_PORT = 2376;
/** What fits into a socket address on Linux, without the closing NUL. */
const MAX_PATH_BYTES = 107;

/**
 * Reads a host.
 *
 * @param text As in the option `host`.
 * @param hasTls Whether there are certificates for it, which decides on the port that it has if it names none.
 * @returns Its parts, and the canonical text.
 * @throws {TypeError} If it is no host at all.
 * @throws {AgentError} `UNSUPPORTED` for a host of a kind that is not reached from here.
 */
export function parseEngineHost(text: string, hasTls = false): EngineHost {
  const scheme = typeof text === "string" ? /^([a-z]+):\/\//.exec(text)?.[1] : undefined;
  if (scheme === undefined) {
    throw wrongType("options.host", "unix:///path or tcp://host:port", text);
  }
  const rest = text.slice(scheme.length + 3);
  if (scheme === "unix") return unixHost(rest);
  if (scheme === "tcp" || scheme === "http") return tcpHost(text, rest.replace(/\/$/, ""), hasTls);
  throw new AgentError(
    "UNSUPPORTED",
    `An engine at ${text} is not reached from here; use unix:///path or tcp://host:port, ` +
      `with the option tls for TLS`,
    { what: text },
  );
}

function unixHost(path: string): EngineHost {
  if (!path.startsWith("/") || path.includes("\0")) {
    throw wrongType("options.host", "unix:// and an absolute path", `unix://${path}`);
  }
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_PATH_BYTES) {
    throw new RangeError(
      `A Unix socket's path has at most ${MAX_PATH_BYTES} bytes; ${path} has ${bytes}`,
    );
  }
  return { kind: "unix", path, text: `unix://${path}` };
}

function tcpHost(text: string, rest: string, hasTls: boolean): EngineHost {
  const [, name, digits] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const port = digits !== undefined ? Number(digits) : hasTls ? DEFAULT_TLS_PORT : DEFAULT_PORT;
  if (name === undefined || name === "" || port < 1 || port > 65_535) {
    throw wrongType("options.host", "tcp://host:port", text);
  }
  const host = canonicalHost(name);
  return { kind: "tcp", host, port, text: `tcp://${authority(host, port)}` };
}
