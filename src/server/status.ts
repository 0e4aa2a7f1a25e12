/**
 * How the server is set up: its documents, and which implementation runs each area and why.
 *
 * @module
 */

import type { Agent, AgentStatus } from "../agent/types.ts";
import { type Area, libraryOf, TWIN_AREAS } from "../areas.ts";
import { defaultImplementation } from "../native/settings.ts";
import { type LibraryStatus, nativeStatus } from "../native/status.ts";

/** What does the work of an area. */
export interface AreaStatus {
  /** The area. */
  area: Area;
  /** What does its work: `"auto"` takes the faster one for each call, where the library is there. */
  implementation: "auto" | "native" | "pure";
  /** Why, in words. */
  reason: string;
}

/** What `/api/status` says. */
export interface ServerStatus {
  /** The version of this program. */
  version: string;
  /** The agent, its documents and what it did. */
  agent: AgentStatus;
  /** Each area with twins. */
  areas: AreaStatus[];
  /** Each native library. */
  libraries: LibraryStatus[];
}

/** How it is now. */
export async function statusOf(agent: Agent, version: string): Promise<ServerStatus> {
  const libraries = nativeStatus();
  const areas = TWIN_AREAS.map((area) => areaStatus(area, libraries));
  return { version, agent: await agent.status(), areas, libraries };
}

function areaStatus(area: Area, libraries: readonly LibraryStatus[]): AreaStatus {
  const wish = defaultImplementation(area);
  const name = libraryOf(area);
  const library = libraries.find((status) => status.library === name);
  if (wish === "pure") {
    return { area, implementation: "pure", reason: "AGENT_IMPLEMENTATION says so" };
  }
  const there = library?.state === "loaded" || library?.state === "available";
  if (!there) {
    const reason = `the library ${name} is ${library?.state ?? "absent"}${
      library?.reason === undefined ? "" : `: ${library.reason}`
    }`;
    return { area, implementation: wish === "native" ? "native" : "pure", reason };
  }
  const reason = wish === "native"
    ? "AGENT_IMPLEMENTATION says so"
    : `the faster one for each call; the library ${name} is ${library.state}`;
  return { area, implementation: wish, reason };
}
