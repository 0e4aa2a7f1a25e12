/**
 * One picture of this host.
 *
 * @module
 */

import type { HostPicture, PictureOptions } from "./types.ts";

export type {
  HostPicture,
  PictureContainer,
  PictureOptions,
  PicturePort,
  PictureProcess,
  PictureTls,
} from "./types.ts";

/**
 * What is open on this host: port, who holds it, from which executable, in which container, with which certificate, and what the
 * rules about processes and sockets say of it. `detectThreats` says the rest.
 *
 * Permissions as for `connections`. Nothing is sent anywhere, unless `inspectTls` does.
 *
 * @param options Which twin, who knows containers by name, who looks at TLS, and a signal.
 * @returns The picture.
 * @throws {AgentError} As `connections`.
 *
 * @example
 * ```ts
 * import { picture, renderPicture } from "@agent/runtime/security";
 * import { AgentError } from "@agent/runtime/errors";
 *
 * try {
 *   console.log(await renderPicture(await picture()));
 * } catch (error) {
 *   if (!AgentError.is(error, "PERMISSION")) throw error;
 * }
 * ```
 */
export async function picture(options: PictureOptions = {}): Promise<HostPicture> {
  const { takePicture } = await import("./picture.ts");
  return await takePicture(options);
}

/**
 * A picture as text for a terminal.
 *
 * @param host What `picture` gave.
 * @param options How many columns there are: 80 if left out, 40 at least.
 * @returns Lines that fit, with line breaks between.
 *
 * @example
 * ```ts
 * import { type HostPicture, renderPicture } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const nothing: HostPicture = { takenAt: "", ports: [], established: 1, unavailable: {}, scope: "" };
 * assert.equal(await renderPicture(nothing), "0 open ports, 1 established connection");
 * ```
 */
export async function renderPicture(
  host: HostPicture,
  options: { width?: number } = {},
): Promise<string> {
  const { render } = await import("./render.ts");
  return render(host, options.width ?? 80);
}
