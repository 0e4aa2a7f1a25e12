/**
 * Real servers as Debian packages them, each on a free loopback port that is not its own, out of a folder of its own.
 * What is not installed is named.
 */

import { programMissing } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { unusedPort } from "../../support/servers.ts";
import { until } from "../../support/values.ts";
import { DATA } from "./real/data.ts";
import { type RealServer, run } from "./real/kit.ts";
import { MAIL } from "./real/mail.ts";
import { NETWORK } from "./real/network.ts";

export type { RealServer };

/** All of them. */
export const REAL_SERVERS: readonly RealServer[] = [...DATA, ...MAIL, ...NETWORK];

/** Why a server cannot be started here; undefined if it can. */
export function serverMissing({ needs }: RealServer): string | undefined {
  if (Deno.build.os !== "linux") return "it is started as Debian packages it";
  if (Deno.uid() !== 0) return "it is started as root, as its package does";
  for (const [program, debianPackage] of needs) {
    const reason = programMissing(program, debianPackage);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The version by the server's own program; null where the server does not tell it to others. */
export async function versionOf({ version }: RealServer): Promise<string | null> {
  if (version === null) return null;
  const [[program, ...args], pattern] = version;
  const found = pattern.exec(await run(program!, args))?.[1];
  if (found === undefined) throw new Error(`${program} does not say its version`);
  return found;
}

/** Runs a body with a server that has come up, and ends it. */
export async function withServer(
  server: RealServer,
  body: (port: number) => Promise<void>,
): Promise<void> {
  await temporary(async (folder) => {
    const port = unusedPort();
    const { program, args, env = {} } = await server.plan(folder, port);
    // A group of its own: some have helpers that they leave behind.
    const child = new Deno.Command("setsid", {
      args: [program, ...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    let isOver = false;
    child.status.then(() => isOver = true);
    try {
      await up(server, port, () => isOver);
      await body(port);
    } catch (error) {
      if (!isOver) throw error;
      const { stdout, stderr } = await output;
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      throw new Error(`${server.name} ended: ${said.slice(-1000)}`, { cause: error });
    } finally {
      await endGroup("TERM", child.pid);
      await child.status;
      await endGroup("KILL", child.pid);
      await output;
    }
  });
}

/** Ends a group of processes; that there is none any more is well. */
async function endGroup(signal: "TERM" | "KILL", group: number): Promise<void> {
  await new Deno.Command("kill", { args: [`-${signal}`, "--", `-${group}`], stderr: "null" })
    .output();
}

async function up(
  { name, transport }: RealServer,
  port: number,
  isOver: () => boolean,
): Promise<void> {
  const line = new RegExp(
    `:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 ${
      transport === "tcp" ? "0A" : "07"
    }`,
  );
  // Some need a while at their first start; the bound of one wait is five seconds.
  for (let tries = 0;; tries++) {
    try {
      return await until(async () => {
        if (isOver()) throw new Error(`${name} ended`);
        // Deno gives its own eyes no look at /proc without all permissions.
        return line.test(await run("cat", [`/proc/net/${transport}`]));
      }, `${name} does not listen`);
    } catch (error) {
      if (isOver() || tries >= 24) throw error;
    }
  }
}
