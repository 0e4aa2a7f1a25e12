/** The soak: what it judges, that each way of going wrong is told, and each of its areas for some seconds. */

import assert from "assertions";
import { type AreaEntry, AREAS } from "../../scripts/soak/areas.ts";
import { faultsOf } from "../../scripts/soak/areas/runs.ts";
import { type Account, judge, slope } from "../../scripts/soak/judge.ts";
import { pageOf } from "../../scripts/soak/page.ts";
import type { Sample } from "../../scripts/soak/sample.ts";
import { type AreaResult, soak } from "../../scripts/soak/supervisor.ts";
import { engineMissing } from "../support/docker.ts";
import { BUSYBOX } from "../support/images.ts";
import { twins } from "../support/twins.ts";

const MINUTE = 60_000;
const GOOD: Account = { done: 100, lost: 0, errors: 0, words: [], ended: true };

/** An hour of looks, one in ten seconds. */
function hour(at: (share: number, look: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: 361 }, (_, look) => ({
    ...{ atMs: look * MINUTE / 6, rss: 100e6 + (look * 7919 % 100) * 1e5, heap: 20e6 },
    ...{ descriptors: 30 + look % 3, threads: 8, handles: 2, done: look },
    ...at(look / 360, look),
  }));
}

function reasonsOf(samples: readonly Sample[], account: Partial<Account> = {}): string {
  const { passed, reasons } = judge(samples, { ...GOOD, ...account });
  assert.equal(passed, reasons.length === 0);
  return reasons.join("; ");
}

Deno.test("soak: the slope is that of most pairs, whatever some samples are", () => {
  const times = Array.from({ length: 100 }, (_, at) => at);
  assert.equal(slope(times, times.map((at) => 3 * at + 1)), 3);
  assert.equal(slope(times, times.map((at) => at % 5 === 0 ? 1e9 : 3 * at)), 3);
  assert.equal(slope([1], [5]), 0);
  assert.ok(Math.abs(slope(times, times.map((at) => at % 7))) < 0.02);
  // More samples than are compared with each other.
  const many = Array.from({ length: 5_000 }, (_, at) => at);
  assert.equal(slope(many, many.map((at) => 2 * at)), 2);
});

Deno.test("soak: what stays flat passes, also with noise and with a warm-up that grows", () => {
  assert.equal(reasonsOf(hour()), "");
  const warming = hour((share) => ({ rss: 100e6 + Math.min(share, 0.2) * 500e6 }));
  assert.equal(reasonsOf(warming), "");
  const busy = hour((_, look) => ({ descriptors: look % 11 === 0 ? 130 : 30 }));
  assert.equal(reasonsOf(busy), "");
  const shrinking = judge(hour((share) => ({ rss: 200e6 - share * 50e6 })), GOOD);
  assert.ok(shrinking.passed && shrinking.figures.rss!.growth < -30e6);
});

Deno.test("soak: each figure that grows over its bound is named, and no other", () => {
  const grows: [Partial<Record<keyof Sample, number>>, RegExp][] = [
    [{ rss: 40e6 }, /^rss grew by \d+ from about \d+, more than \d+$/],
    [{ heap: 10e6 }, /^heap grew by/],
    [{ descriptors: 8 }, /^descriptors grew by/],
    [{ threads: 6 }, /^threads grew by/],
    [{ handles: 4 }, /^handles grew by/],
  ];
  for (const [more, words] of grows) {
    const samples = hour().map((sample) => {
      const grown: Record<string, number> = { ...sample };
      for (const [name, by] of Object.entries(more)) {
        grown[name] = Math.floor(grown[name]! + by * sample.atMs / (60 * MINUTE));
      }
      return grown as unknown as Sample;
    });
    assert.match(reasonsOf(samples), words);
    assert.doesNotMatch(reasonsOf(samples), /;/);
  }
});

Deno.test("soak: what was lost, failed, stood still or died does not pass", () => {
  assert.equal(reasonsOf(hour(), { lost: 1 }), "1 lost");
  assert.equal(reasonsOf(hour(), { errors: 2 }), "2 errors");
  assert.equal(reasonsOf(hour(), { ended: false }), "its process did not come to its end");
  assert.equal(reasonsOf([], { done: 0 }), "nothing was done");
  const stuck = hour((share, look) => ({ done: share < 0.7 ? look : 252 }));
  assert.equal(reasonsOf(stuck), "nothing was done in the last quarter");
  // Less than five minutes say nothing of growth, and are not taken for flat.
  const short = judge(hour((share) => ({ rss: share * 1e9 })).slice(0, 20), GOOD);
  assert.deepEqual(short, { passed: true, reasons: [], figures: {} });
});

Deno.test("soak: a log of a killed run tells what was paid or done again", () => {
  assert.deepEqual(faultsOf("paid 0\ndone 0\npaid 1\npaid 1\ndone 1\npaid 2\nfinished\n"), []);
  assert.deepEqual(faultsOf("paid 0\ndone 0\npaid 0\nfinished\n"), ["turn 0 was paid for again"]);
  assert.deepEqual(faultsOf("paid 0\ndone 0\ndone 0\nfinished\n"), [
    "the tool of turn 0 worked twice",
  ]);
  assert.deepEqual(faultsOf("paid 0\npaid 2\n"), [
    "turn 1 was left out",
    "the run did not come to its end",
  ]);
});

function soaked(areas: readonly AreaEntry[], seconds: number): Promise<AreaResult[]> {
  const signal = new AbortController().signal;
  return soak({ areas, durationMs: seconds * 1_000, everyMs: 500, seed: 7, signal, onLook() {} });
}

const { native } = twins("text");

Deno.test("soak: a process that loses, leaks, throws, dies or does nothing is told of", async () => {
  const names = ["good", "missing", "unborn", "leaking", "dying", "losing", "throwing", "idle"];
  const module = new URL("soak_area.ts", import.meta.url).href;
  const areas = names.map((name) => ({
    ...{ name, about: "", module, share: 0.05, allow: ["--allow-all"] },
  }));
  const results = new Map((await soaked(areas, 2)).map((result) => [result.name, result]));
  const said = (name: string): [boolean, string, string] => {
    const { passed, reasons, words } = results.get(name)!;
    return [passed, reasons.join("; "), words.join("; ")];
  };
  assert.deepEqual(said("good"), [true, "", ""]);
  assert.equal(results.get("missing")!.missing, "it needs what is not here");
  assert.match(said("unborn").join(), /^false,1 errors; nothing was done,.*it could not begin/);
  assert.match(said("dying").join(), /^false,its process did not come to its end/);
  assert.match(said("losing").join(), /^false,\d+ lost,the third letter/);
  assert.match(said("throwing").join(), /^false,\d+ errors; nothing was done,.*it cannot go on/s);
  assert.deepEqual(said("idle"), [false, "nothing was done", ""]);
  if (native.missing === undefined) {
    assert.match(said("leaking").join(), /^false,1 lost,1 native handles were open/);
  }
  const page = pageOf({
    ...{ begun: "2026-01-02T03:04:05Z", minutes: 60, seed: 7, deno: "2.9.6" },
    areas: [...results.values()],
  });
  assert.match(page, /\| missing \|.*left out: it needs what is not here/);
  assert.match(page, /- idle: nothing was done/);
});

Deno.test("soak: each area works for some seconds, loses nothing and leaves nothing", async () => {
  const results = await soaked(AREAS, 8);
  assert.equal(results.length, AREAS.length);
  const engine = engineMissing() ?? BUSYBOX.missing;
  for (const { name, missing, passed, reasons, words } of results) {
    if (name === "containers" && engine !== undefined) {
      assert.equal(missing, engine);
      continue;
    }
    assert.ok(passed, `${name}: ${reasons.join("; ")}\n${words.join("\n")}`);
  }
  assert.ok(results.some(({ samples }) => samples > 0));
});
