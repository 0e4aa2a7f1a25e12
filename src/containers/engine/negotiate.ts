/**
 * Who an engine is and which version of the API is spoken with it: asked by an unversioned `/_ping`, because an engine
 * refuses versions that it does not know, and Podman refuses none.
 *
 * @module
 */

import { ELSEWHERE, EngineError } from "./errors.ts";
import type { EngineHost } from "../host.ts";
import type { EngineResponse } from "./types.ts";

/** A version of the API, major and minor. */
export type ApiVersion = readonly [major: number, minor: number];

/** The newest version that is spoken. */
export const NEWEST_API: ApiVersion = [1, 53];
/** The oldest one: what engines of 2020 speak. */
export const OLDEST_API: ApiVersion = [1, 41];

/** Reads `1.41`; undefined if it is none. */
export function parseApiVersion(text: string | null | undefined): ApiVersion | undefined {
  const match = /^(\d{1,6})\.(\d{1,6})$/.exec(text ?? "");
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Below 0 if the first is the older one, 0 if they are the same. */
export function compareApi(a: ApiVersion, b: ApiVersion): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** What an answer to `/_ping` says. */
export interface Pinged {
  readonly engine: "docker" | "podman";
  /** The newest version that the engine speaks. */
  readonly newest: ApiVersion;
  /** The engine's own version, where it says it here. */
  readonly version: string | undefined;
}

/** Reads the answer to `/_ping`. */
export function readPing(host: EngineHost, response: Pick<EngineResponse, "header">): Pinged {
  const newest = parseApiVersion(response.header("api-version"));
  if (newest === undefined) throw noEngine(host, "it names no API version");
  const version = response.header("libpod-api-version") ??
    /^libpod\/(\S+)/i.exec(response.header("server") ?? "")?.[1];
  return { engine: version === undefined ? "docker" : "podman", newest, version };
}

/**
 * The version that both sides speak: the newest of both.
 *
 * @param host For the error.
 * @param newest The newest that the engine speaks.
 * @param oldest The oldest that it speaks, if it says so.
 * @throws {AgentError} `UNSUPPORTED` if there is none.
 */
export function negotiate(
  host: EngineHost,
  newest: ApiVersion,
  oldest: ApiVersion | undefined,
): string {
  const spoken = compareApi(newest, NEWEST_API) < 0 ? newest : NEWEST_API;
  if (compareApi(spoken, OLDEST_API) < 0) {
    throw unspoken(host, `it speaks API ${newest.join(".")} at most`, OLDEST_API);
  }
  if (oldest !== undefined && compareApi(oldest, spoken) > 0) {
    throw unspoken(host, `it speaks API ${oldest.join(".")} at least`, NEWEST_API);
  }
  return spoken.join(".");
}

function unspoken(host: EngineHost, why: string, ours: ApiVersion): EngineError<"UNSUPPORTED"> {
  const message = `The engine at ${host.text} is not understood: ${why}, and this side's ` +
    `${ours === OLDEST_API ? "oldest" : "newest"} is ${ours.join(".")}; update the older one`;
  return new EngineError("UNSUPPORTED", message, { what: host.text }, null);
}

/** The error of something that answers and is no engine. */
export function noEngine(host: EngineHost, why: string): EngineError<"UNSUPPORTED"> {
  const message = `What answers at ${host.text} is not a container engine: ${why}. ${ELSEWHERE}`;
  return new EngineError("UNSUPPORTED", message, { what: host.text }, null);
}
