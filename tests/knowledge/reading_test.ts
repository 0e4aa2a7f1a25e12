/** What of a folder is read, whatever its files are called and however they are written, and what is said of the rest. */

import assert from "assertions";
import { type FolderOptions, type FolderReport, openKnowledge } from "@agent/runtime/knowledge";
import { createAgent } from "@agent/runtime/agent";
import { toMarkdown } from "@agent/runtime/text";
import { BLOCK_HTML } from "./pages.ts";
import { temporary } from "../support/programs.ts";
import "../support/default_twin.ts";
import { writeFiles } from "./support.ts";

const UTF8 = new TextEncoder();

function skipped(report: FolderReport): string[] {
  return report.skipped.map(({ path, reason }) =>
    `${path.slice(report.folder.length + 1)} ${reason}`
  );
}

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

/** Indexes files and gives back the texts that are stored, by name. */
async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: FolderOptions = {},
): Promise<{ texts: Record<string, string>; skipped: string[]; report: FolderReport }> {
  return await temporary(async (folder) => {
    await writeFiles(folder, files);
    using knowledge = openKnowledge();
    const report = await knowledge.addFolder(folder, options);
    const texts = Object.fromEntries(
      knowledge.documents().map(({ document }) =>
        [document.slice(folder.length + 1), knowledge.text(document)!] as const
      ),
    );
    return { texts, skipped: skipped(report), report };
  });
}

/** A text in an encoding of one byte a letter. */
function encoded(text: string, label: string): Uint8Array {
  const decoder = new TextDecoder(label);
  const bytes = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(new Uint8Array([byte])), byte]),
  );
  return new Uint8Array([...text].map((letter) => bytes.get(letter)!));
}

Deno.test("every text is read, whatever it is called", async () => {
  const files = {
    "Apache-2.0": "You may reproduce the work.",
    "Notes-v1.2": "The notes.",
    "README.Debian": "Of Debian.",
    "Makefile": "# builds it\nall:\n\tcc main.c\n",
    "main.c": "/* Starts it. */\nint main(void) { return 0; }\n",
    "noending": "Words.",
    "changelog.gz": await gzip("Version 3 mends the valve."),
    "page.html.gz": await gzip("<nav>Home</nav><main><h1>Tea</h1><p>Hot.</main>"),
    "conf.d/strange.ending": "A strange one.",
  };
  const { texts, skipped } = await read(files);
  assert.deepEqual(skipped, []);
  assert.equal(texts["changelog.gz"], "Version 3 mends the valve.");
  assert.equal(texts["page.html.gz"], "# Tea\n\nHot.");
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === "string") assert.equal(texts[name], content, name);
  }
});

Deno.test("encodings are told by mark, declaration and letters", async () => {
  const russian = "Барьер открывается ключом, который висит у двери.";
  const greek = "Το νερό βράζει στους εκατό βαθμούς. Πατήστε το κουμπί.";
  const polish = "Woda wrze w stu stopniach. Naciśnij czerwony przycisk, aby włączyć urządzenie.";
  const french = "L’été dernier, j’ai mangé à la crêperie — c’était très bon.";
  const page = (charset: string, text: string) => `<meta charset=${charset}><p>${text}</p>`;
  const sjis = new Uint8Array([0x90, 0x85, 0x82, 0xcd, 0x95, 0x53, 0x93, 0x78]); // 水は百度
  const utf16 = (text: string, isLittle: boolean, mark: string) => {
    const view = new DataView(new ArrayBuffer((mark + text).length * 2));
    [...mark + text].forEach((c, at) => view.setUint16(at * 2, c.charCodeAt(0), isLittle));
    return new Uint8Array(view.buffer);
  };
  const files = {
    "1251.txt": encoded(russian, "windows-1251"),
    "koi8.txt": encoded(russian, "koi8-r"),
    "1253.txt": encoded(greek, "windows-1253"),
    "1250.txt": encoded(polish, "windows-1250"),
    "1252.txt": encoded(french, "windows-1252"),
    "declared.html": encoded(page("windows-1251", "Щи"), "windows-1251"),
    "declared2.html": new Uint8Array([...UTF8.encode(page("shift_jis", "")), ...sjis]),
    "declared.xml": encoded(`<?xml version="1.0" encoding="koi8-r"?><a>Щи</a>`, "koi8-r"),
    "declared.py": encoded("# -*- coding: cp1251 -*-\ns = 'Щи'\n", "windows-1251"),
    "wrongly.html": UTF8.encode(page("windows-1251", "größer")),
    "le.txt": utf16("größer", true, "\ufeff"),
    "be.txt": utf16("größer", false, "\ufeff"),
    "unmarked.txt": utf16("No mark is at its beginning, but it is text.", true, ""),
    "utf8.txt": UTF8.encode("\ufeffgrößer"),
  };
  const { texts, skipped } = await read(files);
  assert.deepEqual(skipped, []);
  assert.deepEqual(texts, {
    "1251.txt": russian,
    "koi8.txt": russian,
    "1253.txt": greek,
    "1250.txt": polish,
    "1252.txt": french,
    "declared.html": "Щи",
    "declared2.html": "水は百度",
    "declared.xml": `<?xml version="1.0" encoding="koi8-r"?><a>Щи</a>`,
    "declared.py": "# -*- coding: cp1251 -*-\ns = 'Щи'\n",
    "wrongly.html": "größer",
    "le.txt": "größer",
    "be.txt": "größer",
    "unmarked.txt": "No mark is at its beginning, but it is text.",
    "utf8.txt": "größer",
  });
});

Deno.test("lines may end with CR alone", async () => {
  const { texts } = await read({
    "mac.md": "# One\r\rFirst.\r\r# Two\r\rSecond.\r",
    "dos.txt": "a\r\nb\r\n",
  });
  assert.deepEqual(texts, {
    "mac.md": "# One\n\nFirst.\n\n# Two\n\nSecond.\n",
    "dos.txt": "a\r\nb\r\n",
  });
});

Deno.test("a record of a table says what its values are, on its own line", async () => {
  const { texts } = await read({
    "a.csv": 'Name,Price,Note\nWidget,12.50,"red, ""small"""\nGadget,7,"two\nlines"\nLast,,\n',
    "b.tsv": "1\t2\n3\t4\n",
    "c.csv": "One line of words",
    "d.csv": "Ort;Wert\nÖd;1,5\n",
  });
  assert.equal(
    texts["a.csv"],
    'Name; Price; Note\n- Name: Widget; Price: 12.50; Note: red, "small"\n' +
      "- Name: Gadget; Price: 7; Note: two lines\n\n- Name: Last\n",
  );
  assert.equal(texts["b.tsv"], "- 1; 2\n- 3; 4\n");
  assert.equal(texts["c.csv"], "One line of words");
  assert.equal(texts["d.csv"], "Ort; Wert\n- Ort: Öd; Wert: 1,5\n");
});

Deno.test("JSON on one line is laid out, other JSON stays as it is", async () => {
  const long = { items: Array.from({ length: 200 }, (_, at) => ({ name: `item ${at}` })) };
  const { texts } = await read({
    "long.json": JSON.stringify(long),
    "short.json": '{ "version": 3 }\n',
    "deep.json": `${"[".repeat(100_000)}1${"]".repeat(100_000)}`,
    "broken.json": `{"a": ${"x".repeat(3_000)}`,
  });
  assert.equal(texts["long.json"], JSON.stringify(long, null, 2));
  assert.equal(texts["short.json"], '{ "version": 3 }\n');
  assert.equal(texts["deep.json"]?.length, 200_001);
  assert.equal(texts["broken.json"]?.length, 3_006);
});

Deno.test("what nobody would read is left out, and told", async () => {
  const list = Array.from({ length: 60 }, (_, at) => `<li><a href="p${at}.html">Page ${at}</a>`);
  const { texts, skipped, report } = await read({
    "genindex.html": `<main><h1>Index</h1><ul>${list.join("")}</ul></main>`,
    "table.html": `<table>${
      Array.from({ length: 30 }, (_, at) =>
        `<tr><td><a href=a>2020-01-${at}</a><td><a href=b>3.${at}</a>`).join("")
    }</table>`,
    "search.js": `Search.setIndex({${"a:1,".repeat(3_000)}})`,
    "jquery.min.js": "!function(){}()",
    "logo.svg": "<svg><text>words</text></svg>",
    "picture": new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]),
    "notes.md": "See [a](b).",
  });
  assert.deepEqual(Object.keys(texts), ["notes.md", "table.html"]);
  assert.deepEqual(skipped, [
    "genindex.html links",
    "jquery.min.js ending",
    "logo.svg ending",
    "picture binary",
    "search.js generated",
  ]);
  const [picture] = report.skipped.filter(({ reason }) => reason === "binary");
  assert.match(picture?.message ?? "", /PNG/);
});

Deno.test("what is stored of a page is its main content, with footnotes and details", async () => {
  const { texts } = await read({ "page.html": BLOCK_HTML });
  assert.equal(texts["page.html"], toMarkdown(BLOCK_HTML));
  for (const word of ["Navlemur", "Bannergecko", "Hiddenquokka"]) {
    assert.ok(BLOCK_HTML.includes(word));
    assert.ok(!texts["page.html"]!.includes(word), word);
  }
  assert.ok(texts["page.html"]!.includes("The spare key hangs behind the clock."));
});

Deno.test("footnotes and folded parts of Markdown answer", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{
    document: "guide.md",
    text:
      "# Guide\n\nPress the lever[^1] to start.\n\n[^1]: The lever is made of walnut wood.\n\n" +
      "<details>\n<summary>Spare parts</summary>\n\nThe spare fuse lies <b>under</b> the lid.\n\n</details>\n",
  }]);
  await using agent = createAgent({ knowledge });
  const lever = await agent.ask("What is the lever made of?");
  assert.match(lever.answer, /The lever is made of walnut wood\./);
  const { document, mark } = lever.sources[0]!;
  const marked = knowledge.text(document)?.slice(mark!.start, mark!.end);
  assert.match(marked ?? "", /The lever is made of walnut wood\.$/);
  const fuse = await agent.ask("Which fuse lies under the lid?");
  assert.match(fuse.answer, /The spare fuse lies under the lid\./);
  assert.doesNotMatch(fuse.answer, /[<>]/);
});

Deno.test("places of a page have the headings above and the id that leads there", () =>
  temporary(async (folder) => {
    const html = `<title>Manual</title><main><h1 id="top">Pump</h1><p>It pumps.</p>
      <section id="start"><div class="titlepage"><h2>Starting<a class="headerlink" href="#x">¶</a></h2></div>
      <p>Open the valve.</p></section><h2><a name="stop"></a>Stopping &amp; more</h2><p>Close it at once.</p>
      <h2>Without</h2><p>No id leads here.</p></main>`;
    await writeFiles(folder, { "p.html": html, "n.md": "# A\n\n## B > C\n\ntext" });
    using knowledge = openKnowledge();
    await knowledge.addFolder(folder);
    const document = `${folder}/p.html`;
    const text = knowledge.text(document)!;
    const at = (words: string) => knowledge.place(document, text.indexOf(words));
    assert.deepEqual(at("It pumps"), { heading: ["Pump"], anchor: "top" });
    assert.deepEqual(at("Open the"), { heading: ["Pump", "Starting"], anchor: "start" });
    assert.deepEqual(at("Close it"), { heading: ["Pump", "Stopping & more"], anchor: "stop" });
    assert.deepEqual(at("No id"), { heading: ["Pump", "Without"], anchor: "stop" });
    assert.equal((await knowledge.search("open valve"))[0]?.anchor, "start");
    assert.deepEqual(knowledge.place(`${folder}/n.md`, 15), { heading: ["A", "B > C"] });
    assert.equal(knowledge.place("none", 0), undefined);
  }));

Deno.test(".gitignore and exclude are honoured as git does", async () => {
  const files = {
    ".gitignore": "build/\n*.log\n!keep.log\n/top.txt\n",
    "top.txt": "a",
    "a.log": "a",
    "keep.log": "a",
    "build/out.txt": "a",
    "deep/top.txt": "a",
    "deep/.gitignore": "!a.log\nsecret.*\n",
    "deep/a.log": "a",
    "deep/secret.md": "a",
    "drafts/b.md": "a",
  };
  const first = await read(files, { exclude: ["drafts/"] });
  assert.deepEqual(Object.keys(first.texts), ["deep/a.log", "deep/top.txt", "keep.log"]);
  assert.deepEqual(first.skipped, [
    ".gitignore hidden",
    "a.log excluded",
    "build excluded",
    "deep/.gitignore hidden",
    "deep/secret.md excluded",
    "drafts excluded",
    "top.txt excluded",
  ]);
  const all = await read(files, { gitignore: false });
  assert.equal(Object.keys(all.texts).length, 8);
  await assert.rejects(read(files, { exclude: "drafts/" as unknown as string[] }), TypeError);
});

Deno.test("what is excluded later is dropped", () =>
  temporary(async (folder) => {
    await writeFiles(folder, { "a.md": "a", "drafts/b.md": "b" });
    using knowledge = openKnowledge();
    assert.equal((await knowledge.addFolder(folder)).added, 2);
    const { removed, unchanged } = await knowledge.addFolder(folder, { exclude: ["drafts/"] });
    assert.deepEqual([removed, unchanged], [1, 1]);
  }));

Deno.test("of a link it is said whether what it leads to was read", () =>
  temporary(async (folder) => {
    await writeFiles(folder, { "a.md": "a", "b.bin": new Uint8Array([0, 1]), "d/c.md": "c" });
    for (const [name, target] of Object.entries({ l1: "a.md", l2: "b.bin", l3: "d", l4: ".hid" })) {
      await Deno.symlink(`${folder}/${target}`, `${folder}/${name}`);
    }
    await Deno.writeTextFile(`${folder}/.hid`, "hidden");
    using knowledge = openKnowledge();
    const { skipped } = await knowledge.addFolder(folder);
    const said = new Map(
      skipped.map(({ path, message }) => [path.slice(folder.length + 1), message]),
    );
    assert.match(said.get("l1")!, /a\.md", which is read itself$/);
    assert.match(said.get("l2")!, /b\.bin", which is not read either$/);
    assert.match(said.get("l3")!, /whose files are read themselves$/);
    assert.match(said.get("l4")!, /\.hid", which is not read either$/);
  }));
