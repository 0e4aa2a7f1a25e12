/** What is done to processes that use a queue file, for the tests and for the long soak. */

import assert from "assertions";
import { linesOf, open, startProgram } from "./support.ts";

/** A twin in a process. */
export type TwinName = "native" | "pure";

/** What processes said. */
export class Said {
  readonly added = new Set<string>();
  readonly ran = new Map<string, number>();
  readonly errors: string[] = [];

  /** Listens to a process until it ends. */
  async listen(program: Deno.ChildProcess): Promise<void> {
    for await (const line of linesOf(program)) {
      const [word, id = ""] = line.split(" ", 2) as [string, string?];
      if (word === "added") this.added.add(id);
      else if (word === "ran") this.ran.set(id, (this.ran.get(id) ?? 0) + 1);
      else this.errors.push(line);
    }
  }
}

/** Ends the writing end of a process, so that it finishes what it does. */
async function finish(program: Deno.ChildProcess): Promise<void> {
  await program.stdin.close();
  const { code } = await program.status;
  assert.equal(code, 0);
}

/**
 * Kills processes that work on one file at moments that nobody chose, again and again; then lets others finish.
 *
 * @param folder Where the file is.
 * @param rounds How often.
 * @param twin The twin of a round.
 * @param chance Numbers from 0 to 1.
 */
export async function killed(
  folder: string,
  rounds: number,
  twin: (round: number) => TwinName,
  chance: () => number,
): Promise<Said> {
  const file = `${folder}/queue.db`;
  const leaseMs = "400";
  const said = new Said();
  for (let round = 0; round < rounds; round++) {
    // One that goes on and one that is killed: each sees what the other leaves behind.
    const program = startProgram("program.ts", file, twin(round), "normal", leaseMs);
    const listening = said.listen(program);
    const errors = new Response(program.stderr).text();
    const before = said.added.size;
    // Not before it works, so that every round counts.
    const end = Date.now() + 20_000;
    while (said.added.size < before + 5) {
      assert.ok(Date.now() < end, "a process did not begin to work");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, chance() * 150));
    program.kill("SIGKILL");
    await program.status;
    await listening;
    await program.stdin.close().catch(() => {});
    assert.equal(await errors, "");
  }
  const last = startProgram("program.ts", file, twin(rounds), "normal", leaseMs);
  const errors = new Response(last.stderr).text();
  const listening = said.listen(last);
  await finish(last);
  await listening;
  assert.equal(await errors, "");
  await checkAllDone(file, said, twin(rounds));
  return said;
}

/** Lets two processes work on one file, and checks that each job was done exactly once. */
export async function together(folder: string, ms: number): Promise<Said> {
  const file = `${folder}/queue.db`;
  const said = new Said();
  const programs = (["native", "pure"] as const).map((twin) =>
    startProgram("program.ts", file, twin, "full", "30000")
  );
  const errors = programs.map((program) => new Response(program.stderr).text());
  const listening = programs.map((program) => said.listen(program));
  await new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.all(programs.map(finish));
  await Promise.all(listening);
  assert.deepEqual(await Promise.all(errors), ["", ""]);
  assert.deepEqual(said.errors, []);
  for (const [id, times] of said.ran) assert.equal(times, 1, id);
  assert.equal(said.ran.size, said.added.size);
  await checkAllDone(file, said, "native");
  return said;
}

async function checkAllDone(file: string, said: Said, twin: TwinName): Promise<void> {
  const store = open(file, twin, {
    name: "faults",
    doneMs: Infinity,
    doneCount: Infinity,
  });
  try {
    const counts = await store.counts();
    assert.equal(counts.waiting + counts.running + counts.delayed + counts.dead, 0);
    const ids = [...said.added];
    const jobs = await Promise.all(ids.map((id) => store.get(id)));
    jobs.forEach((job, at) => {
      assert.equal(job?.state, "done", `${ids[at]} was acknowledged`);
      assert.ok(said.ran.has(ids[at]!), `${ids[at]} was run`);
    });
  } finally {
    await store.close();
  }
}
