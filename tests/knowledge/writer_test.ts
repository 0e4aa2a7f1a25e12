/** The thread that writes beside the reading: the same store, nothing half written, nothing left behind. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../src/knowledge/database.ts";
import { DocumentTable } from "../../src/knowledge/document_table.ts";
import { openVectors } from "../../src/knowledge/embedding/open.ts";
import { indexFolder } from "../../src/knowledge/folder.ts";
import { FolderWriter } from "../../src/knowledge/folder_writer.ts";
import type { FolderOptions } from "../../src/knowledge/types.ts";
import { WriterThread } from "../../src/knowledge/writer_thread.ts";
import { temporary } from "../support/programs.ts";
import { assertAgentError } from "./errors.ts";
import { writeFiles } from "./support.ts";
import "../support/default_twin.ts";

/** So many documents are a portion here. */
const PORTION = { units: 1_000_000, files: 4 };

/** Documents in two languages, of which each has words of its own; pages with ids; binary files between. */
async function manyFiles(folder: string, count = 30): Promise<void> {
  const files: Record<string, string | Uint8Array> = {};
  for (let at = 0; at < count; at++) {
    const name = `d${String(at).padStart(2, "0")}`;
    files[`${name}.md`] = at % 7 === 3
      ? `# Lampe ${at}\n\nDie Lampe brennt neun Stunden mit einer Ladung und wird nicht heiß. `
        .repeat(9)
      : `# Lamp ${at}\n\nThe lamp number ${at} burnsbright${at} for ${at} hours, “as it says”.\n\n## Parts\n\n${
        `Its part_${at} is maxRetries ${at * 3}. `.repeat(60)
      }`;
    files[`${name}.html`] = `<h1 id="top${at}">Page ${at}</h1><p>It tells of the wheel ${at}.</p>`;
    files[`${name}.bin`] = Uint8Array.of(0, 1, 2, at, 0, 0);
  }
  await writeFiles(folder, files);
}

function opened(path: string): Database & Disposable {
  const database = Database.open(path);
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}

/** Indexes a folder, with a thread where that can be had. */
async function index(
  database: Database,
  folder: string,
  portion = PORTION,
  options: FolderOptions & { onBeside?: () => void } = {},
): Promise<{ isBeside: boolean; added: number; unchanged: number }> {
  const documents = new DocumentTable(database);
  using vectors = await openVectors(database, "default", undefined);
  await using writer = new FolderWriter(
    database,
    documents,
    () => {
      options.onBeside?.(); // the second portion is read
      return Promise.resolve(vectors);
    },
    options.signal,
    portion,
  );
  const { added, unchanged } = await indexFolder(documents, writer, folder, options);
  await vectors?.complete();
  return { isBeside: writer.isBeside, added, unchanged };
}

/** All that is stored, except when it was. */
function contentOf(path: string): Record<string, unknown[]> {
  using connection = new DatabaseSync(path, { readOnly: true });
  const tables = {
    documents: "id, name, title, format, length, chunks, hash, size, modified, language",
    chunks: "*",
    chunk_index_content: "*",
    anchors: "*",
    vocabulary: "*",
    vectors: "document, chunk, hex(data) AS data",
    embedder: "*",
    unread: "name, hash, size, modified, reason, message",
  };
  return Object.fromEntries(
    Object.entries(tables).map(([table, columns]) => [
      table,
      connection.prepare(`SELECT ${columns} FROM ${table}`).all().map((row) => ({ ...row })),
    ]),
  );
}

Deno.test("a folder written beside the reading is stored as one written by the program's own thread", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`);
    using beside = opened(`${folder}/beside.db`);
    assert.deepEqual(await index(beside, `${folder}/docs`), {
      isBeside: true,
      added: 60,
      unchanged: 0,
    });
    using alone = opened(`${folder}/alone.db`);
    const whole = { units: 1e9, files: 1e9 };
    assert.equal((await index(alone, `${folder}/docs`, whole)).isBeside, false);
    const content = contentOf(`${folder}/beside.db`);
    assert.deepEqual(content, contentOf(`${folder}/alone.db`));
    assert.equal(content["vectors"]!.length, 60);
    assert.equal(content["unread"]!.length, 30);
    assert.deepEqual(await index(beside, `${folder}/docs`), {
      isBeside: false,
      added: 0,
      unchanged: 60,
    });
  }));

Deno.test("what is longer than a portion is written by the program's own thread, in its turn", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`, 20);
    await Deno.writeTextFile(`${folder}/docs/d12.txt`, "A long story of a mill. ".repeat(900));
    const portion = { units: 20_000, files: 4 };
    using beside = opened(`${folder}/beside.db`);
    const { isBeside, added } = await index(beside, `${folder}/docs`, portion);
    assert.deepEqual([isBeside, added], [true, 41]);
    using alone = opened(`${folder}/alone.db`);
    await index(alone, `${folder}/docs`, { units: 1e9, files: 1e9 });
    assert.deepEqual(contentOf(`${folder}/beside.db`), contentOf(`${folder}/alone.db`));
  }));

Deno.test("a store in memory is written without another thread", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`, 12);
    using memory = opened(":memory:");
    const { isBeside, added } = await index(memory, `${folder}/docs`);
    assert.deepEqual([isBeside, added], [false, 24]);
    assert.equal(memory.forAnother(), undefined);
  }));

Deno.test("a thread does not write to a file that took the place of the store's, nor where there is none", () =>
  temporary(async (folder) => {
    using database = opened(`${folder}/k.db`);
    const open = { do: "open" as const, ...database.forAnother()! };
    const other = `${folder}/other.db`;
    new DatabaseSync(other).close();
    for (const path of [other, `${folder}/none/k.db`]) {
      const thread = WriterThread.begin({ ...open, path })!;
      assert.equal(await thread.ready, false, path);
      await assert.rejects(thread.commit([]));
      await thread.end();
    }
    using connection = new DatabaseSync(other, { readOnly: true });
    assert.deepEqual(connection.prepare("SELECT name FROM sqlite_schema").all(), []);
    const thread = WriterThread.begin(open)!;
    assert.equal(await thread.ready, true);
    assert.deepEqual(await thread.commit([]), { added: 0, updated: 0, unchanged: 0, chunks: 0 });
    await thread.end();
  }));

Deno.test("a portion that cannot be written is not there at all; those before it are, and the store works", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`);
    using database = opened(`${folder}/k.db`);
    database.exec(`
      CREATE TRIGGER refused BEFORE INSERT ON documents WHEN new.name LIKE '%d21.md'
      BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`);
    await assertAgentError(
      () => index(database, `${folder}/docs`),
      "CORRUPT",
      `${folder}/k.db`,
      "refused by the test",
    );
    const names = new DocumentTable(database).list().map(({ document }) =>
      document.split("/").at(-1)!
    );
    assert.ok(names.length >= 8, "what was written before stays");
    // The files are read in the order of their names, so all that is there is before the one that failed.
    assert.ok(names.every((name) => name < "d21.md"), names.at(-1));
    assert.equal(contentOf(`${folder}/k.db`)["chunks"]!.length >= names.length, true);
    database.exec("DROP TRIGGER refused");
    await index(database, `${folder}/docs`);
    assert.equal(new DocumentTable(database).list().length, 60);
    const indexed = database.statement("SELECT count(*) AS n FROM chunk_index").get()!["n"];
    assert.equal(contentOf(`${folder}/k.db`)["chunks"]!.length, indexed);
  }));

Deno.test("an abort ends the thread, and what was written stays", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`);
    using database = opened(`${folder}/k.db`);
    const controller = new AbortController();
    await assert.rejects(
      index(database, `${folder}/docs`, PORTION, {
        signal: controller.signal,
        onBeside: () => controller.abort(new Error("enough")),
      }),
      /enough/,
    );
    const before = new DocumentTable(database).list().length;
    assert.ok(before > 0 && before < 60, `${before}`);
    const { added, unchanged } = await index(database, `${folder}/docs`);
    assert.equal(added + unchanged, 60);
    assert.equal(unchanged, before);
  }));

Deno.test("a store that is closed while a folder is read says so, and leaves no thread", () =>
  temporary(async (folder) => {
    await manyFiles(`${folder}/docs`);
    const database = opened(`${folder}/k.db`);
    await assertAgentError(
      () => index(database, `${folder}/docs`, PORTION, { onBeside: () => database.close() }),
      "CLOSED",
    );
    using again = opened(`${folder}/k.db`);
    await index(again, `${folder}/docs`);
    assert.equal(new DocumentTable(again).list().length, 60);
  }));
