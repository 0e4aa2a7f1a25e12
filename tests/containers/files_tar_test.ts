/** Archives that cross the wall of a box: what is written is read, and what is hostile is not taken. */

import assert from "assertions";
import fc from "fast-check";
import { createTarDecoder } from "modern-tar";
import { type BoxFile, takeArchive } from "../../src/containers/files/take.ts";
import { entriesToPut } from "../../src/containers/files/sources.ts";
import { writeTar } from "../../src/containers/files/tar_write.ts";
import { CASES, checkAsync } from "../support/arbitraries.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import {
  handArchive,
  type HandEntry,
  handEntry,
  inPieces,
  joined,
  paxEntry,
} from "./files_archive.ts";

const LIMITS = { maxBytes: 1 << 20, maxEntries: 100, caseSensitive: false };

const take = (
  archive: Uint8Array,
  path = "/box",
  limits: Partial<typeof LIMITS> = {},
): Promise<BoxFile[]> => takeArchive(inPieces(archive), path, { ...LIMITS, ...limits });

async function refuses(
  code: AgentErrorCode,
  message: RegExp,
  archive: Uint8Array,
  limits: Partial<typeof LIMITS> = {},
): Promise<void> {
  await assert.rejects(take(archive, "/box", limits), (error) => {
    assert.ok(AgentError.is(error, code), String(error));
    assert.match(error.message, message);
    return true;
  });
}

const file = (name: string, rest: HandEntry = {}): HandEntry => ({ name, content: "x", ...rest });

Deno.test("files, folders, links and hard links are taken", async () => {
  const taken = await take(handArchive(
    { name: "box/", type: "5", mode: "0000755" },
    { name: "./box//a.txt", content: "hello", mode: "0000600" },
    { name: "box/d/", type: "5" },
    { name: "box/d/link", type: "2", link: "../a.txt" },
    { name: "box/hard", type: "1", link: "box/a.txt" },
    paxEntry({ path: `box/${"long/".repeat(60)}name`, mtime: "1234.5" }),
    { name: "short", content: "pax" },
    handEntry({ name: "././@LongLink", type: "L", content: `box/${"gnu".repeat(50)}\0` }),
    { name: "short", content: "gnu" },
  ));
  const names = taken.map(({ name, kind }) => `${kind} ${name.length > 30 ? name.length : name}`);
  assert.deepEqual(names, [
    "directory box",
    "file box/a.txt",
    "directory box/d",
    "symlink box/d/link",
    "file box/hard",
    "file 308",
    "file 154",
  ]);
  assert.equal(new TextDecoder().decode(taken[4]!.bytes), "hello");
  assert.equal(taken[1]!.mode, 0o600);
  assert.equal(taken[1]!.path, "/box/a.txt");
  assert.equal(taken[3]!.target, "../a.txt");
  assert.equal(taken[5]!.modifiedAt, 1_234_000);
});

Deno.test("what leaves the root is not taken", async () => {
  const paths = [
    "../x",
    "/etc/passwd",
    "box/../../x",
    "box/..",
    "other/x",
    "boxes",
    "box\0/../x",
    "..",
  ];
  for (const name of paths) {
    // A header's name ends at its first NUL; a longer one says all.
    await refuses("UNSUPPORTED", /not taken/, handArchive(paxEntry({ path: name }), file("box/a")));
  }
  for (const link of ["/etc/passwd", "../x", "../../x", "d/../../../x", "..", "box/../../y", ""]) {
    const archive = handArchive({ name: "box/link", type: "2", link });
    await refuses("UNSUPPORTED", /symbolic link that leaves/, archive);
  }
  for (const link of ["/etc/passwd", "../x", "box/later", "box/d"]) {
    const archive = handArchive(
      { name: "box/d", type: "5" },
      { name: "box/hard", type: "1", link },
      file("box/later"),
    );
    await refuses("UNSUPPORTED", /hard link|absolute|has a "\.\."/, archive);
  }
});

Deno.test("nothing is taken through a link or a file", async () => {
  for (const type of ["2", "0"]) {
    const first = { name: "box/a", type, link: type === "2" ? "b" : "" };
    await refuses("UNSUPPORTED", /is below a/, handArchive(first, file("box/a/x")));
    await refuses("UNSUPPORTED", /is below a/, handArchive(first, file("box/a/b/c")));
  }
});

Deno.test("what hard links stand for counts as what is taken", async () => {
  const content = new Uint8Array(1_000);
  const links = Array.from(
    { length: 50 },
    (_, at) => ({ name: `box/${at}`, type: "1", link: "box/a" }),
  );
  const archive = handArchive({ name: "box/a", content }, ...links);
  await refuses("TOO_LARGE", / 2000 bytes /, archive, { maxBytes: 1_999 });
  const taken = await take(archive, "/box", { maxBytes: 51_000 });
  assert.equal(taken.reduce((sum, { bytes }) => sum + bytes.length, 0), 51_000);
});

Deno.test("a folder that an archive does not name is a folder all the same", async () => {
  const inside = file("box/d/x");
  for (const type of ["0", "1", "2"]) {
    const later = { name: "box/d", type, link: type === "2" ? "x" : "box/d/x" };
    await refuses("UNSUPPORTED", /is no folder, and another is in it/, handArchive(inside, later));
  }
  // As a file system would have it that takes both for one.
  const link = { name: "box/D", type: "2", link: "e" };
  for (const archive of [handArchive(link, inside), handArchive(inside, link)]) {
    await refuses("UNSUPPORTED", /in case alone/, archive);
  }
  const named = handArchive(inside, file("box/d/y"), { name: "box/d", type: "5" });
  assert.equal((await take(named)).length, 3);
});

Deno.test("two names for one file are not taken", async () => {
  const twice: readonly (readonly [string, string, RegExp])[] = [
    ["box/a", "box/a", /is there twice/],
    ["box/a", "./box/./a", /is there twice/],
    ["box/a", "box/A", /in case alone/],
    ["box/é", "box/e\u0301", /in case alone/],
  ];
  for (const [one, other, message] of twice) {
    await refuses("UNSUPPORTED", message, handArchive(file(one), file(other)));
  }
  const taken = await take(handArchive(file("box/a"), file("box/A")), "/box", {
    caseSensitive: true,
  });
  assert.equal(taken.length, 2);
});

Deno.test("names that a terminal or a file system would act on are not taken", async () => {
  for (
    const name of ["box/a\nb", "box/\x1b[2J", "box/\x7f", "box/\u0085", `box/${"x".repeat(256)}`]
  ) {
    await refuses("UNSUPPORTED", /not taken/, handArchive(paxEntry({ path: name }), file("x")));
  }
  await refuses(
    "UNSUPPORTED",
    /folders/,
    handArchive(paxEntry({ path: `box${"/d".repeat(200)}` }), file("x")),
  );
  await refuses(
    "UNSUPPORTED",
    /longer than/,
    handArchive(paxEntry({ path: `box${`/${"y".repeat(200)}`.repeat(30)}` }), file("x")),
  );
  const bytes = new Uint8Array([0x62, 0x6f, 0x78, 0x2f, 0xff, 0xfe]);
  await refuses("UNSUPPORTED", /not UTF-8/, handArchive({ name: bytes, content: "x" }));
});

Deno.test("devices, pipes, sparse files and unknown kinds are not taken", async () => {
  for (const type of ["3", "4", "6", "7", "S", "M", "D", "V", "X", "Z", "~"]) {
    await refuses("UNSUPPORTED", /is a |unknown kind/, handArchive({ name: "box/x", type }));
  }
  const sparse = paxEntry({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0" });
  await refuses("UNSUPPORTED", /sparse/, handArchive(sparse, file("box/x")));
  await refuses(
    "UNSUPPORTED",
    /all entries/,
    handArchive(paxEntry({ path: "box/y" }, "g"), file("box/x")),
  );
});

Deno.test("an archive that is malformed is not taken", async () => {
  const good = handArchive(file("box/a"));
  const bad: readonly (readonly [RegExp, Uint8Array])[] = [
    [/checksum/, handArchive(file("box/a", { checksum: 1 }))],
    [/not one of ustar/, handArchive(file("box/a", { magic: "\0\0\0\0\0\0\0\0" }))],
    [/octal/, handArchive(file("box/a", { size: "0000000000x" }))],
    [/octal/, handArchive(file("box/a", { size: "-0000000001" }))],
    [/negative or too large/, handArchive(file("box/a", { size: new Uint8Array(12).fill(0xff) }))],
    [/of its own/, handArchive({ name: "box/l", type: "2", link: "a", content: "x" })],
    [/of its own/, handArchive({ name: "box/d", type: "5", content: "x" })],
    [/named as a folder/, handArchive(file("box/a/"))],
    [
      /malformed record/,
      handArchive(handEntry({ type: "x", content: "99 path=box/b\n" }), file("box/a")),
    ],
    [
      /malformed record/,
      handArchive(handEntry({ type: "x", content: "9 path b\n" }), file("box/a")),
    ],
    [/malformed record/, handArchive(handEntry({ type: "x", content: "-8 a=b\n" }), file("box/a"))],
    [/malformed number/, handArchive(paxEntry({ size: "1e3" }), file("box/a"))],
    [/malformed number/, handArchive(paxEntry({ size: "-1" }), file("box/a"))],
    [/behind its end/, joined([good, handEntry(file("box/b"))])],
    [/ends within/, good.subarray(0, 512)],
    [/ends within/, good.subarray(0, 1024)],
    [/ends within/, new Uint8Array(0)],
    [/ends within/, handArchive(file("box/a", { size: 100_000 }))],
  ];
  for (const [message, archive] of bad) await refuses("CORRUPT", message, archive);
});

Deno.test("bounds hold before anything is kept", async () => {
  const big = handArchive(file("box/a", { size: 2 ** 33 - 1 }));
  await refuses("TOO_LARGE", /bytes/, big);
  const gnu = new Uint8Array(12);
  gnu.set([0x80, 0, 0, 0, 0, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff]);
  await refuses("TOO_LARGE", /bytes/, handArchive(file("box/a", { size: gnu })));
  await refuses(
    "TOO_LARGE",
    /bytes/,
    handArchive(paxEntry({ size: "999999999999" }), file("box/a")),
  );
  await refuses("TOO_LARGE", /describe/, handArchive(file("x", { type: "x", size: 1 << 21 })));
  const many = Array.from({ length: 11 }, (_, at) => file(`box/${at}`));
  await refuses("TOO_LARGE", /entries/, handArchive(...many), { maxEntries: 10 });
  await refuses("TOO_LARGE", /bytes/, handArchive(...many), { maxBytes: 10 });
  assert.equal(
    (await take(handArchive(...many), "/box", { maxEntries: 11, maxBytes: 11 })).length,
    11,
  );
  // Zeros without end behind the end, piece by piece.
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield handArchive(file("box/a"));
    for (;;) yield await Promise.resolve(new Uint8Array(65_536));
  };
  await assert.rejects(
    takeArchive(endless(), "/box", LIMITS),
    (error) => AgentError.is(error, "TOO_LARGE") && /zeros/.test(error.message),
  );
  // Entries that only describe count too: they alone could go on without end.
  const described = Array.from({ length: 11 }, () => paxEntry({ mtime: "1" }));
  await refuses("TOO_LARGE", /entries/, handArchive(...described, file("box/a")), {
    maxEntries: 10,
  });
});

const NAME = fc.stringMatching(/^[a-z0-9 _.ü€😀-]{1,40}$/u).filter((name) =>
  !/^\.{1,2}$/.test(name)
);
const TREE = fc.dictionary(
  fc.array(NAME, { minLength: 1, maxLength: 5 }).map((names) => names.join("/")),
  fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 2_000 })),
  { maxKeys: 12 },
);

/** Trees in which no file is also a folder, and no two names collide. */
function isTree(files: Record<string, unknown>): boolean {
  const keys = Object.keys(files).map((path) => path.normalize("NFC").toLowerCase());
  return new Set(keys).size === keys.length &&
    keys.every((path) => !keys.some((other) => other.startsWith(`${path}/`)));
}

Deno.test("what is put is what is taken, and what another reader reads", async () => {
  await checkAsync(
    fc.asyncProperty(
      TREE.filter(isTree),
      fc.integer({ min: 1, max: 3_000 }),
      async (files, size) => {
        const rooted = Object.fromEntries(
          Object.entries(files).map(([path, value]) => [`box/${path}`, value]),
        );
        const entries = await entriesToPut(rooted, { maxBytes: 1 << 20, maxEntries: 1_000 });
        const archive = joined(await Array.fromAsync(writeTar(entries)));
        const expected = new Map(entriesOf(rooted));
        const options = { maxBytes: 1 << 20, maxEntries: 2_000, caseSensitive: true };
        const taken = await takeArchive(inPieces(archive, size), "/box", options);
        const own = taken.filter(({ kind }) => kind === "file").map((
          { name, bytes },
        ) => [name, [...bytes]]);
        assert.deepEqual(new Map(own as [string, number[]][]), expected);
        assert.deepEqual(await otherReader(archive), expected);
      },
    ),
    CASES / 40,
  );
});

function entriesOf(files: Record<string, string | Uint8Array>): [string, number[]][] {
  return Object.entries(files).map(([path, value]) => [
    path,
    [...typeof value === "string" ? new TextEncoder().encode(value) : value],
  ]);
}

async function otherReader(archive: Uint8Array): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  const stream = ReadableStream.from([archive]).pipeThrough(createTarDecoder({ strict: true }));
  for await (const { header, body } of stream) {
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (header.type === "file") found.set(header.name, [...bytes]);
  }
  return found;
}

Deno.test("whatever bytes come, they are taken whole or refused by a code", async () => {
  const base = handArchive(
    { name: "box/", type: "5" },
    paxEntry({ path: "box/some/long/path", mtime: "5" }),
    file("x", { content: "content" }),
    { name: "box/l", type: "2", link: "some" },
  );
  await checkAsync(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      fc.nat(base.length),
      fc.boolean(),
      async (changes, cut, mended) => {
        const archive = base.slice(0, cut < 600 ? base.length : cut);
        for (const [at, byte] of changes) if (at < archive.length) archive[at] = byte;
        if (mended) mend(archive);
        try {
          for (const { name, target, kind } of await take(archive)) {
            assert.match(name, /^box(\/|$)/);
            assert.ok(!name.split("/").includes(".."), name);
            assert.doesNotMatch(name, /\p{Cc}/u);
            assert.equal(target === undefined, kind !== "symlink");
          }
        } catch (error) {
          assert.ok(AgentError.is(error), String(error));
          assert.ok(["CORRUPT", "UNSUPPORTED", "TOO_LARGE"].includes(error.code), error.code);
        }
      },
    ),
  );
});

/** Right checksums, so that the changes are looked at. */
function mend(archive: Uint8Array): void {
  for (let at = 0; at + 512 <= archive.length; at += 512) {
    const block = archive.subarray(at, at + 512);
    if (new TextDecoder().decode(block.subarray(257, 262)) !== "ustar") continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0") + "\0 "), 148);
  }
}

Deno.test("files to put: what is wrong is said before anything is done", async () => {
  const limits = { maxBytes: 100, maxEntries: 5 };
  const wrong = [
    "../x",
    "/x",
    "a/../../x",
    "",
    ".",
    "a/",
    "a\0b",
    "a\nb",
    "\ud800",
    "x".repeat(256),
  ];
  for (const name of wrong) {
    await assert.rejects(entriesToPut({ [name]: "x" }, limits), RangeError, JSON.stringify(name));
  }
  await assert.rejects(entriesToPut({ "a": "x", "./a": "y" }, limits), /is there twice/);
  await assert.rejects(entriesToPut({ "a": "x", "a/b": "y" }, limits), /file and as a folder/);
  await assert.rejects(entriesToPut({ "a": 5 }, limits), TypeError);
  await assert.rejects(entriesToPut([], limits), TypeError);
  await assert.rejects(entriesToPut({ "a": "x".repeat(101) }, limits), /101 bytes/);
  await assert.rejects(entriesToPut({ "a/b/c/d/e/f": "x" }, limits), /entries/);
});

Deno.test("a folder of this machine goes in with its links, unless they lead out", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/d`);
    await Deno.writeTextFile(`${folder}/d/a.txt`, "hello");
    await Deno.symlink("d/a.txt", `${folder}/link`);
    const limits = { maxBytes: 100, maxEntries: 5 };
    const entries = await entriesToPut(folder, limits);
    assert.deepEqual(entries.map(({ path, kind }) => `${kind} ${path}`), [
      "directory d",
      "file d/a.txt",
      "symlink link",
    ]);
    const archive = joined(await Array.fromAsync(writeTar(entries)));
    const taken = await takeArchive(inPieces(archive), "/", LIMITS);
    assert.equal(new TextDecoder().decode(taken[1]!.bytes), "hello");
    // Somebody puts a link in the place of a file that was looked at already.
    const outside = await Deno.makeTempFile();
    await Deno.writeTextFile(outside, "other");
    await Deno.rename(`${folder}/d/a.txt`, `${folder}/d/kept`);
    await Deno.symlink(outside, `${folder}/d/a.txt`);
    await assert.rejects(
      Array.fromAsync(writeTar(entries)),
      (error) => AgentError.is(error, "UNSUPPORTED") && /another file/.test(error.message),
    );
    await Deno.remove(outside);
    await Deno.rename(`${folder}/d/kept`, `${folder}/d/a.txt`);
    for (const target of ["/etc/passwd", "../x", "d/../../x"]) {
      await Deno.symlink(target, `${folder}/out`);
      await assert.rejects(entriesToPut(folder, limits), /leaves the folder/, target);
      await Deno.remove(`${folder}/out`);
    }
    await assert.rejects(
      entriesToPut(`${folder}/none`, limits),
      (error) => AgentError.is(error, "NOT_FOUND"),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
