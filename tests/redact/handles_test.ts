/** What the native engines of redaction hold, and what a replacement may do while one is at work. */

import assert from "node:assert/strict";
import { prepareRedaction, redact, redactor } from "@agent/runtime/text";
import { redactDoor } from "../../src/ffi/doors/redact.ts";

const { common } = redactDoor.require();
const native = { implementation: "native" } as const;

Deno.test("options made anew for each text do not fill native memory", () => {
  const first = prepareRedaction({ literals: ["first"], ...native });
  const live = common.agent_ffi_live_handles();
  for (let i = 0; i < 3000; i++) {
    const { text } = redact(`key number ${i}`, { rules: [], literals: [`number ${i}`], ...native });
    assert.equal(text, "key [LITERAL]");
  }
  const held = common.agent_ffi_live_handles() - live;
  assert.ok(held <= 1024, `${held} engines are held`);
  assert.equal(first.redact("the first one").text, "the [LITERAL] one");
});

Deno.test("a replacement may redact something itself, in a stream too", async () => {
  const inner = { rules: [], literals: ["ab", "c"], ...native } as const;
  const options = {
    rules: [],
    literals: ["one", "two", "three"],
    replace: ({ value }: { value: string }): string => {
      redact("ab c ab c ab c ab c", inner);
      return value.toUpperCase();
    },
    ...native,
  };
  const text = "one two three, three two one";
  assert.equal(redact(text, options).text, text.toUpperCase());
  const output = ReadableStream.from([text]).pipeThrough(redactor(options));
  assert.equal((await Array.fromAsync(output)).join(""), text.toUpperCase());
});
