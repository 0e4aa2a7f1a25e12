/** The machine's clock set back and forward while a queue file is used: leases, delays, new tries and repeats. */

import assert from "assertions";
import { createQueueIn } from "../../../src/queue/create.ts";
import { temporary } from "../../support/programs.ts";
import { testOf, twins } from "../../support/twins.ts";
import { until } from "../../support/values.ts";
import { linesOf, startProgram, steppedClock } from "./support.ts";

const HOUR = 3_600_000;
const OTHER = { native: "pure", pure: "native" } as const;
const { native, each } = twins("queue");

/** A process with a clock of its own. */
class ClockProgram {
  /** Each line that it wrote. */
  readonly lines: string[] = [];
  readonly #program: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;

  constructor(...args: string[]) {
    const program = startProgram("clock_program.ts", ...args);
    this.#program = program;
    this.#input = program.stdin.getWriter();
    this.#read = (async () => {
      for await (const line of linesOf(program)) this.lines.push(line);
    })();
  }

  /** How many lines begin so. */
  count(word: string): number {
    return this.lines.filter((line) => line.startsWith(word)).length;
  }

  /** Sets its clock. */
  async set(offset: number): Promise<void> {
    const before = this.count("set");
    await this.#input.write(new TextEncoder().encode(`set ${offset}\n`));
    await until(() => this.count("set") > before);
  }

  /** Ends its input, and waits for its end. */
  async end(): Promise<void> {
    await this.#input.close();
    await this.#read;
    const { success } = await this.#program.status;
    await this.#program.stderr.cancel();
    assert.ok(success, this.lines.join("\n"));
  }
}

for (const twin of each) {
  testOf("queue file", twin, "no clock that is set takes a job from its process", async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const leaseMs = "600";
      const other = native.missing === undefined ? OTHER[twin.name] : twin.name;
      const programs = [
        new ClockProgram(file, twin.name, leaseMs),
        new ClockProgram(file, other, leaseMs),
      ];
      const count = (word: string): number =>
        programs.reduce((sum, program) => sum + program.count(word), 0);
      await until(() => count("ready") === 2);
      const clock = steppedClock();
      const queue = createQueueIn<number, number>({ clock, random: () => 0.5 }, {
        name: "clocks",
        implementation: twin.name,
        store: { file, synchronous: "normal" },
        leaseMs: Number(leaseMs),
        // How long what is done is kept is a matter of the time of day.
        retention: { doneMs: Infinity },
      });
      // Each runs for more than two leases.
      const jobs = await queue.addMany(Array.from({ length: 18 }, () => 1_300));
      // Not both at once: each sees beats of the other from another time, for longer than a lease.
      for (const [turn, offset] of [2 * HOUR, -HOUR, -24 * HOUR, 0].entries()) {
        const before = count("ended");
        clock.offset = offset;
        await programs[turn % 2]!.set(offset);
        await until(() => count("ended") >= Math.min(before + 4, jobs.length));
      }
      await queue.drain();
      for (const program of programs) await program.end();
      const began = programs.flatMap(({ lines }) => lines.filter((line) => /^began/.test(line)));
      assert.deepEqual(began.sort(), jobs.map(({ id }) => `began ${id} 1`).sort());
      assert.equal(count("ended"), jobs.length);
      assert.equal(count("error"), 0);
      assert.equal((await queue.stats()).done, jobs.length);
      await queue.close();
    });
  });

  testOf(
    "queue file",
    twin,
    "delays, new tries and repeats outlast a clock that is set",
    async () => {
      await temporary(async (folder) => {
        const clock = steppedClock();
        const queue = createQueueIn<string, null>({ clock, random: () => 0.5 }, {
          implementation: twin.name,
          store: { file: `${folder}/queue.db`, synchronous: "normal" },
          concurrency: 4,
        });
        const ran: string[] = [];
        let running = 0;
        queue.process(async (job) => {
          assert.equal(running++, 0, "one at a time is due here");
          ran.push(job.data);
          await Promise.resolve();
          running--;
          if (job.data === "fails" && job.attempt === 1) throw new Error("once");
          return null;
        });
        const count = (data: string): number => ran.filter((one) => one === data).length;
        const delayed = async (): Promise<number[]> => {
          const { delayed, waiting, running } = await queue.stats();
          return [delayed, waiting + running];
        };

        await queue.add("repeat", { key: "r", repeat: { everyMs: HOUR } });
        await until(() => count("repeat") === 1);
        // Set back: nothing is due, nothing is gone.
        clock.offset = -2 * HOUR;
        await until(async () => (await delayed()).join() === "1,0");
        assert.equal(count("repeat"), 1);
        // It is where it was again, and an hour later: the occurrence that was next.
        clock.offset = HOUR + 1_000;
        await until(() => count("repeat") === 2);
        // Ten hours later one makes up for all.
        clock.offset = 11 * HOUR;
        await until(() => count("repeat") === 3);
        await until(async () => (await delayed()).join() === "1,0");
        clock.offset = 0;
        assert.deepEqual(await delayed(), [1, 0]);
        assert.equal(await queue.stopRepeat("r"), true);
        assert.equal(count("repeat"), 3);

        const later = await queue.add("later", { delayMs: HOUR });
        clock.offset = -HOUR;
        assert.deepEqual(await delayed(), [1, 0]);
        clock.offset = HOUR - 60_000;
        assert.deepEqual(await delayed(), [1, 0]);
        clock.offset = HOUR;
        assert.equal(await later.result(), null);
        assert.equal(count("later"), 1);

        const fails = await queue.add("fails", { retries: 1, backoffMs: HOUR });
        await until(async () => (await delayed()).join() === "1,0");
        clock.offset = -HOUR;
        assert.deepEqual(await delayed(), [1, 0]);
        clock.offset = 2 * HOUR;
        assert.equal(await fails.result(), null);
        assert.equal(count("fails"), 2);
        // Back again: what is done is not done again.
        clock.offset = -24 * HOUR;
        assert.deepEqual(await delayed(), [0, 0]);
        assert.equal((await queue.stats()).dead, 0);
        assert.equal(ran.length, 6);
        await queue.close();
      });
    },
  );
}
