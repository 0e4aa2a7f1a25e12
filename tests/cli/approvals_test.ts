/** What a person at the terminal is shown before they say yes. */

import assert from "assertions";
import { approvals } from "../../src/cli/approvals.ts";
import type { Approve } from "../../src/agent/loop/types.ts";

Deno.test("approvals: what nobody would see is shown, and means the same", async () => {
  const hidden = "a\u200b\u2060\ufeff\u00ad\u202e\u{e0041}\u3164\ue000\u001b[2J\n b\u0085";
  const input = { text: hidden, "k\u200by": ["Grüße, 猫, Ω"] };
  let question = "";
  const approve = approvals([], (asked) => {
    question = asked;
    return Promise.resolve("y");
  });
  const call = { id: "1", name: "do", arguments: "{}", input } as unknown as Parameters<Approve>[0];
  assert.equal(await approve(call, { signal: new AbortController().signal }), "allow");
  assert.doesNotMatch(question.replaceAll("\n", ""), /[\p{C}\u2028\u2029\u3164]/u);
  const shown = question.slice(question.indexOf("{"), question.lastIndexOf("}") + 1);
  assert.deepEqual(JSON.parse(shown), input);
  assert.ok(shown.includes("Grüße, 猫, Ω"));
});
