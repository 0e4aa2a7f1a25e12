/**
 * `agent doctor`: what is there, what is used, and the one line that mends what is not.
 *
 * It fails only if something is broken (a library that does not fit, a Deno that is too old); what
 * is merely absent is reported, since everything works without it.
 *
 * @module
 */

import type { LibraryStatus } from "../../mod.ts";
import type { Call, Command } from "./command.ts";
import type { Output } from "./output.ts";
import { environment } from "./paths.ts";
import { dataFolder } from "./permissions.ts";
import { IS_CHECKOUT } from "./program.ts";
import type { ServiceStatus } from "./services.ts";

const MINIMUM_DENO = [2, 9] as const;

/** The command. */
export const doctor: Command = {
  name: "doctor",
  summary: "Shows what is installed and used, and how to mend what is not",
  usage: "",
  options: {
    data: { value: "DIR", help: "The data folder to look at ($XDG_DATA_HOME/agent)" },
  },
  positionals: [0, 0],
  examples: ["scripts/agent doctor", "scripts/agent doctor --json"],
  run,
};

/** A line of the report. */
interface Check {
  /** What was looked at. */
  name: string;
  /** Whether it is in use. */
  ok: boolean;
  /** What was found. */
  found: string;
  /** What to do about it, in one line. */
  fix?: string | undefined;
}

async function run({ options, output }: Call): Promise<number> {
  const [{ preloadNative }, { checkEngine }, { checkRedis }] = await Promise.all([
    import("../../mod.ts"),
    import("./engine_status.ts"),
    import("./services.ts"),
  ]);
  const [docker, redis] = await Promise.all([checkEngine(environment), checkRedis(environment)]);
  const deno = checkDeno();
  const libraries = preloadNative()
    .map((status) => ({ ...status, fix: LIBRARY_FIXES[status.state] }));
  const data = checkData(dataFolder(options.text("data"), environment));
  const healthy = deno.ok && libraries.every(({ state }) => state !== "incompatible");
  if (output.json) {
    output.document({ healthy, deno, libraries, services: [docker, redis], data });
  } else {
    const checks = [deno, ...libraries.map(libraryCheck), docker, redis, data];
    print(checks, output);
  }
  return healthy ? 0 : 1;
}

function print(checks: readonly (Check | ServiceStatus)[], output: Output): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const check of checks) {
    const { name, ok, found, fix } = check;
    output.line(`${output.mark(ok ? "ok" : "--", ok)}  ${name.padEnd(width)}  ${found}`);
    const more = "details" in check ? check.details ?? [] : [];
    const warned = "warnings" in check ? (check.warnings ?? []).map((one) => `note: ${one}`) : [];
    for (const line of [...(fix === undefined ? [] : [fix]), ...more, ...warned]) {
      output.line(`    ${" ".repeat(width)}  ${output.dim(line)}`);
    }
  }
}

function checkDeno(): Check {
  const version = Deno.version.deno;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const ok = major > MINIMUM_DENO[0] || (major === MINIMUM_DENO[0] && minor >= MINIMUM_DENO[1]);
  return {
    name: "deno",
    ok,
    found: `${version} (${Deno.build.target})`,
    fix: ok ? undefined : `Deno ${MINIMUM_DENO.join(".")} or later is needed: deno upgrade`,
  };
}

/** What to do about a library that is not in use. */
const LIBRARY_FIXES: Partial<Record<LibraryStatus["state"], string>> = {
  ...(IS_CHECKOUT
    ? {
      absent: "build it: install cargo (https://rustup.rs), then scripts/setup",
      incompatible: "build it anew: scripts/setup --require-native",
      denied: "allow it: --allow-ffi and --allow-read for its folder (scripts/agent does)",
    }
    : {
      absent: "where there is a network it comes with the next call",
      incompatible: "get it again: deno cache --reload=npm:@agent/native",
      denied: "allow it: --allow-ffi",
    }),
  disabled: "unset AGENT_IMPLEMENTATION, or set it to auto",
};

function libraryCheck(status: LibraryStatus & { fix: string | undefined }): Check {
  const { library, state, path, version, abi, reason, fix } = status;
  const numbers = [version && `version ${version}`, abi === undefined ? "" : `ABI ${abi}`];
  const about = [...numbers, path, reason].filter((part) => part);
  return {
    name: library,
    ok: state === "loaded",
    found: `${state === "loaded" ? "native, loaded" : `${state}, TypeScript is used`}` +
      (about.length === 0 ? "" : ` (${about.join(", ")})`),
    fix,
  };
}

function checkData(folder: string | undefined): Check {
  if (folder === undefined) {
    return {
      name: "data",
      ok: false,
      found: "no folder: neither XDG_DATA_HOME nor HOME is set",
      fix: "name one with --data DIR",
    };
  }
  try {
    let files = 0;
    let bytes = 0;
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile || !/^knowledge-.*\.sqlite$/.test(name)) continue;
      files++;
      bytes += Deno.statSync(`${folder}/${name}`).size;
    }
    const size = (bytes / 1024 / 1024).toFixed(1);
    return { name: "data", ok: true, found: `${folder} (${files} knowledge files, ${size} MiB)` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { name: "data", ok: true, found: `${folder} (made at the first ask or index)` };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return {
      name: "data",
      ok: false,
      found: `${folder}: ${reason}`,
      fix: "make it readable, or name another with --data DIR",
    };
  }
}
