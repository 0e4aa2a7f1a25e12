/** The options of limiters: all kinds refuse alike. */

import assert from "assertions";
import { createLimiter } from "../../../src/http/limiter/mod.ts";
import { wrong } from "../../support/values.ts";
import "../../support/default_twin.ts";

Deno.test("limiter: wrong options are refused", () => {
  const refused: [unknown, string][] = [
    [null, "options must be an object, got null"],
    [
      { requestsPerMinute: 0 },
      "options.requestsPerMinute must be a whole number of at least 1 and at most 1000000000000, got 0",
    ],
    [
      { tokensPerMinute: 1.5 },
      "options.tokensPerMinute must be a whole number of at least 1 and at most 1000000000000, got 1.5",
    ],
    [{ concurrency: "2" }, 'options.concurrency must be a number, got "2"'],
    [
      { requestsPerSecond: 0 },
      "options.requestsPerSecond must be at least 0.001 and at most 1000000000000, got 0",
    ],
    [
      { requestsPerSecond: NaN },
      "options.requestsPerSecond must be at least 0.001 and at most 1000000000000, got NaN",
    ],
    [
      { leaseMs: 999 },
      "options.leaseMs must be a whole number of at least 1000 and at most 86400000, got 999",
    ],
    [{ name: "" }, 'options.name must be a string of 1 to 200 characters, got ""'],
    [
      { shared: "preferred" },
      "options.name must be a string where options.shared is given, got undefined",
    ],
    [
      { name: "x", shared: "maybe" },
      'options.shared must be "required" or "preferred", got "maybe"',
    ],
    [
      { redis: "redis://127.0.0.1" },
      "options.name must be a string where options.redis is given, got undefined",
    ],
    [
      { name: "x", redisTimeoutMs: 5 },
      "options.redis must be a URL where options.redisTimeoutMs is given, got undefined",
    ],
    [
      { implementation: "rust" },
      'options.implementation must be "auto", "native" or "pure", got "rust"',
    ],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => createLimiter(wrong(options)), { message });
  }
  const secret = { name: "x", redis: "http://user:secret@127.0.0.1" };
  assert.throws(
    () => createLimiter(secret),
    (error: Error) => error instanceof TypeError && !error.message.includes("secret"),
  );
});

Deno.test("limiter: without a permission, a limiter in Redis says so when it is used", async () => {
  // Made, it opens nothing.
  const limiter = createLimiter({ name: "x", redis: "redis://127.0.0.1:1", concurrency: 1 });
  assert.equal(limiter.shared, true);
  await assert.rejects(
    limiter.reserve(),
    (error: { code?: string }) => error.code === "UNAVAILABLE" || error.code === "PERMISSION",
  );
  await limiter.close();
});
