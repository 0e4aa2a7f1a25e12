/** Both twins make the same figures of the same files, however broken these are. */

import assert from "assertions";
import fc from "fast-check";
import { openSource } from "../../../src/monitor/source/mod.ts";
import type { Figures, Reading } from "../../../src/monitor/source/types.ts";
import { testOfBoth, type TwinName, twins } from "../../support/twins.ts";
import { comparable, MACHINE, processFiles, SPACE, type Tree, withSource } from "./trees.ts";

const both = twins("monitor");

const PATHS = [...Object.keys(MACHINE), "proc/42/", "proc/42/fd/", "sys/block/", "proc/self/"];

/** Numbers that matter to whoever reads them. */
const NUMBERS = [
  "0",
  "18446744073709551615",
  "1234567890123456",
  "9007199254740991",
  "9007199254740992",
  "4294967295",
  "4294967296",
  "-1",
  "1e9",
  "0x10",
  "00012",
  "99999999999999999999999999",
  "1.5",
  "",
];

const number = fc.oneof(fc.nat(), fc.constantFrom(...NUMBERS)).map(String);

/** What becomes of a file. */
type Change = (text: string) => string | Uint8Array | null;

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(40), number).map(([place, value]): Change => (text) => {
      let at = 0;
      return text.replace(/[0-9]+/g, (old) => at++ === place ? value : old);
    }),
  },
  { weight: 2, arbitrary: fc.nat(300).map((length): Change => (text) => text.slice(0, length)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes): Change => () => bytes) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(400), fc.uint8Array({ minLength: 1, maxLength: 5 })).map((
      [place, bytes],
    ): Change =>
    (text) => {
      const whole = new TextEncoder().encode(text);
      whole.set(
        bytes.subarray(0, Math.max(0, whole.length - place)),
        Math.min(place, whole.length),
      );
      return whole;
    }),
  },
  { weight: 1, arbitrary: fc.constant<Change>(() => "") },
  { weight: 1, arbitrary: fc.constant<Change>(() => null) },
  { weight: 1, arbitrary: fc.constant<Change>((text) => text.repeat(3)) },
  { weight: 1, arbitrary: fc.constant<Change>((text) => text.replaceAll("\n", "\r\n")) },
);

/** Each twin has a parser of its own for these; the others are read by one. */
const OWN = ["proc/42/stat", "proc/42/io", "proc/42/statm", "proc/1/stat", "proc/1/io"];

const path = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...OWN) },
  { weight: 1, arbitrary: fc.constantFrom(...PATHS) },
);
const changes = fc.array(fc.tuple(path, change), { maxLength: 4 });

const process = fc.record({
  pid: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(4_194_304, 9_999_999_999)),
  fake: fc.record({
    name: fc.string({ unit: "binary", maxLength: 15 }).filter((name) => name.isWellFormed()),
    state: fc.constantFrom("R", "S", "D", "Z", "T", "I", "t", "?"),
    start: fc.integer({ min: 0, max: 2 }),
    user: fc.nat(),
    read: fc.nat(),
    written: fc.nat(),
    descriptors: fc.nat(3),
    rss: fc.nat(),
  }),
});

/** The tree after changes; those that end in a slash are removed. */
function after(tree: Tree, made: readonly (readonly [string, Change])[]): Tree {
  const changed: Record<string, string | Uint8Array | null> = {};
  for (const [path, change] of made) {
    const text = tree[path];
    changed[path] = path.endsWith("/") ? null : typeof text === "string" ? change(text) : null;
  }
  // What lies in a folder goes with it.
  const gone = Object.keys(changed).filter((path) => path.endsWith("/"));
  for (const path of Object.keys(changed)) {
    if (gone.some((folder) => path !== folder && path.startsWith(folder))) delete changed[path];
  }
  return changed;
}

/** The figures of each twin before and after the changes. */
function figures(first: Tree, second: Tree): Promise<Record<TwinName, Figures[]>> {
  return withSource("pure", first, async ({ folder, source: pure, read }) => {
    const native = openSource({ implementation: "native" }, {
      root: folder,
      clock: () => time,
      askSpace: () => Promise.resolve(SPACE),
    });
    const made: Record<TwinName, Figures[]> = { pure: [], native: [] };
    let time = 0;
    try {
      let before: Record<TwinName, Reading> | undefined;
      for (const changes of [{}, second]) {
        const now = { pure: await read(changes), native: await native.read() };
        for (const [twin, source] of [["pure", pure], ["native", native]] as const) {
          made[twin].push(source.derive(null, now[twin]));
          if (before !== undefined) made[twin].push(source.derive(before[twin], now[twin]));
        }
        before = now;
        time += 1000;
      }
    } finally {
      native.close();
    }
    return made;
  });
}

testOfBoth("source", both, "random changes of a machine's files read the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(process, { selector: ({ pid }) => pid, maxLength: 5 }),
      changes,
      changes,
      async (processes, one, other) => {
        let tree: Tree = MACHINE;
        for (const { pid, fake } of processes) tree = { ...tree, ...processFiles(pid, fake) };
        const first: Tree = {
          ...tree,
          ...after(tree, one.filter(([path]) => !path.endsWith("/"))),
        };
        const present = Object.fromEntries(
          Object.entries(first).filter(([, text]) => text !== null),
        );
        const second = after(
          { ...present },
          other.filter(([path]) => path.endsWith("/") || typeof present[path] === "string"),
        );
        const { pure, native } = await figures(present, second);
        assert.deepEqual(native.map(comparable), pure.map(comparable));
        for (const { processes } of pure) {
          for (const { cpu, cpuSeconds } of processes?.list ?? []) {
            assert.ok(cpu === null || cpu >= 0 && Number.isFinite(cpuSeconds));
          }
        }
      },
    ),
    { numRuns: 120, seed: 7 },
  );
});

testOfBoth("source", both, "every number of a process that matters reads the same", async () => {
  const tree: Record<string, string | Uint8Array | null> = { ...MACHINE };
  let pid = 1000;
  for (const file of ["stat", "statm", "io"]) {
    for (const number of NUMBERS) {
      for (let place = 0; place < 23; place++) {
        const files = processFiles(pid, { descriptors: 0 });
        const path = `proc/${pid}/${file}`;
        let at = 0;
        const text = (files[path] as string)
          .replace(/[0-9]+/g, (old) => at++ === place ? number : old);
        if (at > place) Object.assign(tree, files, { [path]: text });
        pid++;
      }
    }
  }
  const { pure, native } = await figures(tree, {});
  assert.deepEqual(native.map(comparable), pure.map(comparable));
  assert.ok(pure[0]!.processes!.count > 100);
});
