/**
 * The server: a question asked before, by its handler beside one that only reads the question and says bytes, and over HTTP by wrk
 * in seconds of the server's processor time.
 */

import { type Agent, createAgent } from "@agent/runtime/agent";
import { type AgentServer, createServer } from "@agent/runtime/server";
import type { Area, Bar, Fact } from "./lib/area.ts";
import { isInstalled } from "./lib/load_ways.ts";
import { NATIVE, runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";
import { askRequest, DOCUMENTS, TOKEN } from "./lib/serve_ways.ts";

const ASKED = "kept answer, /v1/chat/completions";
const OURS = "over HTTP, answers a second of a core";
const PLAIN = "over HTTP, a plain Deno.serve with the same bytes";
const PROMISED = 5_000;

/** The area. */
export const area: Area = {
  name: "serve",
  tools: [["server", ASKED, 1]],
  groups() {
    // Made when it is first used: groups open nothing.
    let agent: Agent | undefined;
    let server: AgentServer | undefined;
    let known = "";
    const opened = async (): Promise<AgentServer> => {
      if (server !== undefined) return server;
      agent = createAgent();
      await agent.knowledge.add(DOCUMENTS);
      server = createServer({ agent, token: TOKEN });
      known = await (await server.fetch(askRequest())).text();
      return server;
    };
    return [{
      ...{ operation: ASKED, size: 1, unit: "questions", front: true },
      rows: [
        {
          ...{ name: "auto", role: "auto" },
          once: async () => (await (await (await opened()).fetch(askRequest())).text()).length,
        },
        {
          ...{ name: "only reads and says bytes", role: "reference" },
          async once() {
            await opened();
            await askRequest().json();
            return (await new Response(known).text()).length;
          },
        },
      ],
      async finish() {
        await server?.close();
        await agent?.close();
      },
    }];
  },
  async facts({ quick, note, leaveOut }): Promise<Fact[]> {
    if (!isInstalled("wrk", "-v")) {
      leaveOut("the server over HTTP (needs wrk)");
      return [];
    }
    note("a question asked before, over HTTP");
    const flags = [
      ...NATIVE,
      "--allow-net=127.0.0.1",
      "--allow-run=wrk",
      "--allow-env",
      "--allow-sys",
    ];
    const args = [quick ? "1" : "5"];
    const said = JSON.parse(await runProgram("programs/serve_load.ts", { flags, args }));
    return [
      { name: OURS, value: said.ours, unit: "answers" },
      { name: PLAIN, value: said.plain, unit: "answers" },
    ];
  },
  bars(figures): Bar[] {
    const promised = `\u2265 ${PROMISED.toLocaleString("en-US")}`;
    const name = "Questions asked before, over HTTP, a second of a core";
    const value = figures.fact(OURS);
    if (value === undefined) return [{ name, promised }];
    const measured = Math.round(value).toLocaleString("en-US");
    return [{ name, promised, measured, met: value >= PROMISED }];
  },
};

await register(area, import.meta.url);
