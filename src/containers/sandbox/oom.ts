/**
 * How often the kernel killed a process of a running container because its memory was used up. Docker keeps it as events;
 * Podman does not, and the container's own cgroup is read from inside.
 *
 * @module
 */

import { withDeadline } from "../../shared/deadline.ts";
import type { EngineClient } from "../engine/client.ts";
import { Capture } from "./capture.ts";
import { startExec } from "../container/process.ts";

const READ =
  "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null";
/** 128 and SIGKILL: only then it is worth a process to look. */
const KILLED = 137;
/** The programs are the image's, which may never end. */
const MOST_MS = 10_000;

/**
 * Counts them.
 *
 * @param client The engine.
 * @param container The container, running.
 * @param exitCode How the command ended that gives rise to the question.
 */
export async function oomKills(
  client: EngineClient,
  container: string,
  exitCode: number | null,
): Promise<number> {
  if (client.engine === "docker") {
    const filters = { container: [container], event: ["oom"], type: ["container"] };
    const query = { since: 0, until: Math.ceil(Date.now() / 1_000) + 1, filters };
    let count = 0;
    for await (const _ of client.lines("GET", "/events", { query })) count++;
    return count;
  }
  if (exitCode !== KILLED) return 0;
  const capture = new Capture(65_536);
  const operation = "reading what was killed for memory";
  const bounds = { operation, timeoutMs: MOST_MS, signal: undefined };
  await withDeadline(bounds, async (signal) => {
    const process = await startExec(client, container, { command: ["sh", "-c", READ], signal });
    for await (const frame of process.frames) capture.add(frame);
  });
  return Number(/^oom_kill (\d+)$/m.exec(capture.text("stdout"))?.[1] ?? 0);
}
