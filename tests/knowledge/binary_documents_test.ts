/** PDF and Word documents: what becomes of them, that hostile ones end, and that their reader reaches nothing. */

import assert from "assertions";
import { Worker } from "node:worker_threads";
import { openKnowledge } from "@agent/runtime/knowledge";
import { BinaryReader, READER_LIMITS } from "../../src/knowledge/reading/binary_documents.ts";
import { confine } from "../../src/knowledge/reading/worker_code.ts";
import { NotRead } from "../../src/knowledge/reading/not_read.ts";
import "../support/default_twin.ts";
import { temporary } from "../support/programs.ts";
import { docxWith, pdfPage, pdfWith, streamOf, zipOf } from "./office.ts";
import { writeFiles } from "./support.ts";

const MANUAL = [1, 2, 3].map((page) => [
  { x: 50, y: 780, size: 8, text: `Pump P-7 manual, page ${page}` },
  { x: 50, y: 700, size: 24, text: page === 1 ? "Pump P-7" : `Chapter ${page}` },
  ...(page === 2
    ? [
      { x: 50, y: 660, size: 10, text: "The pump moves up to 40 litres a minute and its ro-" },
      { x: 50, y: 648, size: 10, text: "tor is made of cast bronze (CuSn10)." },
      { x: 60, y: 620, size: 10, text: "- Open the valve with the square key." },
      { x: 60, y: 608, size: 10, text: "- Press the green switch." },
    ]
    : [{ x: 50, y: 660, size: 10, text: `Words of page ${page} stand here for the reader.` }]),
]);

function manual(): Promise<Uint8Array<ArrayBuffer>> {
  return pdfWith(MANUAL);
}

Deno.test("a PDF becomes headings, paragraphs and lists, with the page to go to", () =>
  temporary(async (folder) => {
    await writeFiles(folder, { "manual.pdf": await manual(), "named-otherwise": await manual() });
    using knowledge = openKnowledge();
    const report = await knowledge.addFolder(folder);
    assert.deepEqual(report.skipped, []);
    const document = `${folder}/manual.pdf`;
    const text = knowledge.text(document)!;
    assert.match(text, /^# Pump P-7\n/);
    assert.ok(text.includes("its rotor is made of cast bronze (CuSn10)."), text);
    assert.ok(
      text.includes("\n- Open the valve with the square key.\n- Press the green switch."),
      text,
    );
    assert.ok(!text.includes("manual, page"), "what repeats on each page is left out");
    assert.equal(knowledge.text(`${folder}/named-otherwise`), text);
    const [hit] = await knowledge.search("What is the rotor made of?");
    assert.equal(hit?.format, "pdf");
    assert.equal(hit?.anchor, "page=2");
    assert.equal(hit?.heading, "Chapter 2");
    assert.equal(text.slice(hit?.start, hit?.end), hit?.chunk);
    assert.deepEqual(knowledge.place(document, text.indexOf("Words of page 3")), {
      heading: ["Chapter 3"],
      anchor: "page=3",
    });
    assert.equal((await knowledge.addFolder(folder)).unchanged, 2);
  }));

Deno.test("a Word document becomes Markdown with its headings", () =>
  temporary(async (folder) => {
    await writeFiles(folder, {
      "lamp.docx": await docxWith([
        ["Heading1", "The lamp"],
        ["", "It burns for nine hours &amp; more."],
        ["Heading2", "Care"],
        ["", "Wipe it with a dry cloth once a month."],
      ]),
    });
    using knowledge = openKnowledge();
    const report = await knowledge.addFolder(folder);
    assert.deepEqual(report.skipped, []);
    assert.equal(
      knowledge.text(`${folder}/lamp.docx`),
      "# The lamp\n\nIt burns for nine hours & more.\n\n## Care\n\nWipe it with a dry cloth once a month.",
    );
    const [hit] = await knowledge.search("dry cloth");
    assert.deepEqual([hit?.title, hit?.heading, hit?.format], [
      "The lamp",
      "The lamp > Care",
      "docx",
    ]);
  }));

Deno.test("what is no PDF or Word document, is broken or encrypted, is told and remembered", () =>
  temporary(async (folder) => {
    const whole = await manual();
    await writeFiles(folder, {
      "empty.pdf": new Uint8Array(),
      "torn.pdf": whole.slice(0, 40),
      "words.pdf": "only words",
      "torn.docx": (await docxWith([["", "a"]])).slice(0, 300),
      "other.docx": await zipOf({ "a.txt": "a" }),
      "nothing.pdf": await pdfWith([[]]),
    });
    using knowledge = openKnowledge();
    const first = await knowledge.addFolder(folder);
    assert.deepEqual(
      first.skipped.map(({ path, reason }) => `${path.slice(folder.length + 1)} ${reason}`),
      [
        "empty.pdf damaged",
        "nothing.pdf empty",
        "other.docx damaged",
        "torn.docx damaged",
        "torn.pdf damaged",
        "words.pdf damaged",
      ],
    );
    for (const { path } of first.skipped) {
      const old = new Date(Date.now() - 60_000);
      await Deno.utime(path, old, old);
    }
    assert.deepEqual((await knowledge.addFolder(folder)).skipped, first.skipped);
    await writeFiles(folder, { "words.pdf": whole });
    const third = await knowledge.addFolder(folder);
    assert.deepEqual([third.added, third.skipped.length], [1, 5]);
    await Deno.remove(`${folder}/words.pdf`);
    assert.equal((await knowledge.addFolder(folder)).removed, 1);
  }));

/** Why a reader with little time and memory did not read. */
async function refusal(
  kind: "pdf" | "docx",
  bytes: Uint8Array<ArrayBuffer>,
  limits: Partial<typeof READER_LIMITS> = {},
): Promise<NotRead> {
  await using reader = new BinaryReader({
    timeMs: 5_000,
    characters: 1_000_000,
    largestBytes: 16 * 1024 * 1024,
    totalBytes: 64 * 1024 * 1024,
    ...limits,
  });
  const outcome = await reader.read(kind, bytes).catch((error: unknown) => error);
  assert.ok(outcome instanceof NotRead, JSON.stringify(outcome));
  // And the next one is read.
  const { pages } = await reader.read("pdf", await pdfWith([MANUAL[0]!]));
  assert.equal(pages.length, 1);
  return outcome;
}

const FONT = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";

Deno.test("a PDF that unpacks without end is ended", async () => {
  const blanks = new Uint8Array(64 * 1024 * 1024).fill(32);
  const { reason } = await refusal("pdf", pdfPage(await streamOf(blanks, "", true), ""));
  assert.equal(reason, "too-large");
});

Deno.test("a PDF with text without end is ended", async () => {
  const rows = Array.from(
    { length: 100_000 },
    (_, at) => `1 0 0 1 ${at % 7} ${(at * 3) % 800} Tm (abcdefghijklmnop) Tj`,
  );
  const content = await streamOf(`BT /F1 1 Tf ${rows.join("\n")} ET`, "", true);
  const { reason } = await refusal("pdf", pdfPage(content, FONT));
  assert.equal(reason, "too-large");
});

Deno.test("a PDF whose forms call one another over and over is ended in time", async () => {
  const levels = 12;
  const more: (string | Uint8Array)[] = [];
  for (let level = 0; level < levels; level++) {
    const isLast = level === levels - 1;
    const next = isLast ? FONT : `/XObject << /X ${6 + level} 0 R >>`;
    const content = isLast ? "BT /F1 1 Tf (a) Tj ET" : "/X Do ".repeat(12);
    more.push(
      await streamOf(
        content,
        `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${next} >>`,
      ),
    );
  }
  const page = pdfPage(await streamOf("/X Do ".repeat(12)), "/XObject << /X 5 0 R >>", more);
  const started = performance.now();
  const { reason, message } = await refusal("pdf", page, { timeMs: 1_500 });
  assert.equal(reason, "too-large", message);
  assert.ok(performance.now() - started < 60_000);
});

Deno.test("a Word document that unpacks without end is ended", async () => {
  const bomb = new Uint8Array(80 * 1024 * 1024).fill(32);
  const bytes = await docxWith([["", "a"]], { "word/document.xml": bomb });
  assert.ok(bytes.length < 300_000);
  const { reason } = await refusal("docx", bytes);
  assert.equal(reason, "too-large");
});

Deno.test("a Word document with entities in entities is not unfolded", async () => {
  const entities = Array.from(
    { length: 20 },
    (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`,
  ).join("");
  const xml =
    `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "xxxxxxxxxx">${entities}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&e20;</w:t></w:r></w:p></w:body></w:document>`;
  await using reader = new BinaryReader({ ...READER_LIMITS, timeMs: 5_000 });
  const read = await reader.read("docx", await docxWith([], { "word/document.xml": xml }))
    .catch((error: unknown) => error);
  if (!(read instanceof NotRead)) {
    assert.ok((read as { pages: string[] }).pages.join("").length < 1_000);
  }
});

Deno.test("a signal ends reading", async () => {
  await using reader = new BinaryReader();
  const controller = new AbortController();
  const reason = new Error("enough");
  const reading = reader.read("pdf", await manual(), controller.signal);
  controller.abort(reason);
  await assert.rejects(reading, reason);
});

Deno.test("the reader of documents reaches no file, no network, no program and no code made of text", async () => {
  const attempts: Record<string, string> = {
    deno: "Deno.readTextFileSync('/etc/hostname')",
    fetch: "await fetch('http://127.0.0.1:1')",
    socket: "new WebSocket('ws://127.0.0.1:1')",
    worker: "new Worker('data:text/javascript,1', { type: 'module' })",
    process: "process.env.HOME",
    require: "globalThis.require('node:fs')",
    eval: "(0, eval)('1')",
    maker: "(function () {}).constructor('return 1')()",
    asyncMaker: "await (async function () {}).constructor('return 1')()",
    wasm: "new WebAssembly.Module(new Uint8Array(8))",
    memory: "new Uint8Array(1e8)",
    buffer: "new ArrayBuffer(1e8)",
    more: "for (let i = 0; i < 1000; i++) new Float64Array(1e5)",
  };
  const tries = Object.entries(attempts).map(([name, code]) =>
    `try { ${code}; reached.push(${JSON.stringify(name)}); } catch {}`
  ).join("\n");
  const program = `((port) => {
    ${confine};
    (async () => {
      confine(() => {}).begin({ timeMs: 60_000, characters: 1, largestBytes: 1e7, totalBytes: 1e8 });
      const reached = [];
      ${tries}
      port.postMessage(reached);
    })();
  })(require("node:worker_threads").parentPort);`;
  const worker = new Worker(program, { eval: true });
  try {
    const reached = await new Promise((resolve, reject) => {
      worker.on("message", resolve);
      worker.on("error", reject);
    });
    assert.deepEqual(reached, []);
  } finally {
    await worker.terminate();
  }
});
