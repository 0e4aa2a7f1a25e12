/** How large a job's JSON may be. */

import assert from "assertions";
import { toJson } from "../../src/queue/json.ts";
import { AgentError } from "../../src/shared/errors.ts";

Deno.test("queue: JSON that is too large is refused, also what no string can hold", () => {
  const half = "x".repeat(2 ** 27);
  const twice = half + half;
  assert.equal(toJson(half, "data").length, 2 ** 27 + 2);
  for (const value of [`${twice}x`, { a: [half, half] }, [twice, twice]]) {
    assert.throws(() => toJson(value, "data[1]"), (error) => {
      assert.ok(AgentError.is(error, "TOO_LARGE"));
      assert.match(error.message, /^data\[1\] is too large for a job: .* 268,435,456 characters/);
      assert.equal(error.details.what, "data[1]");
      return true;
    });
  }
});
