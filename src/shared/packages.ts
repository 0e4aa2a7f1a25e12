/**
 * Packages that only some programs need. Deno downloads what it finds in the imports of a program before it starts;
 * these it finds only when they are asked for, so that whoever never asks downloads nothing of them. That is why they
 * are named by a variable here: a string would be found.
 *
 * Their versions stand in deno.json, with all others.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { AgentError } from "./errors.ts";
import { reasonOf } from "./npm_reason.ts";

/** A package that is loaded when it is first needed. */
export type LazyPackage =
  | "@cfworker/json-schema"
  | "@modelcontextprotocol/client"
  | "@modelcontextprotocol/server"
  | "@opentelemetry/api"
  | "@orama/stemmers"
  | "@redis/client"
  | "bullmq"
  | "croner"
  | "diff"
  | "hono"
  | "mammoth"
  | "trading-signals"
  | "unpdf";

/** How a package is named in an import, with its version. */
export function specifierOf(name: LazyPackage): string {
  return config.imports[name];
}

/**
 * Loads a package.
 *
 * @param name Which.
 * @param user What needs it, at the beginning of a sentence.
 * @param address Of the module that is loaded: the package, or one that imports it.
 * @returns Its module.
 * @throws {AgentError} `UNAVAILABLE` if it is not on this machine and cannot be downloaded; the next call tries again.
 */
export async function loadPackage<T>(
  name: LazyPackage,
  user: string,
  address: string = specifierOf(name),
): Promise<T> {
  try {
    return await import(address) as T;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw missingPackage(name, user, error);
  }
}

/** The error for a package that Deno could not have, which it said in `error`. */
export function missingPackage(
  name: LazyPackage,
  user: string,
  error: Error,
): AgentError<"UNAVAILABLE"> {
  return new AgentError(
    "UNAVAILABLE",
    `${user} needs the package ${name}, which is not on this machine: ${reasonOf(error.message)}; ${
      remedy(error, specifierOf(name))
    }`,
    { server: "npm registry" },
    { cause: error },
  );
}

/** Whether Deno could not have a package, rather than that a module of it failed. */
function isMissing(error: unknown): error is Error {
  return error instanceof TypeError &&
    (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
}

function remedy({ message }: Error, specifier: string): string {
  return message.startsWith("The lockfile is out of date")
    ? `name ${specifier} in the imports of your deno.json, so that your lock file has it`
    : `where there is a network, run: deno cache ${specifier} (where node_modules is kept by hand: ` +
      `deno add ${specifier})`;
}
