/**
 * One picture of this host.
 *
 * @module
 */

import type { HostPicture, PictureOptions, RenderOptions } from "./types.ts";

export type {
  HostPicture,
  PictureContainer,
  PictureOptions,
  PicturePort,
  PictureProcess,
  RenderOptions,
} from "./types.ts";

/**
 * What is open on this host: port, who holds it, from which executable, in which container, with which certificate, and what the
 * rules about processes and sockets say of it. `detectThreats` says the rest.
 *
 * Permissions as for `connections`. Listeners are asked for their certificates over connections of this machine to itself, as far
 * as `--allow-net` allows them; `certificates: false` sends nothing at all.
 *
 * @param options Which twin, who knows containers by name, who looks at certificates, and a signal.
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
export function picture(options?: PictureOptions): Promise<HostPicture>;
export async function picture(options: PictureOptions = {}): Promise<HostPicture> {
  const { takePicture } = await import("./picture.ts");
  return await takePicture(options);
}

/**
 * A picture as text for a terminal, or as a drawing.
 *
 * @param host What `picture` gave.
 * @param options `width`: how many columns text has, 80 if left out, 40 at least. `format`: `"svg"` for a drawing.
 * @returns Lines that fit, with line breaks between; or a whole SVG document, in which names of others are text only.
 * @throws {TypeError} For options that are none.
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
export function renderPicture(host: HostPicture, options?: RenderOptions): Promise<string>;
export async function renderPicture(
  host: HostPicture,
  options: RenderOptions = {},
): Promise<string> {
  const { render } = await import("./formats.ts");
  return render(host, options);
}
