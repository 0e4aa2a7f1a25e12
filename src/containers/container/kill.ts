/**
 * Kills a program that was started in a container, with all that it started. No engine can, and giving up the connection
 * leaves it running. So a program that may have to be killed is started by a shell's few built-in words: they say which
 * process they are, then become the program. What is to be killed is killed by a second program of that kind. Neither
 * starts processes of its own.
 *
 * What was started by what is told by two bounds that the kernel keeps and does not use: every process has its parent's,
 * whatever it does to its environment, its session and its parents, and none without CAP_SYS_RESOURCE can raise them. Of
 * the two one is a random number and the other what is missing to a constant, so that a process which lowers them to look
 * like another program's is known by their sum. Where there are no such bounds (gVisor), a variable and the session say
 * what belongs to the program, and a process that left both is not found; `killed` says so.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import { type ExecRequest, execState, startExec } from "./process.ts";

/** How long a program may take to say which one it is, and its killing, before it is given up. */
const KNOWN_MS = 1_500;
const KILL_MS = 2_500;
/** How often an engine is asked whether a program has ended. */
const LOOKS_MS = [1, 2, 4, 8, 15, 25, 50, 100, 200];
/** The variable by which a program's processes are known where bounds do not say it. */
const MARK = "AGENT_EXEC";
/** What both bounds of a program come to, in locks and KiB; far more than anybody has of either. */
const BOUNDS = 2 ** 40;
/** How the killing says that some of it belongs to another user. */
const OTHERS = 3;

/**
 * Says which process it is, how often the kernel has killed for memory, and whether the bounds hold; then becomes the
 * program. Only words that every shell has built in, so that it needs neither programs nor places for further processes.
 * Its variables have names that no program has, since one that the container has would be changed for the program.
 */
const START = `_agent_n=- _agent_k=0 _agent_l=$1 _agent_m=$2; shift 2
for _agent_f in /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events; do
[ -r "$_agent_f" ] && while read -r _agent_a _agent_b; do
[ "$_agent_a" = oom_kill ] && _agent_n=$_agent_b; done <"$_agent_f"; done
{ ulimit -x $_agent_l || ulimit -w $_agent_l; } 2>/dev/null && ulimit -m $_agent_m 2>/dev/null &&
while read -r _agent_a _agent_b _agent_c _agent_d _agent_e; do
[ "$_agent_a$_agent_b$_agent_c\${_agent_e%% *}" = "Maxfilelocks$_agent_l" ] && _agent_k=1
done 2>/dev/null </proc/self/limits
echo "$${MARK} $$ $_agent_n $_agent_k" >&2; exec "$@"`;

/**
 * Kills the processes that have the bounds or the mark, or belong to the session of the first; again until none is left.
 * They are held first, so that none goes on because another has ended. How often it looks is bounded by whoever waits.
 */
const KILL = `i=0; s=STOP; while [ $i -lt 2000 ]; do i=$((i+1)); f=0; g=0
for p in /proc/[0-9]*; do q=\${p#/proc/}; [ "$q" = $$ ] && continue; m=; x=; y=
IFS= read -r l <"$p/stat" 2>/dev/null || continue; set -- \${l##*) }
[ "$1" = Z ] && continue; { [ "$q" = "$A" ] || [ "$4" = "$A" ]; } && m=1
[ $m$L ] && [ -z "$m" ] && { while read -r a b c d e; do case $a$b$c in
Maxfilelocks) x=\${e%% *};; Maxresidentset) y=\${e%% *};; esac; done <"$p/limits"
case $x in ''|*[!0-9]*) ;; *) case $y in ''|*[!0-9]*) ;; *)
{ [ $x = $L ] || [ $((x+y/1024)) != $M ]; } && m=1;; esac;; esac; }
[ $m ] || while IFS= read -r l || [ "$l" ]; do case "$l" in *"$B"*) m=1; break;; esac; done <"$p/environ"
[ $m ] && { kill -$s "$q" && f=1 || { [ -d "$p" ] && g=1; }; }; done 2>/dev/null
[ $f$s = 0KILL ] && { [ $g = 0 ] && exit 0; exit ${OTHERS}; }; s=KILL; done; exit 1`;

/** Reads how often the kernel has killed for memory. */
const COUNT = `n=-
for f in /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events; do
[ -r "$f" ] && while read -r k v; do [ "$k" = oom_kill ] && n=$v; done <"$f"; done
echo "$n"`;

/** A program as it is started so that it can be killed. */
export function killable<T extends Pick<ExecRequest, "command" | "env">>(
  request: T,
  { token, bound }: Begun,
  shell = "/bin/sh",
): T {
  const bounds = [String(bound), String(BOUNDS - bound)];
  const command = [shell, "-c", START, "sh", ...bounds, ...request.command];
  return { ...request, command, env: { ...request.env, [MARK]: token } };
}

/** What the shell of a killable program says before it becomes the program. */
export class Begun {
  /** The process, by the container's count; undefined until it has said so. */
  pid: string | undefined;
  /** How often the kernel had killed for memory; undefined where that cannot be read. */
  oomKills: number | undefined;
  /** Resolves when the shell has said so, or never will. */
  readonly known: Promise<void>;
  /** Whether its processes have its bounds, so that none of them can hide. */
  isBound = false;
  /** What its processes are known by. */
  readonly token: string = crypto.randomUUID();
  readonly bound: number = BOUNDS / 4 +
    crypto.getRandomValues(new Uint32Array(1))[0]!;
  #decide!: () => void;

  constructor() {
    this.known = new Promise((resolve) => this.#decide = resolve);
  }

  /** Takes the frames up to the shell's line, so that it is known without anybody who reads on. */
  async reading(frames: AsyncIterable<Frame>): Promise<AsyncGenerator<Frame, void>> {
    const source = this.withoutFirst(frames);
    const ahead: Promise<IteratorResult<Frame, void>>[] = [];
    let isKnown = false;
    this.known.then(() => isKnown = true);
    while (!isKnown) {
      const next = source.next();
      next.catch(() => this.#decide());
      ahead.push(next);
      await Promise.race([next.catch(() => {}), this.known]);
    }
    return (async function* () {
      try {
        for (;;) {
          const next = await (ahead.shift() ?? source.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        await source.return();
      }
    })();
  }

  /** The output without the shell's line, which is the first of stderr. */
  async *withoutFirst(frames: AsyncIterable<Frame>): AsyncGenerator<Frame, void> {
    let held: Uint8Array | undefined = new Uint8Array(0);
    for await (const frame of frames) {
      if (held === undefined || frame.stream === "stdout") {
        yield frame;
        continue;
      }
      const all: Uint8Array = joined(held, frame.bytes);
      const rest = this.#read(all);
      held = rest === "more" ? all : undefined;
      if (held === undefined) this.#decide();
      if (rest === "more" || rest.length === 0) continue;
      yield { ...frame, bytes: rest };
    }
    this.#decide();
    if (held !== undefined && held.length > 0) {
      yield { stream: "stderr", bytes: held, begins: false };
    }
  }

  /** What follows the line; all of it if that is none. */
  #read(bytes: Uint8Array): Uint8Array | "more" {
    const end = bytes.indexOf(10);
    if (end < 0) return bytes.length > 200 ? bytes : "more";
    const words = new TextDecoder().decode(bytes.subarray(0, end)).split(" ");
    if (words.length !== 4 || words[0] !== this.token || !/^\d+$/.test(words[1]!)) return bytes;
    this.pid = words[1]!;
    this.oomKills = countOf(words[2]!);
    this.isBound = words[3] === "1";
    return bytes.subarray(end + 1);
  }
}

/** What came of a killing: all of it; all that did not hide, where it could; or not even that. */
export type KillResult = "all" | "known" | "failed";

/**
 * Kills a program; fails if that cannot be done in time: a container that is full of processes has no place for one more.
 *
 * @param client The engine.
 * @param container Where it runs.
 * @param id The engine's name of it.
 * @param user Who runs it, if that was said.
 * @param begun What its shell said.
 */
export async function killProcess(
  client: EngineClient,
  container: string,
  id: string,
  user: string | undefined,
  begun: Begun,
): Promise<KillResult> {
  // A program that has hardly begun has not said yet which process it is.
  await within(begun.known, KNOWN_MS);
  if (begun.pid === undefined) return "failed";
  const env = {
    A: begun.pid,
    B: `${MARK}=${begun.token}`,
    L: begun.isBound ? String(begun.bound) : "",
    M: String(BOUNDS),
  };
  const until = performance.now() + KILL_MS;
  try {
    const command = ["/bin/sh", "-c", KILL];
    let { exitCode } = await quick(client, container, { command, env, user });
    // A program may have become another user, whom only root may kill.
    if (exitCode === OTHERS) {
      ({ exitCode } = await quick(client, container, { command, env, user: "0" }));
    }
    if (exitCode !== 0) return "failed";
    // What is told to end has not ended yet.
    for (let look = 0; performance.now() < until; look++) {
      const state = await within(execState(client, id), until - performance.now());
      if (state?.running === false) return begun.isBound ? "all" : "known";
      await delay(lookMs(look));
    }
    return "failed";
  } catch {
    return "failed";
  }
}

/** Whether the kernel killed for memory meanwhile: by its own count, where that can be read. */
export async function oomOf(
  client: EngineClient,
  container: string,
  user: string | undefined,
  begun: Begun | undefined,
): Promise<"killed" | "no" | "unknown"> {
  if (begun?.oomKills === undefined) return "unknown";
  try {
    const command = ["/bin/sh", "-c", COUNT];
    const { stdout } = await quick(client, container, { command, user });
    const now = countOf(stdout.trim());
    if (now === undefined) return "unknown";
    return now > begun.oomKills ? "killed" : "no";
  } catch {
    return "unknown";
  }
}

/** Runs a few words in the container, for no longer than this. */
async function quick(
  client: EngineClient,
  container: string,
  request: ExecRequest,
): Promise<{ exitCode: number | null; stdout: string }> {
  let close = (): void => {};
  const work = (async () => {
    const process = await startExec(client, container, request);
    close = () => process.close();
    let stdout = "";
    for await (const { stream, bytes } of process.frames) {
      if (stream === "stdout" && stdout.length < 1_000) stdout += new TextDecoder().decode(bytes);
    }
    return { exitCode: (await ended(client, process.id)).exitCode, stdout };
  })();
  try {
    const said = await within(work, KILL_MS);
    if (said === undefined) throw new Error("the time is over");
    return said;
  } finally {
    close();
    work.catch(() => {});
  }
}

/** What a promise gives if it does so in time; else undefined. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<undefined>((resolve) => timer = setTimeout(resolve, ms, undefined));
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for the end of a program whose output has ended: the engine may be told of it a little later.
 *
 * @param client The engine.
 * @param id The engine's name of it.
 * @param untilMs When it is given up, by `performance.now()`.
 */
export async function ended(
  client: EngineClient,
  id: string,
  untilMs = Infinity,
): Promise<{ running: boolean; exitCode: number | null }> {
  for (let look = 0;; look++) {
    const state = await execState(client, id);
    if (!state.running || performance.now() > untilMs) return state;
    await delay(lookMs(look));
  }
}

function lookMs(look: number): number {
  return LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)]!;
}

function countOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
