/** The plain judge of JSON Schemas says the same as a full one, or that it does not know. */

import assert from "assertions";
import fc from "fast-check";
import { Validator } from "@cfworker/json-schema";
import type { JsonValue } from "../../src/shared/json.ts";
import { plainJudge } from "../../src/shared/plain_schema.ts";

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("", "a", "äöü", "👍", true, null),
);
const word = fc.constantFrom("a", "b", "c");

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(word, tie("any"), { maxKeys: 3 }),
  ),
})).any;

const types = fc.constantFrom("object", "array", "string", "number", "integer", "boolean", "null");
const small = fc.integer({ min: 0, max: 3 });
const schema = fc.letrec((tie) => ({
  any: fc.record({
    type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
    enum: fc.array(scalar, { minLength: 1, maxLength: 4 }),
    required: fc.uniqueArray(word),
    properties: fc.oneof(
      { depthSize: "xsmall" },
      fc.constant({}),
      fc.dictionary(word, tie("any"), { maxKeys: 2 }),
    ),
    additionalProperties: fc.oneof({ depthSize: "xsmall" }, fc.boolean(), tie("any")),
    items: fc.oneof({ depthSize: "xsmall" }, fc.constant(true), tie("any")),
    minimum: fc.integer({ min: -2, max: 2 }),
    exclusiveMaximum: small,
    minLength: small,
    maxLength: small,
    minItems: small,
    maxItems: small,
    description: fc.constant("words"),
  }, { requiredKeys: [], noNullPrototype: true }),
})).any;

Deno.test("plainJudge() judges as a full validator does", () => {
  fc.assert(
    fc.property(schema, value, (shape, given) => {
      const judge = plainJudge(shape as { [key: string]: JsonValue });
      assert.ok(judge);
      const { valid } = new Validator(shape as object, "2020-12").validate(given);
      assert.equal(judge(given).length === 0, valid, JSON.stringify([shape, given]));
    }),
    { seed: 20261128, numRuns: 400 },
  );
});

Deno.test("plainJudge() does not judge what it does not know", () => {
  const unknown: { [key: string]: JsonValue }[] = [
    ...[{ pattern: "a" }, { oneOf: [] }, { $ref: "#" }, { type: "text" }, { enum: [{}] }],
  ];
  for (const more of unknown) {
    assert.equal(plainJudge({ properties: { a: more } }), undefined);
    assert.equal(plainJudge({ items: more }), undefined);
  }
});

Deno.test("plainJudge() names the place, and ends after some faults", () => {
  const judge = plainJudge({
    type: "object",
    properties: { list: { type: "array", items: { type: "string" } } },
    required: ["list"],
    additionalProperties: false,
  })!;
  assert.deepEqual(judge({ list: ["a", 1] }), ["list.1 must be of type string"]);
  assert.deepEqual(judge({ more: 1 }).sort(), ["list is missing", "more is not known"]);
  assert.equal(judge({ list: Array.from({ length: 100 }, () => 0) }).length, 5);
});
