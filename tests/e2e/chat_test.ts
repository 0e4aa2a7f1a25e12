/** `chat` in a pipe and on a terminal. */

import assert from "assertions";
import { noTerminal, testNeeding } from "../support/needs.ts";
import { agent, Scratch } from "./helpers.ts";
import { eventsOf, typed } from "./run_helpers.ts";

/** A script that says these words, one turn each. */
function saying(scratch: Scratch, turns: readonly unknown[]): string[] {
  return ["chat", "--model", `script:${scratch.file("talk.json", JSON.stringify({ turns }))}`];
}

Deno.test("chat: in a pipe each line is asked, in one conversation", async () => {
  using scratch = new Scratch();
  const args = saying(scratch, ["One.", {
    toolCalls: [{ name: "count_tokens", input: { text: "a" } }],
  }, "Two."]);
  const { code, stdout, stderr } = await agent(scratch, args, {
    stdin: "first\n\n/tools\nsecond\n",
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^One\.\ncount_tokens: .*\n(?:.*\n)*Two\.\n$/);
  assert.match(stderr, /step 1: count_tokens/);
});

Deno.test("chat: a session goes on in another program", async () => {
  using scratch = new Scratch();
  const args = [
    ...saying(scratch, ["One.", "Two.", "Three."]),
    "--session",
    `${scratch.path}/t.db`,
  ];
  const first = await agent(scratch, args, { stdin: "first\nsecond\n" });
  assert.equal(first.stdout, "One.\nTwo.\n", first.stderr);
  const then = await agent(scratch, [...args, "--json"], { stdin: "third\n/quit\nnever\n" });
  const done = eventsOf(then.stdout).at(-1)!;
  assert.equal((done["result"] as { text: string }).text, "Three.");
});

Deno.test("chat: one answer that fails does not end it", async () => {
  using scratch = new Scratch();
  const args = saying(scratch, [{ error: { message: "Overloaded", times: 1 }, text: "Now." }]);
  const { code, stdout, stderr } = await agent(scratch, args, { stdin: "first\nagain\n" });
  assert.match(stderr, /Overloaded/);
  assert.equal(stdout, "Now.\n");
  assert.equal(code, 0);
  const lost = await agent(scratch, args, { stdin: "first\n" });
  assert.equal(lost.code, 1);
});

Deno.test("chat: in a pipe nobody's word is taken for granted", async () => {
  using scratch = new Scratch();
  const turns = [
    { toolCalls: [{ name: "write_file", input: { path: "a", text: "b" } }] },
    "I was not let.",
  ];
  const args = [...saying(scratch, turns), "--folder", scratch.folder("open")];
  const { stdout, stderr } = await agent(scratch, args, { stdin: "write\n" });
  assert.equal(stdout, "I was not let.\n");
  assert.match(stderr, /write_file denied/);
  assert.deepEqual([...Deno.readDirSync(`${scratch.path}/open`)], []);
});

testNeeding(
  [noTerminal],
  "chat: on a terminal with help, a question about a call, and Ctrl-C for an answer",
  async () => {
    using scratch = new Scratch();
    const turns = [
      { text: "Hello there." },
      { text: "I begin ", toolCalls: [{ name: "write_file", input: { path: "a.md", text: "b" } }] },
      { text: "It is written." },
      { toolCalls: [{ name: "write_file", input: { path: "a.md", text: "c" } }] },
      { text: "Never said.", delayMs: 120_000 },
    ];
    const args = [...saying(scratch, turns), "--folder", scratch.folder("open")];
    const { code, screen } = await typed(scratch, args, [
      [/> /, "/help\r"],
      [/Ctrl-C stops an answer[^]*> /, "hi\r"],
      [/Hello there\.[^]*> /, "write\r"],
      [/or say why not: /, "a\r"],
      [/It is written\.[^]*> /, "long\r"],
      // Before the program has read the line, Ctrl-C would be one at the prompt.
      [/long[^]*done: /, "\x03"],
      [/not finished \(cancelled\)[^]*> /, "/quit\r"],
    ]);
    assert.equal(code, 0, screen);
    assert.match(screen, /wants to call write_file/);
    assert.equal(Deno.readTextFileSync(`${scratch.path}/open/a.md`), "c");
  },
);
