/**
 * The long form of the tests of faults: processes of both twins that work on one queue file are killed 200 times at
 * moments that nobody chose, and two of them work together for a minute; those that work on a queue on Redis are killed
 * or stand still, and its server is killed and started again, where there is one. `deno task soak [--rounds N] [--seed N]`.
 */

import { killed, together, type TwinName } from "../tests/queue/file/faults.ts";
import { broken } from "../tests/queue/redis/faults.ts";
import { missing } from "../tests/support/redis.ts";

const say = (text: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
};

function option(name: string, fallback: number): number {
  const at = Deno.args.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(Deno.args[at + 1]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  say(`--${name} takes a whole number of at least 1`);
  Deno.exit(2);
}

const rounds = option("rounds", 200);
const firstSeed = option("seed", Math.floor(Math.random() * 1e9) + 1);
let seed = firstSeed;
const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;

const MIXES: readonly (readonly [string, (round: number) => TwinName])[] = [
  ["native", () => "native"],
  ["pure", () => "pure"],
  ["both in turn", (round) => round % 2 === 0 ? "native" : "pure"],
];

say(`seed ${firstSeed}, ${rounds} rounds each`);
for (const [name, twin] of MIXES) {
  const folder = await Deno.makeTempDir({ prefix: "agent-soak-" });
  try {
    const { added, ran } = await killed(folder, rounds, twin, chance);
    let again = 0;
    for (const times of ran.values()) again += times - 1;
    say(`killed, ${name}: ${added.size} jobs acknowledged, none lost, ${again} run again`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
const folder = await Deno.makeTempDir({ prefix: "agent-soak-" });
try {
  const { added } = await together(folder, rounds * 300);
  say(`both twins at once: ${added.size} jobs acknowledged, each run once`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (missing === undefined) {
  const { added, again, faults: { kill, stop, restart } } = await broken(rounds, chance);
  say(
    `Redis: ${kill} killed, ${stop} stood still, ${restart} restarts of the server: ` +
      `${added} jobs acknowledged, none lost, ${again} runs again`,
  );
} else say(`Redis: left out, ${missing}`);
