/** Snapshot files between the twins, and files that were damaged, cut short or made by somebody else. */

import assert from "assertions";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { createCache, type TtlCache } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { checkAsync } from "../support/arbitraries.ts";
import { temporary } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";
import { Helper, uniqueName } from "./support.ts";

const { each, native } = twins("cache");

type Twin = "pure" | "native";
type Codec = "text" | "bytes" | "json";

const make = (
  implementation: Twin,
  codec: Codec,
  options: { maxEntries?: number; maxBytes?: number } = {},
): TtlCache<unknown> =>
  // deno-lint-ignore no-explicit-any
  createCache({ implementation, codec, ...options } as any);

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.constantFrom("", "\0", "\ufeff", "\ud800", "é".repeat(2_500), "x".repeat(5_000)),
);
const values: Record<Codec, fc.Arbitrary<unknown>> = {
  text,
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(new Uint8Array(0), new Uint8Array(3_000).fill(255)),
  ),
  json: fc.oneof(fc.jsonValue({ maxDepth: 3 }), text),
};
const tags = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), {
  maxLength: 5,
});
const life = fc.record({
  ttlMs: fc.constantFrom(Infinity, 3_600_000, 7_200_000.5),
  graceMs: fc.constantFrom(0, 5, Infinity),
  tags,
  reads: fc.nat(4),
});

for (const codec of ["text", "bytes", "json"] as const) {
  testOf("snapshot", native, `${codec} goes from each twin to each`, async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      const entry = fc.tuple(text, values[codec], life);
      await checkAsync(
        fc.asyncProperty(
          fc.array(entry, { maxLength: 12 }),
          fc.constantFrom<Twin>("pure", "native"),
          fc.constantFrom<Twin>("pure", "native"),
          async (entries, one, two) => {
            using from = make(one, codec);
            const names = new Set<string>();
            for (const [key, value, { reads, ...options }] of entries) {
              from.set(key, value, options);
              for (let i = 0; i < reads; i++) from.get(key);
              for (const tag of options.tags) names.add(tag);
            }
            const { size } = from;
            assert.equal((await from.snapshot(path)).entries, size);
            using to = make(two, codec);
            assert.deepEqual(await to.restore(path), { entries: size, expired: 0 });
            const keys = from.keys().sort();
            assert.deepEqual(to.keys().sort(), keys);
            assert.deepEqual(to.getMany(keys), from.getMany(keys));
            assert.equal(to.stats().bytes, from.stats().bytes);
            for (const tag of names) {
              assert.equal(to.deleteByTag(tag), from.deleteByTag(tag), JSON.stringify(tag));
              assert.deepEqual(to.keys().sort(), from.keys().sort());
            }
          },
        ),
      );
    });
  });
}

/** A small snapshot with everything in it. */
async function small(path: string): Promise<Uint8Array> {
  using cache = make("pure", "json");
  cache.set("é", [1, "🙂"], { ttlMs: 3_600_000, tags: ["x", "ü"] });
  cache.set("b", null);
  cache.get("b");
  await cache.snapshot(path);
  return await Deno.readFile(path);
}

for (const twin of each) {
  testOf("snapshot", twin, "every byte that is flipped is noticed", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      const whole = await small(path);
      using to = make(twin.name, "json");
      to.set("mine", 1);
      for (let at = 0; at < whole.length; at++) {
        for (const mask of [1, 0x80, 0xff]) {
          const damaged = whole.slice();
          damaged[at]! ^= mask;
          await Deno.writeFile(path, damaged);
          const report = await to.restore(path);
          assert.ok(report.refused !== undefined, `byte ${at} ^ ${mask}`);
          assert.deepEqual(report, { entries: 0, expired: 0, refused: report.refused });
        }
      }
      assert.deepEqual(to.keys(), ["mine"]);
      await Deno.writeFile(path, whole);
      assert.equal((await to.restore(path)).entries, 2);
    });
  });

  testOf("snapshot", twin, "a file that was cut at any length is noticed", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      const whole = await small(path);
      using to = make(twin.name, "json");
      for (let length = 0; length < whole.length; length++) {
        await Deno.writeFile(path, whole.subarray(0, length));
        assert.ok((await to.restore(path)).refused !== undefined, `${length} bytes`);
        // Torn: the end is there, the middle is not.
        const torn = whole.slice();
        torn.fill(0, length, Math.min(length + 8, whole.length));
        if (torn.every((byte, index) => byte === whole[index])) continue;
        await Deno.writeFile(path, torn);
        assert.ok((await to.restore(path)).refused !== undefined, `${length} torn`);
      }
      assert.equal(to.size, 0);
    });
  });

  testOf(
    "snapshot",
    twin,
    "a file with right checksums and wrong contents is refused",
    async () => {
      await temporary(async (folder) => {
        const path = `${folder}/cache`;
        using to = make(twin.name, "json");
        const good = page({});
        await Deno.writeFile(path, sealed([good], 1));
        assert.deepEqual(await to.restore(path), { entries: 1, expired: 0 });
        assert.deepEqual(to.get("key"), [1]);
        to.clear();
        const odd: [string, Uint8Array][] = [
          ["more entries than it says", sealed([good], 2)],
          ["a page less", sealed([good], 1, 2)],
          ["no head", sealed([new Uint8Array(15)], 1)],
          ["a count of four thousand million", sealed([edited(good, 0, 0xffff_ffff)], 1)],
          ["more text than there is", sealed([edited(good, 8, 0xffff_fff0)], 1)],
          ["a key that is too long", sealed([edited(good, 16 + 16, 0xffff_ffff)], 1)],
          ["a value that is too long", sealed([edited(good, 16 + 20, 0x7fff_ffff)], 1)],
          ["a value that is too short", sealed([edited(good, 16 + 20, 2)], 1)],
          ["a life that is no number", sealed([page({ left: NaN })], 1)],
          ["a life that is over", sealed([page({ left: 0 })], 1)],
          ["a grace below 0", sealed([page({ grace: -1 })], 1)],
          ["reserved bytes", sealed([edited(good, 16 + 28, 1)], 1)],
          ["reads that cannot be", sealed([page({ heat: 8 })], 1)],
          ["an empty tag", sealed([page({ tags: ["a", ""] })], 1)],
          ["a tag twice", sealed([page({ tags: ["a", "a"] })], 1)],
          ["a tag that is too long", sealed([page({ tags: ["a".repeat(1_025)] })], 1)],
          ["65 tags", sealed([page({ tags: Array.from({ length: 65 }, (_, i) => `${i}`) })], 1)],
          ["a value that is not JSON", sealed([page({ value: "[1" })], 1)],
          ["two values in one", sealed([page({ value: "1,2" })], 1)],
          ["text that is not UTF-8", sealed([page({ value: '"x"', byte: 0xff })], 1)],
          ["a good page and a bad one", sealed([good, page({ value: "" })], 2)],
        ];
        for (const [name, file] of odd) {
          await Deno.writeFile(path, file);
          const { refused, ...counts } = await to.restore(path);
          assert.deepEqual(counts, { entries: 0, expired: 0 }, name);
          assert.equal(refused?.code, "CORRUPT", name);
          assert.equal(to.size, 0, name);
        }
        const split = page({ key: "é", value: "1" });
        // The key ends within its character, and the value begins there.
        const cut = edited(edited(split, 16 + 16, 1), 16 + 20, 2);
        await Deno.writeFile(path, sealed([cut], 1));
        assert.equal((await to.restore(path)).refused?.code, "CORRUPT");
      });
    },
  );

  testOf("snapshot", twin, "a write that fails leaves the older snapshot", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      using cache = make(twin.name, "text");
      cache.set("old", "1");
      await cache.snapshot(path);
      const before = await Deno.readFile(path);
      // The system refuses to let files grow over 64 blocks of this shell's programs.
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          `trap '' XFSZ; ulimit -f 64; exec "$0" run --no-prompt -A "$1" "$2" "$3" fail`,
          Deno.execPath(),
          program,
          twin.name,
          path,
        ],
      }).output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.equal(code, 0, said);
      assert.match(said, /refused: IO/);
      assert.deepEqual(await Deno.readFile(path), before);
      const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      assert.deepEqual(left, ["cache"]);
    });
  });

  testOf("snapshot", twin, "a process that is killed leaves a whole snapshot", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      using to = make(twin.name, "text", { maxEntries: 100_000 });
      let seen = 0;
      for (let round = 0; round < 8; round++) {
        const child = new Deno.Command(Deno.execPath(), {
          args: ["run", "--no-prompt", "-A", program, twin.name, path, "forever"],
          stdout: "piped",
          stderr: "null",
        }).spawn();
        // It says something after each snapshot; then it is in the middle of the next one.
        const reader = child.stdout.getReader();
        await reader.read();
        await delay(round * 7);
        child.kill("SIGKILL");
        await reader.cancel();
        await child.status;
        const { entries, refused } = await to.restore(path);
        assert.equal(refused, undefined);
        assert.ok(entries >= 5_000 && entries % 5_000 === 0, `${entries}`);
        const generation = to.get("generation 0");
        for (let i = 0; i < entries; i += 997) assert.equal(to.get(`generation ${i}`), generation);
        seen += entries;
        to.clear();
      }
      assert.ok(seen > 0);
    });
  });

  testOf("snapshot", twin, "needs read and write permission, and says so", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/cache`;
      const run = async (...flags: string[]): Promise<string> => {
        const library = new URL("../../target/release", import.meta.url).pathname;
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--no-prompt",
            "--allow-env",
            `--allow-ffi=${library}`,
            ...flags,
            program,
            twin.name,
            path,
            "once",
          ],
        }).output();
        return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      };
      const sources = new URL("../..", import.meta.url).pathname;
      assert.match(await run(`--allow-read=${sources}`), /snapshot: PERMISSION write/);
      assert.match(
        await run(`--allow-read=${sources}`, `--allow-write=${folder}`),
        /snapshot: PERMISSION read/,
      );
      assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
      const all = await run(`--allow-read=${sources},${folder}`, `--allow-write=${folder}`);
      assert.match(all, /snapshot: 3\nrestore: 3/);
      assert.match(await run(`--allow-read=${sources}`), /restore: PERMISSION read/);
    });
  });
}

testOf("snapshot", native, "of a shared cache, has the entries of all Workers", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/cache`;
    const name = uniqueName();
    using helper = new Helper();
    using here = createCache({ implementation: "native", name });
    await helper.tell({ do: "open", name });
    await helper.tell({ do: "set", key: "theirs", value: "1", tags: ["x"] });
    here.set("mine", "2");
    assert.equal((await here.snapshot(path)).entries, 2);
    here.clear();
    const get = (key: string) => helper.tell({ do: "call", method: "get", args: [key] });
    assert.equal(await get("theirs"), undefined);
    await here.restore(path);
    assert.equal(await get("theirs"), "1");
    assert.equal(await get("mine"), "2");
    assert.equal(await helper.tell({ do: "call", method: "deleteByTag", args: ["x"] }), 1);
    assert.equal(here.get("theirs"), undefined);
  });
});

Deno.test("snapshot: a file that is none of ours does not take its size in memory", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/cache`;
    using cache = make("pure", "text");
    // A good beginning and a page that says it is a gigabyte, in a file that has not as much.
    const file = sealed([page({})], 1);
    new DataView(file.buffer).setUint32(12, 0, true);
    file.set(digest(file.subarray(0, 24)), 24);
    new DataView(file.buffer).setUint32(56 + 4, 2 ** 30, true);
    await Deno.writeFile(path, file);
    const before = Deno.memoryUsage().external;
    assert.equal((await cache.restore(path)).refused?.code, "CORRUPT");
    assert.ok(Deno.memoryUsage().external - before < 2 ** 26);
    await assert.rejects(
      cache.snapshot("/proc/none/cache"),
      (error) => AgentError.is(error, "IO") || AgentError.is(error, "PERMISSION"),
    );
  });
});

const program = new URL("./snapshot_program.ts", import.meta.url).pathname;

function digest(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A page of one entry, made here by the description of the format. */
function page(
  { left = Infinity, grace = 0, heat = 0, tags = [], key = "key", value = "[1]", byte }: {
    left?: number;
    grace?: number;
    heat?: number;
    tags?: string[];
    key?: string;
    value?: string;
    byte?: number;
  },
): Uint8Array<ArrayBuffer> {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const parts = tags.map(encode);
  const all = encode(tags.join("") + key + value);
  if (byte !== undefined) all[all.length - 2] = byte;
  const made = new Uint8Array(16 + 32 + 2 * tags.length + all.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, tags.length, true);
  view.setUint32(8, all.length, true);
  view.setFloat64(16, left, true);
  view.setFloat64(24, grace, true);
  view.setUint32(32, encode(key).length, true);
  view.setUint32(36, encode(value).length, true);
  view.setUint8(40, heat);
  view.setUint8(41, tags.length);
  for (const [i, part] of parts.entries()) view.setUint16(48 + 2 * i, part.length, true);
  made.set(all, 48 + 2 * tags.length);
  return made;
}

function edited(
  page: Uint8Array<ArrayBuffer>,
  at: number,
  value: number,
): Uint8Array<ArrayBuffer> {
  const copy = page.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

/** A file of codec JSON around pages, with checksums that are right. */
function sealed(
  pages: Uint8Array[],
  entries: number,
  count: number = pages.length,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(24);
  head.set([0x89, 0x41, 0x47, 0x43, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(head.buffer);
  view.setUint32(8, 1, true);
  view.setUint32(12, 2, true);
  view.setFloat64(16, Date.now(), true);
  const digests = [digest(head)];
  const parts = [head, digests[0]!];
  const block = (kind: number, content: Uint8Array): void => {
    const start = new Uint8Array(8);
    new DataView(start.buffer).setUint32(0, kind, true);
    new DataView(start.buffer).setUint32(4, content.length, true);
    const sum = digest(start, content);
    if (kind === 1) digests.push(sum);
    parts.push(start, sum, content);
  };
  for (const content of pages) block(1, content);
  const end = new Uint8Array(48);
  new DataView(end.buffer).setFloat64(0, entries, true);
  new DataView(end.buffer).setFloat64(8, count, true);
  end.set(digest(...digests), 16);
  block(2, end);
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
