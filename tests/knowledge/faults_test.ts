/** Data files that are damaged, full, locked or none, and paths that cannot be. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { AgentError, openKnowledge } from "@agent/runtime/knowledge";
import { Database } from "../../src/knowledge/database.ts";
import { SqliteKnowledge } from "../../src/knowledge/knowledge.ts";
import { finish, temporary } from "../support/programs.ts";
import { assertAgentError } from "./errors.ts";
import { startChild, writeFiles } from "./support.ts";
import "../support/default_twin.ts";

const DOCUMENTS = Array.from({ length: 40 }, (_, i) => ({
  document: `d${i}`,
  text: `# Title ${i}\n\nThe number of document ${i} is ${i * 7}. Größe.\n\n## Part\n\n${
    `word${i} lorem ipsum. `.repeat(60)
  }`,
}));

Deno.test("openKnowledge() refuses paths that are none", async () => {
  for (const path of ["", "a\0b", 7, null]) {
    assert.throws(() => openKnowledge({ path: path as string }), TypeError);
  }
  await temporary(async (folder) => {
    await assertAgentError(() => openKnowledge({ path: folder }), "IO", folder, "is a folder");
    await assertAgentError(
      () => openKnowledge({ path: `${folder}/none/k.db` }),
      "IO",
      "create it first",
    );
    const pipe = `${folder}/pipe`;
    assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    await assertAgentError(() => openKnowledge({ path: pipe }), "IO", pipe, "no regular file");
  });
});

Deno.test("openKnowledge() takes no path for a URI or an option", () =>
  temporary((folder) => {
    for (
      const name of [
        "file:k.db",
        "file:k.db?mode=memory",
        "-option",
        "k?mode=ro",
        "k#1",
        "k%41.db",
        "ü 😀.db",
      ]
    ) {
      using knowledge = openKnowledge({ path: `${folder}/${name}` });
      assert.equal(knowledge.stats().documents, 0);
      assert.ok(Deno.statSync(`${folder}/${name}`).isFile, name);
    }
  }));

Deno.test("a data file keeps documents and answers between openings", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    {
      using knowledge = openKnowledge({ path });
      const { revision } = await knowledge.add(DOCUMENTS);
      knowledge.derived.set("key", "value", revision);
    }
    using knowledge = openKnowledge({ path });
    assert.equal(knowledge.path, path);
    assert.equal(knowledge.stats().documents, 40);
    assert.equal(knowledge.searchText("word7")[0]?.document, "d7");
    assert.equal(knowledge.text("d7"), DOCUMENTS[7]!.text);
    assert.equal(knowledge.derived.get("key"), "value");
  }));

Deno.test("openKnowledge() refuses files that are none of its own, and leaves them as they are", () =>
  temporary(async (folder) => {
    await writeFiles(folder, {
      "text.db": "Some words that are no database. ".repeat(100),
      "short.db": "abc",
    });
    using foreign = new DatabaseSync(`${folder}/foreign.db`);
    foreign.exec("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
    for (const name of ["text.db", "short.db", "foreign.db"]) {
      const path = `${folder}/${name}`;
      const before = await Deno.readFile(path);
      const error = await assertAgentError(() => openKnowledge({ path }), "CORRUPT", path);
      assert.deepEqual(error.details, { path });
      assert.deepEqual(await Deno.readFile(path), before, name);
    }
  }));

Deno.test("openKnowledge() refuses a file of a newer version", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    openKnowledge({ path }).close();
    {
      using database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 99");
    }
    await assertAgentError(() => openKnowledge({ path }), "UNSUPPORTED", path, "99", "update");
  }));

Deno.test("an index made with other words is made anew", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    let before;
    {
      using knowledge = openKnowledge({ path });
      await knowledge.add(DOCUMENTS);
      before = knowledge.searchText("lorem number word9", { limit: 50 });
    }
    {
      using database = new DatabaseSync(path);
      database.exec("DELETE FROM chunk_index");
      database.exec("UPDATE counters SET value = 0 WHERE name = 'indexing'");
    }
    using knowledge = openKnowledge({ path });
    assert.deepEqual(knowledge.searchText("lorem number word9", { limit: 50 }), before);
    assert.equal(knowledge.stats().revision, 2, "answers from the old index are outdated");
    assert.equal(knowledge.remove("d9"), 1);
    assert.deepEqual(knowledge.searchText("word9"), []);
  }));

Deno.test("a damaged file gives right results or CORRUPT, wherever it is damaged", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    {
      using knowledge = openKnowledge({ path });
      await knowledge.add(DOCUMENTS);
    }
    const whole = await Deno.readFile(path);
    const copy = `${folder}/copy.db`;
    const outcomes = { CORRUPT: 0, fine: 0 };
    let random = 1;
    for (let round = 0; round < 240; round++) {
      random = (random * 1103515245 + 12345) & 0x7fffffff;
      const at = round < 60 ? round * 2 : random % whole.length;
      let bytes = whole.slice();
      if (round % 4 === 0) bytes.fill(0xff, at, at + 16);
      else if (round % 4 === 1) bytes.fill(0, at, at + 512);
      else if (round % 4 === 2) {
        for (let i = at; i < Math.min(at + 64, bytes.length); i++) {
          bytes[i] = (i * 97 + random) & 255;
        }
      } else bytes = bytes.subarray(0, Math.max(1, at));
      await Deno.writeFile(copy, bytes);
      for (const ending of ["-wal", "-shm"]) await Deno.remove(copy + ending).catch(() => {});
      const attempt = async (work: () => unknown) => {
        try {
          await work();
          outcomes.fine++;
        } catch (error) {
          assert.ok(AgentError.is(error, "CORRUPT"), `at ${at}: ${error}`);
          assert.ok(error.message.includes(copy));
          outcomes.CORRUPT++;
        }
      };
      await attempt(async () => {
        using knowledge = openKnowledge({ path: copy });
        await attempt(() => knowledge.searchText("number lorem word7", { limit: 100 }));
        await attempt(() => DOCUMENTS.forEach(({ document }) => knowledge.text(document)));
        await attempt(() => knowledge.add([{ document: "new", text: "A new document." }]));
        await attempt(() => knowledge.remove(["d1", "d2"]));
        await attempt(() => knowledge.derived.get("key"));
        await attempt(() => knowledge.documents());
      });
    }
    assert.ok(outcomes.CORRUPT > 50 && outcomes.fine > 50, JSON.stringify(outcomes));
  }));

Deno.test("a full disk loses nothing, and the work goes on when there is room", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    const docs = `${folder}/docs`;
    const database = Database.open(path);
    using knowledge = new SqliteKnowledge(database);
    await knowledge.add([{ document: "first", text: "The first document is about zebras." }]);
    const pages = database.guard(
      "read",
      () => Number(database.statement("PRAGMA page_count").get()?.page_count),
    );
    database.exec(`PRAGMA max_page_count = ${pages + 60}`);
    const before = knowledge.stats();

    const big = { document: "big", text: "unique words about elephants. ".repeat(20_000) };
    const error = await assertAgentError(() => knowledge.add([big]), "IO", path, "full", "room");
    assert.deepEqual(error.details, { path, operation: "write" });
    assert.deepEqual(knowledge.stats(), { ...before, bytes: knowledge.stats().bytes });
    assert.deepEqual(knowledge.searchText("elephants"), []);
    assert.equal(knowledge.searchText("zebras").length, 1);

    await writeFiles(
      docs,
      Object.fromEntries(
        Array.from(
          { length: 600 },
          (_, i) => [`${i}.md`, `# File ${i}\n\n${`text${i} `.repeat(40)}`],
        ),
      ),
    );
    await assertAgentError(() => knowledge.addFolder(docs), "IO", "full");
    const kept = knowledge.stats().documents - 1;
    assert.ok(kept < 600);
    assert.equal(knowledge.searchText("zebras").length, 1);
    for (const { document, length } of knowledge.documents()) {
      assert.equal(knowledge.text(document)?.length, length);
    }

    database.exec("PRAGMA max_page_count = 1073741823");
    const report = await knowledge.addFolder(docs);
    assert.deepEqual([report.added, report.unchanged], [600 - kept, kept]);
    assert.equal((await knowledge.add([big])).added, 1);
  }));

Deno.test("a file that may not be opened or written is PERMISSION, with the remedy", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    openKnowledge({ path }).close();
    const sets: [string[], string][] = [
      [[], "read"],
      [[`--allow-read=${folder}`], "write"],
      [[`--allow-read=${folder}`, `--allow-write=${folder}/other`], "write"],
    ];
    for (const [permissions, missing] of sets) {
      const { stdout, stderr, code } = await finish(startChild(permissions, ["stats", path]));
      assert.equal(code, 0, stderr);
      const error = JSON.parse(stdout);
      assert.equal(error.code, "PERMISSION", stdout);
      assert.equal(error.details.permission, missing);
      assert.ok(error.message.includes(path) && error.message.includes(`--allow-${missing}`));
    }
  }));

Deno.test("a file or folder that is read-only is PERMISSION, and can still be read", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    const database = Database.open(path);
    using knowledge = new SqliteKnowledge(database);
    await knowledge.add(DOCUMENTS);
    database.exec("PRAGMA query_only = ON"); // what SQLite does for a file that it may only read
    await assertAgentError(
      () => knowledge.add([{ document: "a", text: "a" }]),
      "PERMISSION",
      path,
      "writable",
    );
    await assertAgentError(() => knowledge.remove("d1"), "PERMISSION", path, "writable");
    assert.equal(knowledge.searchText("word1")[0]?.document, "d1");
    await Deno.mkdir(`${folder}/closed`, { mode: 0o555 });
    const inside = `${folder}/closed/k.db`;
    const { stdout, stderr } = await finish(startChild(
      [`--allow-read=${folder}`, `--allow-write=${folder}`],
      ["stats", inside],
      { boundByModes: true },
    ));
    const { code, message } = JSON.parse(stdout || "{}");
    assert.equal(code, "PERMISSION", stderr + stdout);
    assert.ok(message.includes(inside) && message.includes("writable"), message);
  }));

Deno.test("a file that another one keeps locked is TIMEOUT, and can still be read", () =>
  temporary(async (folder) => {
    const path = `${folder}/k.db`;
    const database = Database.open(path);
    using knowledge = new SqliteKnowledge(database);
    await knowledge.add(DOCUMENTS);
    database.exec("PRAGMA busy_timeout = 20");
    using other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await assertAgentError(
      () => knowledge.add([{ document: "a", text: "a" }]),
      "TIMEOUT",
      path,
      "locked",
    );
    assert.equal(knowledge.searchText("word1")[0]?.document, "d1");
    other.exec("ROLLBACK");
    assert.equal((await knowledge.add([{ document: "a", text: "a" }])).added, 1);
  }));

Deno.test("the documented permissions are enough", () =>
  temporary(async (folder) => {
    const none = await finish(startChild([], ["stats", ":memory:"]));
    assert.equal(JSON.parse(none.stdout).documents, 0, none.stderr);
    await writeFiles(folder, {
      "docs/a.md": "alpha",
      "docs/b.html": "<p>beta</p>",
      "data/keep": "",
    });
    const { stdout, stderr } = await finish(startChild(
      [`--allow-read=${folder}/docs,${folder}/data`, `--allow-write=${folder}/data`],
      ["index", `${folder}/data/k.db`, `${folder}/docs`],
    ));
    assert.equal(JSON.parse(stdout).added, 2, stderr + stdout);
  }));
