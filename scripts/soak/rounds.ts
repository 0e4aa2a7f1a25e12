/**
 * The long form of the tests of faults: processes of both twins that work on one queue file are killed 200 times at
 * moments that nobody chose, and two of them work together for a minute; the disk under a queue file is full; those that
 * work on a queue on Redis are killed or stand still, and its server is killed and started again, where there is one;
 * servers stall, reset, lie and send bombs and bodies without end.
 */

import { harmed } from "../../tests/http/faults.ts";
import { killed, together, type TwinName } from "../../tests/queue/file/faults.ts";
import { filled, limited, noLimit, noMount } from "../../tests/queue/file/full.ts";
import { broken } from "../../tests/queue/redis/faults.ts";
import { missing } from "../../tests/support/redis.ts";
import { twins } from "../../tests/support/twins.ts";

/** The parts, as --only names them. */
const PARTS = ["killed", "together", "full", "redis", "http"] as const;
const HELP = `deno task soak [--rounds N] [--seed N] [--only PART]

  --rounds N   how often each fault is done (200)
  --seed N     the chances of an earlier run, which says its own
  --only PART  one part of it: ${PARTS.join(", ")}
`;

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

if (Deno.args.includes("--help")) {
  say(HELP);
  Deno.exit(0);
}
const onlyAt = Deno.args.indexOf("--only");
const only = onlyAt < 0 ? undefined : Deno.args[onlyAt + 1];
if (onlyAt >= 0 && !PARTS.some((part) => part === only)) {
  say(`--only takes one of ${PARTS.join(", ")}`);
  Deno.exit(2);
}
const wanted = (part: typeof PARTS[number]): boolean => only === undefined || only === part;
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

/** Runs a part in a folder of its own. */
async function within(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agent-soak-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, twin] of wanted("killed") ? MIXES : []) {
  await within(async (folder) => {
    const { added, ran } = await killed(folder, rounds, twin, chance);
    let again = 0;
    for (const times of ran.values()) again += times - 1;
    say(`killed, ${name}: ${added.size} jobs acknowledged, none lost, ${again} run again`);
  });
}
if (wanted("together")) {
  await within(async (folder) => {
    const { added } = await together(folder, rounds * 300);
    say(`both twins at once: ${added.size} jobs acknowledged, each run once`);
  });
}
for (
  const [what, lacking, fill] of [
    [
      "files that may not grow",
      noLimit,
      (folder: string, twin: TwinName) =>
        limited(folder, twin, 2_000 + Math.floor(chance() * 6_000)),
    ],
    [
      "a full disk",
      noMount,
      (folder: string, twin: TwinName) =>
        filled(folder, twin, 16_000_000 + Math.floor(chance() * 6_000_000)),
    ],
  ] as const
) {
  if (!wanted("full")) break;
  if (lacking !== undefined) {
    say(`${what}: left out, ${lacking}`);
    continue;
  }
  let added = 0;
  for (let round = 0; round < rounds; round++) {
    await within(async (folder) => {
      added += await fill(folder, round % 2 === 0 ? "native" : "pure");
    });
  }
  say(`${what}: ${added} jobs acknowledged, none lost, all done when there was room`);
}
if (wanted("redis")) {
  if (missing === undefined) {
    const { added, again, faults: { kill, stop, restart } } = await broken(rounds, chance);
    say(
      `Redis: ${kill} killed, ${stop} stood still, ${restart} restarts of the server: ` +
        `${added} jobs acknowledged, none lost, ${again} runs again`,
    );
  } else say(`Redis: left out, ${missing}`);
}
for (const twin of wanted("http") ? twins("http").each : []) {
  if (twin.missing !== undefined) {
    say(`servers that mean harm, ${twin.name}: left out, ${twin.missing}`);
    continue;
  }
  const { good, faults } = await harmed(twin, rounds, 1_000, chance);
  say(
    `servers that mean harm, ${twin.name}: ${good} good answers, ${faults} faults, each as it must be`,
  );
}
