/**
 * Keeps BullMQ's packages from reading the environment while they are loaded: three variables that change nothing here,
 * for each of which Deno would ask, or fail where nobody can be asked. One of them is answered: the packer's native addon
 * stays out, which would need a permission for foreign code.
 *
 * Modules of one graph are evaluated in one go, so nobody else's code runs while `process.env` is another's. Such a
 * graph is written here as text: Deno would find one that is written as a file, and download BullMQ for every program.
 *
 * @module
 */

/** A module that loads a package so. */
export interface Hiding {
  /** Of a module that exports the package as `loaded`. */
  readonly address: string;
  /** Gives `process.env` back, where what was to be loaded has failed. */
  restore(): Promise<void>;
}

let attempts = 0;

/** Makes it, anew for each attempt: a module is evaluated once, and one that was not found is not looked for again. */
export function withoutEnvironment(specifier: string): Hiding {
  const hiding = moduleOf(`
// Attempt ${++attempts}.
import process from "node:process";
const given = process.env;
export const restore = () => { process.env = given; };
process.env = { MSGPACKR_NATIVE_ACCELERATION_DISABLED: "true" };
`);
  return {
    // The order counts: the first import hides the environment from what the second one evaluates.
    address: moduleOf(`
import { restore } from ${JSON.stringify(hiding)};
import * as loaded from ${JSON.stringify(specifier)};
restore();
export { loaded };
`),
    async restore(): Promise<void> {
      const { restore } = await import(hiding) as { restore(): void };
      restore();
    },
  };
}

function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
