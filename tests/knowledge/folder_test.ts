/** Reading folders: what is taken, what is left out and why, changes, limits. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { type FolderReport, openKnowledge } from "@agent/runtime/knowledge";
import "../support/default_twin.ts";
import { finish, temporary } from "../support/programs.ts";
import { assertAgentError } from "./errors.ts";
import { startChild, writeFiles } from "./support.ts";

function skipped(report: FolderReport): string[] {
  return report.skipped.map(({ path, reason }) =>
    `${path.slice(report.folder.length + 1)} ${reason}`
  );
}

/** Sets the time of change back, as if the file had been there for an hour. */
async function age(path: string): Promise<void> {
  const time = new Date(Date.now() - 3_600_000);
  await Deno.utime(path, time, time);
}

Deno.test("addFolder() reads documents and says what it left out and why", () =>
  temporary(async (folder) => {
    await writeFiles(folder, {
      "guide.md": "# Guide\n\nRead the guide.",
      "notes.txt": "Plain notes.",
      "page.html": "<title>Page</title><p>A page.</p>",
      "deep/er/README": "# Readme\n\nNo ending, but Markdown.",
      "deep/index": "<!doctype html><p>No ending, but HTML.</p>",
      "latin.txt": new Uint8Array([0x67, 0x72, 0xfc, 0x6e]),
      ".hidden/secret.md": "secret",
      ".env": "secret",
      "node_modules/pkg/README.md": "package",
      "program.ts": "export const code = 1;",
      "binary": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]),
      "binary.md": new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0]),
      "empty.md": "",
      "blank.txt": " \n\n",
      "large.txt": "x".repeat(2000),
      "deep.html": "<b>".repeat(30_000),
    });
    await Deno.symlink(`${folder}/guide.md`, `${folder}/link.md`);
    await Deno.symlink("/", `${folder}/outside`);
    await Deno.symlink(`${folder}/nowhere`, `${folder}/dangling`);
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    await Deno.symlink(folder, `${folder}/deep/self`);
    using knowledge = openKnowledge();
    const report = await knowledge.addFolder(folder, { maxFileBytes: 1_000 });
    assert.deepEqual(
      knowledge.documents().map(({ document, format }) =>
        `${document.slice(folder.length + 1)} ${format}`
      ),
      [
        "deep/er/README markdown",
        "deep/index html",
        "guide.md markdown",
        "latin.txt text",
        "notes.txt text",
        "page.html html",
        "program.ts code",
      ],
    );
    assert.deepEqual(skipped(report), [
      ".env hidden",
      ".hidden hidden",
      "binary binary",
      "binary.md binary",
      "blank.txt empty",
      "dangling link",
      "deep.html too-large",
      "deep/self link",
      "empty.md empty",
      "large.txt too-large",
      "link.md link",
      "loop link",
      "node_modules hidden",
      "outside link",
    ]);
    for (const { message } of report.skipped) assert.ok(message.length > 10);
    assert.deepEqual([report.added, report.updated, report.unchanged, report.removed], [
      7,
      0,
      0,
      0,
    ]);
    assert.equal(knowledge.text(`${folder}/latin.txt`), "grün");
    assert.equal(knowledge.searchText("page")[0]?.title, "Page");
  }));

Deno.test("addFolder() says why HTML that is too large was left out", () =>
  temporary(async (folder) => {
    await writeFiles(folder, { "many.html": "<p>a".repeat(4_300_000), "fine.html": "<p>fine</p>" });
    using knowledge = openKnowledge();
    const report = await knowledge.addFolder(folder);
    assert.deepEqual(skipped(report), ["many.html too-large"]);
    assert.match(report.skipped[0]!.message, /8388608/);
    assert.equal(report.added, 1);
  }));

Deno.test("addFolder() reads again what an earlier version has read", () =>
  temporary(async (folder) => {
    await writeFiles(`${folder}/docs`, { "a.html": "<nav>menu</nav><p>text", "b.md": "text" });
    for (const name of ["a.html", "b.md"]) await age(`${folder}/docs/${name}`);
    const path = `${folder}/k.db`;
    const index = async (): Promise<number[]> => {
      using knowledge = openKnowledge({ path });
      const { added, updated, unchanged } = await knowledge.addFolder(`${folder}/docs`);
      assert.deepEqual(knowledge.searchText("menu"), []);
      return [added, updated, unchanged];
    };
    assert.deepEqual(await index(), [2, 0, 0]);
    assert.deepEqual(await index(), [0, 0, 2]);
    const database = new DatabaseSync(path);
    database.exec("UPDATE documents SET hash = '1' || substr(hash, instr(hash, ':'))");
    database.close();
    assert.deepEqual(await index(), [0, 2, 0]);
    assert.deepEqual(await index(), [0, 0, 2]);
  }));

Deno.test("addFolder() touches only what has changed", () =>
  temporary(async (folder) => {
    await writeFiles(folder, {
      "a.md": "alpha one",
      "b.md": "beta",
      "c.md": "gamma",
      "sub/d.md": "delta",
    });
    for (const name of ["a.md", "b.md", "c.md", "sub/d.md"]) await age(`${folder}/${name}`);
    using knowledge = openKnowledge();
    await knowledge.addFolder(folder);
    const { revision } = knowledge.stats();

    const same = await knowledge.addFolder(folder);
    assert.deepEqual([same.added, same.updated, same.unchanged, same.removed], [0, 0, 4, 0]);
    assert.equal(same.chunks, 0);
    assert.equal(same.revision, revision, "nothing changed, so no answer is outdated");

    // Same size and same age: only the content tells, and nobody has to look at it.
    await Deno.writeTextFile(`${folder}/a.md`, "alpha two");
    await Deno.writeTextFile(`${folder}/b.md`, "beta"); // touched only
    await Deno.remove(`${folder}/c.md`);
    await writeFiles(folder, { "sub/e.md": "epsilon" });
    const next = await knowledge.addFolder(folder);
    assert.deepEqual([next.added, next.updated, next.unchanged, next.removed], [1, 1, 2, 1]);
    assert.equal(next.chunks, 2);
    assert.equal(knowledge.text(`${folder}/a.md`), "alpha two");
    assert.equal(knowledge.text(`${folder}/c.md`), undefined);
    assert.deepEqual(knowledge.searchText("gamma"), []);
    assert.deepEqual(skipped(next), []);
  }));

Deno.test("addFolder() sees a change of the same size right after indexing", () =>
  temporary(async (folder) => {
    using knowledge = openKnowledge();
    await writeFiles(folder, { "a.md": "first" });
    await knowledge.addFolder(folder);
    const { mtime } = await Deno.stat(`${folder}/a.md`);
    await writeFiles(folder, { "a.md": "other" });
    await Deno.utime(`${folder}/a.md`, mtime!, mtime!);
    assert.equal((await knowledge.addFolder(folder)).updated, 1);
    assert.equal(knowledge.text(`${folder}/a.md`), "other");
  }));

Deno.test("addFolder() drops a document whose file is no longer text", () =>
  temporary(async (folder) => {
    using knowledge = openKnowledge();
    await writeFiles(folder, { "a.md": "text", "b.md": "text" });
    await knowledge.addFolder(folder);
    await writeFiles(folder, { "a.md": new Uint8Array([0, 1, 2, 3]) });
    const report = await knowledge.addFolder(folder);
    assert.deepEqual([report.removed, report.unchanged], [1, 1]);
    assert.deepEqual(skipped(report), ["a.md binary"]);
    assert.equal(knowledge.stats().documents, 1);
  }));

Deno.test("addFolder() leaves documents of other folders and of add() alone", () =>
  temporary(async (folder) => {
    using knowledge = openKnowledge();
    await writeFiles(folder, { "docs/a.md": "a", "docs2/b.md": "b", "docs/sub/c.md": "c" });
    await knowledge.add([{ document: `${folder}/docs/by hand`, text: "by hand" }]);
    await knowledge.addFolder(`${folder}/docs2`);
    await knowledge.addFolder(`${folder}/docs`);
    await Deno.remove(`${folder}/docs/sub`, { recursive: true });
    const report = await knowledge.addFolder(`${folder}/docs`);
    assert.equal(report.removed, 1);
    assert.deepEqual(
      knowledge.documents().map(({ document }) => document.slice(folder.length + 1)),
      [
        "docs/a.md",
        "docs/by hand",
        "docs2/b.md",
      ],
    );
  }));

Deno.test("addFolder() takes a single file, and a folder through a link", () =>
  temporary(async (folder) => {
    using knowledge = openKnowledge();
    await writeFiles(folder, { "docs/a.md": "a", "docs/b.md": "b" });
    await Deno.symlink(`${folder}/docs`, `${folder}/link`);
    const one = await knowledge.addFolder(`${folder}/link/b.md`);
    assert.deepEqual([one.folder, one.added], [`${folder}/docs/b.md`, 1]);
    const all = await knowledge.addFolder(`${folder}/link`);
    assert.deepEqual([all.folder, all.added, all.unchanged], [`${folder}/docs`, 1, 1]);
  }));

Deno.test("addFolder() refuses what is not there", () =>
  temporary(async (folder) => {
    using knowledge = openKnowledge();
    await assertAgentError(
      () => knowledge.addFolder(`${folder}/none`),
      "NOT_FOUND",
      `${folder}/none`,
    );
    for (const wrong of ["", undefined, 7]) {
      await assert.rejects(knowledge.addFolder(wrong as string), TypeError);
    }
    await assert.rejects(knowledge.addFolder(folder, { maxFileBytes: 0 }), RangeError);
  }));

Deno.test("addFolder() that is aborted leaves a whole store and goes on where it stopped", () =>
  temporary(async (folder) => {
    const total = 900;
    for (let i = 0; i < total; i++) {
      const path = `${folder}/${String(i).padStart(4, "0")}.md`;
      await Deno.writeTextFile(path, `# Number ${i}\n\nThis is word${i}.`);
      await age(path);
    }
    const file = `${folder}.db`;
    try {
      using knowledge = openKnowledge({ path: file });
      const controller = new AbortController();
      const reason = new Error("stop here");
      const watch = setInterval(() => {
        if (knowledge.stats().documents > 0) controller.abort(reason);
      });
      await assert.rejects(
        knowledge.addFolder(folder, { signal: controller.signal }),
        reason,
      ).finally(() => clearInterval(watch));
      const { documents } = knowledge.stats();
      assert.ok(documents > 0 && documents < total, `${documents} documents`);
      for (const { document, length } of knowledge.documents()) {
        assert.equal(knowledge.text(document)?.length, length);
        const number = Number(document.slice(-7, -3));
        assert.equal(knowledge.searchText(`word${number}`)[0]?.document, document);
      }
      const report = await knowledge.addFolder(folder);
      assert.deepEqual([report.added, report.unchanged], [total - documents, documents]);
      assert.equal(knowledge.stats().documents, total);
    } finally {
      for (const ending of ["", "-wal", "-shm"]) {
        await Deno.remove(file + ending).catch(() => {});
      }
    }
  }));

Deno.test("addFolder() reports its progress up to the end", () =>
  temporary(async (folder) => {
    await writeFiles(
      folder,
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.md`, "text"])),
    );
    using knowledge = openKnowledge();
    const seen: number[] = [];
    await knowledge.addFolder(folder, {
      onProgress: ({ done, total }) => {
        assert.equal(total, 40);
        seen.push(done);
      },
    });
    assert.equal(seen.at(-1), 40);
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  }));

Deno.test("addFolder() reports what may not be read and keeps what it knew of it", () =>
  temporary(async (folder) => {
    const docs = `${folder}/docs`;
    const data = `${folder}/data`;
    await writeFiles(docs, { "a.md": "a", "locked.md": "locked", "closed/b.md": "b" });
    await Deno.mkdir(data);
    const file = `${data}/k.db`;
    const whole = [`--allow-read=${docs},${data}`, `--allow-write=${data}`];
    const first = await finish(startChild(whole, ["index", file, docs]));
    assert.equal(JSON.parse(first.stdout).added, 3, first.stderr);

    await writeFiles(docs, { "locked.md": "changed", "closed/b.md": "changed" });
    const denied = [...whole, `--deny-read=${docs}/locked.md,${docs}/closed`];
    const second = await finish(startChild(denied, ["index", file, docs]));
    const report = JSON.parse(second.stdout);
    assert.deepEqual([report.added, report.updated, report.removed], [0, 0, 0], second.stderr);
    assert.deepEqual(
      report.skipped.map(({ path, reason }: { path: string; reason: string }) => [path, reason]),
      [
        [`${docs}/closed`, "unreadable"],
        [`${docs}/locked.md`, "unreadable"],
      ],
    );
    assert.equal(report.stats.documents, 3);
    {
      using knowledge = openKnowledge({ path: file });
      assert.equal(knowledge.text(`${docs}/locked.md`), "locked");
    }

    await Deno.chmod(`${docs}/locked.md`, 0o000);
    await Deno.chmod(`${docs}/closed`, 0o000);
    const third = await finish(
      startChild(whole, ["index", file, docs], { boundByModes: true }),
    );
    await Deno.chmod(`${docs}/closed`, 0o700);
    const refused = JSON.parse(third.stdout);
    assert.deepEqual(
      refused.skipped.map(({ path, reason }: { path: string; reason: string }) => [path, reason]),
      report.skipped.map(({ path, reason }: { path: string; reason: string }) => [path, reason]),
      third.stderr,
    );
    assert.deepEqual([refused.updated, refused.removed, refused.stats.documents], [0, 0, 3]);
  }));
