/**
 * `deno task soak`: every area at work for an hour, side by side, each in a process of its own. Memory, descriptors,
 * threads and native handles have to stay flat, and nothing may be lost. With `--rounds` it does faults instead:
 * see `soak/rounds.ts`.
 */

import { AREAS } from "./soak/areas.ts";
import { pageOf, type SoakReport } from "./soak/page.ts";
import { type AreaState, soak } from "./soak/supervisor.ts";

const HELP = `deno task soak [--minutes N] [--only AREA,...] [--seed N] [--json] [--write]
deno task soak --rounds N [--seed N] [--only PART]

  --minutes N  how long (60)
  --only AREA  some of the areas: ${AREAS.map(({ name }) => name).join(", ")}
  --seed N     the chances of an earlier soak, which says its own
  --json       the figures as JSON on standard output
  --write      the figures to bench/results/soak.json and bench/SOAK.md
  --rounds N   instead: so many rounds of each fault of queues and servers; --only names a part

Exit codes: 0 all stayed flat and nothing was lost, 1 not, 2 a mistake in the command line.
`;
/** Looks at an hour: one in ten seconds. */
const LOOKS = 360;
const LEAST_EVERY_MS = 1_000;

function fail(text: string): never {
  print(`${text}\n\n${HELP}`);
  Deno.exit(2);
}

function print(text: string, to: { writeSync(bytes: Uint8Array): number } = Deno.stderr): void {
  to.writeSync(new TextEncoder().encode(text));
}

const values = new Map<string, string>();
const flags = new Set<string>();
for (let at = 0; at < Deno.args.length; at++) {
  const word = Deno.args[at]!;
  if (["--help", "--json", "--write"].includes(word)) flags.add(word);
  else if (["--minutes", "--only", "--seed", "--rounds"].includes(word)) {
    values.set(word, Deno.args[++at] ?? "");
  } else fail(`there is no option ${JSON.stringify(word)}`);
}
if (flags.has("--help")) {
  print(HELP, Deno.stdout);
  Deno.exit(0);
}
if (values.has("--rounds")) {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write", "--allow-env"],
      ...["--allow-ffi=target/release", "--allow-net=127.0.0.1"],
      `--allow-run=${Deno.execPath()},redis-server,valkey-server,sh,prlimit,unshare,mount`,
      new URL("soak/rounds.ts", import.meta.url).pathname,
      ...Deno.args,
    ],
  }).spawn().status;
  Deno.exit(code);
}
if (Deno.build.os !== "linux") fail("the soak reads /proc, which is of Linux alone");
const minutes = Number(values.get("--minutes") ?? 60);
if (!(minutes > 0 && minutes <= 10_000)) fail("--minutes takes a number over 0");
const seed = Number(values.get("--seed") ?? Math.floor(Math.random() * 1e9) + 1);
if (!(Number.isSafeInteger(seed) && seed > 0)) fail("--seed takes a whole number of at least 1");
const wanted = values.get("--only")?.split(",") ?? AREAS.map(({ name }) => name);
for (const name of wanted) {
  if (!AREAS.some((area) => area.name === name)) fail(`there is no area ${JSON.stringify(name)}`);
}

const stop = new AbortController();
const onSignal = (): void => {
  print("\nending; a second Ctrl-C does not make it quicker\n");
  stop.abort();
};
Deno.addSignalListener("SIGINT", onSignal);
Deno.addSignalListener("SIGTERM", onSignal);

function progress(states: readonly AreaState[], elapsedMs: number): void {
  const parts = states.map(({ name, latest, lost, errors }) => {
    if (latest === undefined) return `${name} -`;
    const bad = lost + errors > 0 ? ` LOST ${lost} ERRORS ${errors}` : "";
    return `${name} ${latest.done}, ${
      (latest.rss / 1e6).toFixed(0)
    } MB, ${latest.descriptors} fd${bad}`;
  });
  print(`${(elapsedMs / 60_000).toFixed(1)} min  ${parts.join("; ")}\n`);
}

const begun = new Date().toISOString();
const durationMs = minutes * 60_000;
print(`seed ${seed}, ${minutes} minutes: ${wanted.join(", ")}\n`);
const started = performance.now();
const areas = await soak({
  areas: AREAS.filter(({ name }) => wanted.includes(name)),
  durationMs,
  everyMs: Math.max(LEAST_EVERY_MS, Math.min(durationMs / LOOKS, 60_000)),
  seed,
  signal: stop.signal,
  onLook: progress,
});
Deno.removeSignalListener("SIGINT", onSignal);
Deno.removeSignalListener("SIGTERM", onSignal);
const report: SoakReport = {
  ...{ begun, minutes: Math.min(minutes, (performance.now() - started) / 60_000), seed },
  ...{ deno: Deno.version.deno, areas },
};
const json = `${JSON.stringify(report, null, 2)}\n`;
for (const { name, missing, passed, done, lost, errors, reasons, words, processor } of areas) {
  const how = missing !== undefined ? `left out: ${missing}` : passed ? "passed" : "NOT PASSED";
  const why = reasons.length > 0 ? ` (${reasons.join("; ")})` : "";
  print(
    `${name}: ${how}${why}; ${done} done, ${lost} lost, ${errors} errors, ` +
      `${(100 * processor).toFixed(0)} % of a processor\n${
        words.map((word) => `  ${word}\n`).join("")
      }`,
  );
}
if (flags.has("--json")) print(json, Deno.stdout);
if (flags.has("--write")) {
  const place = (path: string): string => new URL(`../bench/${path}`, import.meta.url).pathname;
  await Deno.writeTextFile(place("results/soak.json"), json);
  await Deno.writeTextFile(place("SOAK.md"), pageOf(report));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", place("SOAK.md"), place("results/soak.json")],
  }).output();
  if (!success) throw new Error("deno fmt could not format the page of the soak");
}
Deno.exit(areas.every(({ passed }) => passed) ? 0 : 1);
