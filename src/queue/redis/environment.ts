/**
 * Keeps BullMQ's packages from reading the environment while they are loaded: three variables that change nothing here,
 * for each of which Deno would ask, or fail where nobody can be asked. One of them is answered: the packer's native addon
 * stays out, which would need a permission for foreign code.
 *
 * What is imported after this module sees the answers below in the place of `process.env`, until `restoreEnvironment()`.
 * Modules of one graph are evaluated in one go, so nobody else's code runs in between; see `packages.ts`.
 *
 * @module
 */

import process from "node:process";

const ANSWERS: Readonly<Record<string, string>> = { MSGPACKR_NATIVE_ACCELERATION_DISABLED: "true" };

const given = process.env;

/** Gives `process.env` back. */
export function restoreEnvironment(): void {
  process.env = given;
}

process.env = { ...ANSWERS };
