/**
 * Deployments: templates that run, with their networks, volumes and secrets, and their end.
 *
 * @module
 */

export { deploy, templateOf } from "./deploy.ts";
export { Deployment } from "./deployment.ts";
export { removeWithBelongings } from "./remove_container.ts";
export type { BelongingThing, KeptThing, RemoveOptions, RemoveReport } from "./remove_container.ts";
export { mayHaveLeft, sweep } from "./sweep.ts";
export type { SweepOptions, SweepReport, SweptKind, SweptThing } from "./sweep.ts";
export type * from "./types.ts";
