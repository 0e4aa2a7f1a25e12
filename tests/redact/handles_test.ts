/** What the native engines of redaction hold, and what a replacement may do while one is at work. */

import assert from "assertions";
import { hash, prepareRedaction, redact, RedactionVault, redactor } from "@agent/runtime/text";
import { heldBy, NATIVE, testOf, twins } from "../support/twins.ts";

const { native } = twins("text");
const held = heldBy("text");

testOf("redact", native, "options made anew for each text do not fill native memory", () => {
  const first = prepareRedaction({ literals: ["first"], ...NATIVE });
  const live = held.handles();
  for (let i = 0; i < 3000; i++) {
    const { text } = redact(`key number ${i}`, { rules: [], literals: [`number ${i}`], ...NATIVE });
    assert.equal(text, "key [LITERAL]");
  }
  const engines = held.handles() - live;
  assert.ok(engines <= 1024, `${engines} engines are held`);
  assert.equal(first.redact("the first one").text, "the [LITERAL] one");
});

testOf("redact", native, "a replacement may redact something itself, in a stream too", async () => {
  const inner = { rules: [], literals: ["ab", "c"], ...NATIVE } as const;
  const options = {
    rules: [],
    literals: ["one", "two", "three"],
    replace: ({ value }: { value: string }): string => {
      redact("ab c ab c ab c ab c", inner);
      return value.toUpperCase();
    },
    ...NATIVE,
  };
  const text = "one two three, three two one";
  assert.equal(redact(text, options).text, text.toUpperCase());
  const output = ReadableStream.from([text]).pipeThrough(redactor(options));
  assert.equal((await Array.fromAsync(output)).join(""), text.toUpperCase());
});

testOf("redact", native, "a vault of the caller's may call into native code", () => {
  class HashVault extends RedactionVault {
    override placeholder(rule: string, value: string): string {
      return `[${rule} ${hash(value, NATIVE).slice(0, 4)}]`;
    }
  }
  const text = "ada@example.org, 192.168.0.1, bob@example.org and +44 20 7946 0958";
  const replace = (implementation: "native" | "pure"): string =>
    redact(text, { replace: new HashVault(), implementation }).text;
  assert.equal(replace("native"), replace("pure"));
  assert.ok(!/@|192|7946/.test(replace("native")));
});
