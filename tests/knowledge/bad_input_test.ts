/** Folders and files that are too much, vanish, loop or were written by another version: bounded, clear, nothing lost. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { openKnowledge } from "@agent/runtime/knowledge";
import { deno, temporary } from "../support/programs.ts";
import "../support/default_twin.ts";
import { writeFiles } from "./support.ts";

const MIB = 1024 * 1024;

Deno.test("a file of 1 GB is left out without being read, whatever it is called", () =>
  temporary(async (folder) => {
    for (const name of ["a.md", "b.pdf", "c.docx", "d.gz", "e"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "%PDF-");
      await Deno.truncate(`${folder}/${name}`, 1024 * MIB);
    }
    await Deno.writeTextFile(`${folder}/fine.md`, "fine");
    using knowledge = openKnowledge();
    const { added, skipped } = await knowledge.addFolder(folder);
    assert.equal(added, 1);
    assert.deepEqual(skipped.map(({ reason }) => reason), Array(5).fill("too-large"));
    for (const { message } of skipped) assert.match(message, /1073741824 bytes.*maxFileBytes/);
  }));

Deno.test("a file that unpacks to far more than it is, is left out", () =>
  temporary(async (folder) => {
    const stream = new Blob([new Uint8Array(64 * MIB)]).stream();
    const bytes = await new Response(stream.pipeThrough(new CompressionStream("gzip"))).bytes();
    assert.ok(bytes.length < MIB);
    await writeFiles(folder, {
      "bomb.gz": bytes,
      "torn.gz": bytes.subarray(0, 1_000),
      "tar.tar.gz": bytes.subarray(0, 0),
    });
    using knowledge = openKnowledge();
    const { skipped } = await knowledge.addFolder(folder);
    assert.deepEqual(skipped.map(({ reason }) => reason), ["too-large", "damaged", "damaged"]);
  }));

Deno.test("30 MB on one line are read", () =>
  temporary(async (folder) => {
    await writeFiles(folder, {
      "line.txt": `the zebra begins ${"lorem ipsum dolor ".repeat(30 * MIB / 18)} ends here`,
      "dense.txt": "x".repeat(8 * MIB),
    });
    using knowledge = openKnowledge();
    const { added, skipped } = await knowledge.addFolder(folder);
    assert.deepEqual([added, skipped], [2, []]);
    const [hit] = await knowledge.search("zebra");
    assert.equal(hit?.document, `${folder}/line.txt`);
    assert.ok(hit.chunk.length <= 1_500);
  }));

Deno.test("100,000 files are indexed, and looked at again without being read", () =>
  temporary(async (folder) => {
    const old = new Date(Date.now() - 60_000);
    for (let part = 0; part < 100; part++) {
      const path = `${folder}/${part}`;
      Deno.mkdirSync(path);
      for (let i = 0; i < 1_000; i++) {
        Deno.writeTextFileSync(`${path}/${i}.txt`, i % 100 === 0 ? `Number ${part} ${i}.` : "");
        Deno.utimeSync(`${path}/${i}.txt`, old, old);
      }
    }
    using knowledge = openKnowledge();
    const first = await knowledge.addFolder(folder);
    assert.deepEqual([first.added, first.skipped.length], [1_000, 99_000]);
    const second = await knowledge.addFolder(folder);
    assert.deepEqual([second.unchanged, second.skipped.length, second.revision], [
      1_000,
      99_000,
      first.revision,
    ]);
  }));

Deno.test("links in circles and deep folders end", () =>
  temporary(async (folder) => {
    const deep = `${folder}/${"d/".repeat(300)}`;
    await Deno.mkdir(deep, { recursive: true });
    await Deno.writeTextFile(`${deep}end.md`, "the end");
    await Deno.symlink(folder, `${deep}up`);
    await Deno.symlink(`${folder}/b`, `${folder}/a`);
    await Deno.symlink(`${folder}/a`, `${folder}/b`);
    using knowledge = openKnowledge();
    const { added, skipped } = await knowledge.addFolder(folder);
    assert.equal(added, 1);
    assert.deepEqual(skipped.map(({ reason }) => reason), ["link", "link", "link"]);
  }));

Deno.test("files that vanish while a folder is read are told, and what was stored of them is dropped next time", () =>
  temporary(async (folder) => {
    const count = 400;
    const files = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`${String(i).padStart(3, "0")}.md`, `word${i}`]),
    );
    await writeFiles(folder, files);
    using knowledge = openKnowledge();
    await knowledge.addFolder(folder);
    await writeFiles(folder, { "000.md": "changed" });
    let isGone = false;
    const report = await knowledge.addFolder(folder, {
      onProgress: () => {
        if (isGone) return;
        isGone = true;
        for (let i = 200; i < count; i++) Deno.removeSync(`${folder}/${i}.md`);
      },
    });
    assert.deepEqual([report.updated, report.unchanged, report.removed], [1, 199, 0]);
    assert.equal(report.skipped.length, 200);
    for (const { reason } of report.skipped) assert.equal(reason, "unreadable");
    assert.equal(knowledge.stats().documents, count);
    assert.equal((await knowledge.addFolder(folder)).removed, 200);
  }));

Deno.test("what is no regular file is not opened", () =>
  temporary(async (folder) => {
    assert.ok((await new Deno.Command("mkfifo", { args: [`${folder}/pipe.md`] }).output()).success);
    using listener = Deno.listen({ transport: "unix", path: `${folder}/socket.md` });
    assert.ok(listener);
    using knowledge = openKnowledge();
    const { skipped } = await knowledge.addFolder(folder);
    assert.deepEqual(skipped.map(({ reason }) => reason), ["special", "special"]);
  }));

Deno.test("a store of the first version is taken over with all that is in it", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    {
      using knowledge = openKnowledge({ path });
      await knowledge.add([{ document: "a", text: "Water boils at 100 degrees." }]);
      knowledge.derived.set("key", "value", knowledge.stats().revision);
    }
    {
      // What the second version added is taken out again, and what it changed is put back.
      const database = new DatabaseSync(path);
      for (
        const table of ["anchors", "unread", "embedder", "vectors", "vocabulary", "chunk_index"]
      ) {
        database.exec(`DROP TABLE ${table}`);
      }
      database.exec(`
        ALTER TABLE documents DROP COLUMN language;
        CREATE VIRTUAL TABLE chunk_index USING fts5(
          heading, body, content='', tokenize='porter unicode61 remove_diacritics 2'
        );
        UPDATE counters SET value = 1 WHERE name = 'indexing';
        PRAGMA user_version = 1`);
      database.close();
    }
    {
      using knowledge = openKnowledge({ path });
      assert.equal(knowledge.text("a"), "Water boils at 100 degrees.");
      assert.equal(knowledge.derived.get("key"), undefined, "what came of the old index is gone");
      assert.equal(
        (await knowledge.search("At how many degrees does water boil?"))[0]?.document,
        "a",
      );
      await knowledge.add([{ document: "p", text: "<h1 id=x>Tea</h1><p>Hot.", format: "html" }]);
      assert.equal((await knowledge.search("hot tea"))[0]?.anchor, "x");
    }
    using again = openKnowledge({ path });
    assert.equal(again.stats().documents, 2);
  }));

Deno.test("a machine without the package for PDF reads the rest, and says what to do", () =>
  temporary(async (folder) => {
    await writeFiles(folder, { "docs/a.md": "# A", "docs/b.pdf": "%PDF-1.7", "none/x": "" });
    const flags = ["--quiet", "--no-prompt", "--no-check", "--cached-only", "--no-lock"];
    const program = new URL("./child.ts", import.meta.url).pathname;
    const { stdout, stderr } = await deno(
      ["run", ...flags, `--allow-read=${folder}`, program, "index", ":memory:", `${folder}/docs`],
      { DENO_DIR: `${folder}/none` },
    );
    const { added, skipped } = JSON.parse(stdout || stderr);
    assert.equal(added, 1);
    const [{ reason, message }] = skipped;
    assert.equal(reason, "unavailable");
    assert.match(message, /^A PDF needs the package unpdf, .*run: deno cache npm:unpdf@/);
    assert.equal(stderr, "");
  }));
