/** The file: who may read it, how it is written, what is refused. */

import assert from "assertions";
import { AgentError } from "../../../src/shared/errors.ts";
import { cassetteLayer } from "../../../src/http/cassette/mod.ts";
import { testNeeding } from "../../support/needs.ts";
import { wrong } from "../../support/values.ts";
import { API, Studio, textOf } from "./support.ts";

const noModes = Deno.build.os === "windows" ? "Windows has no modes of files" : undefined;

testNeeding([noModes], "the file is its owner's alone, also where it was everyone's", async () => {
  await using studio = new Studio();
  await textOf(await studio.program("record")(API));
  assert.equal(Deno.statSync(studio.path).mode! & 0o777, 0o600);
  Deno.chmodSync(studio.path, 0o666);
  await textOf(await studio.program("auto")(`${API}/other`));
  assert.equal(Deno.statSync(studio.path).mode! & 0o777, 0o600);
  assert.equal(studio.recordings().length, 2);
});

testNeeding([noModes], "a link is not followed, neither for reading nor for writing", async () => {
  await using studio = new Studio();
  const target = `${studio.folder}/target.json`;
  Deno.writeTextFileSync(target, "precious");
  Deno.symlinkSync(target, studio.path);
  for (const mode of ["record", "auto", "replay"] as const) {
    const send = studio.program(mode);
    await assert.rejects(send(API).then(textOf), { code: "IO", message: /link/ });
  }
  assert.equal(Deno.readTextFileSync(target), "precious");
  Deno.removeSync(studio.path);
  Deno.mkdirSync(studio.path);
  await assert.rejects(studio.program("auto")(API), { code: "IO" });
});

Deno.test("the file is the same whatever the order of the exchanges, and ends in a line", async () => {
  const texts: string[] = [];
  for (const order of [["a", "b", "c"], ["c", "a", "b"]]) {
    await using studio = new Studio((request) => ({ body: request.url.pathname }));
    const send = studio.program("record");
    const asked = order.map((name) =>
      send(`${API}/${name}`, { headers: { accept: "x", "content-type": "y" } })
    );
    for (const each of asked) await textOf(await each);
    texts.push(studio.text());
  }
  assert.equal(texts[0], texts[1]);
  assert.ok(texts[0]!.endsWith("}\n"));
});

Deno.test("nothing is left beside the file, and each end of a body has it written", async () => {
  await using studio = new Studio();
  const send = studio.program("record");
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => await textOf(await send(`${API}/${i}`))),
  );
  assert.equal(studio.recordings().length, 20);
  await textOf(await send(`${API}/last`));
  assert.equal(studio.recordings().length, 21);
  assert.deepEqual([...Deno.readDirSync(studio.folder)].map(({ name }) => name), ["tape.json"]);
});

Deno.test("a folder that is not there is known before anything is sent", async () => {
  await using studio = new Studio();
  const path = `${studio.folder}/none/tape.json`;
  await assert.rejects(
    (async () => await studio.program("record", { path })("https://api.test/"))(),
    (error) => AgentError.is(error, "NOT_FOUND") && /folder .*none.* make it/.test(error.message),
  );
  assert.equal(studio.requests.length, 0);
});

Deno.test("a file that cannot be written fails the exchange that was to be recorded", async () => {
  await using studio = new Studio();
  const folder = `${studio.folder}/missing`;
  const path = `${folder}/tape.json`;
  await Deno.mkdir(folder);
  const send = studio.program("record", { path });
  await Deno.remove(folder);
  await assert.rejects(send(API).then(textOf), {
    code: "IO",
    details: { path, operation: "write" },
  });
  await assert.rejects(send(API, { wholeBody: true }), { code: "IO" });
});

Deno.test("what is no cassette is refused with a reason", async () => {
  const recording = {
    request: { method: "GET", url: API, headers: {}, body: null },
    response: { status: 200, headers: [["a", "b"]], body: { text: "x" } },
  };
  const file = (recordings: unknown, more = {}): string =>
    JSON.stringify({ format: "agent-cassette", version: 1, recordings, ...more });
  const { request, response } = recording;
  const bad = [
    ...[
      "",
      "{",
      "null",
      "[]",
      "{}",
      '{"format":"other"}',
      file([], { version: 2 }),
      file([], { version: "x" }),
    ],
    ...[file(undefined), file({}), file([null]), file([{}]), file([{ request }])],
    file([{ request: { ...request, method: 1 }, response }]),
    file([{ request: { ...request, headers: { a: 1 } }, response }]),
    file([{ request: { ...request, body: "x" }, response }]),
    file([{ request: { ...request, body: {} }, response }]),
    ...[100, 600, "200", 200.5].map((status) =>
      file([{ request, response: { ...response, status } }])
    ),
    ...[[["a"]], [["A", "b"]], [["a", "b\r\nc"]], [["a b", "c"]], "x", [["a", 1]]].map((headers) =>
      file([{ request, response: { ...response, headers } }])
    ),
    ...[{ base64: "!" }, { text: 1 }, { form: [["a"]] }, { omitted: "x" }].map((body) =>
      file([{ request, response: { ...response, body } }])
    ),
    file([{ request, response: { ...response, truncated: "yes" } }]),
  ];
  await using studio = new Studio();
  for (const text of bad) {
    Deno.writeTextFileSync(studio.path, text);
    for (const mode of ["replay", "auto"] as const) {
      await assert.rejects(studio.program(mode)(API), { code: "CORRUPT" }, text);
    }
    assert.equal(studio.text(), text);
  }
  Deno.writeTextFileSync(studio.path, file([recording]));
  assert.equal(await textOf(await studio.program("replay")(API)), "x");
});

Deno.test("options are checked", () => {
  const make = (options: unknown) => () => cassetteLayer(wrong(options));
  for (
    const options of [undefined, null, 5, {}, { path: 5, mode: "auto" }, { path: "a" }, {
      path: "a",
      mode: "x",
    }]
  ) {
    assert.throws(make(options), TypeError);
  }
  assert.throws(make({ path: "", mode: "auto" }), RangeError);
  assert.throws(make({ path: "a\0b", mode: "auto" }), RangeError);
  assert.throws(make({ path: "a", mode: "auto", matchHeaders: "accept" }), TypeError);
});

Deno.test({
  name: "without a permission there is an error that says which, and nobody is asked",
  permissions: { read: false, write: false },
  fn() {
    const target = (mode: "replay" | "record" | "auto", path: string) => () =>
      cassetteLayer({ path, mode });
    assert.throws(target("replay", "/x/tape.json"), {
      code: "PERMISSION",
      message: /--allow-read=\/x\/tape\.json$/,
      details: { permission: "read", target: "/x/tape.json" },
    });
    for (const mode of ["record", "auto"] as const) {
      assert.throws(target(mode, "/x/tape.json"), {
        code: "PERMISSION",
        message: /--allow-write=\/x\/$/,
      });
      assert.throws(target(mode, "tape.json"), { message: /--allow-read=\. --allow-write=\.$/ });
    }
  },
});
