/** Files of data that are packages: what holds, what is damaged, what cannot be had. */

import assert from "assertions";
import { createHash } from "node:crypto";
import { AgentError } from "@agent/runtime";
import { fromPackage } from "../../src/native/data_file.ts";
import { packagedData } from "../../src/native/data_package.ts";

const BYTES = new TextEncoder().encode("weights");
const FACTS = {
  file: "some.enc",
  what: "weights",
  bytes: BYTES.length,
  sha256: createHash("sha256").update(BYTES).digest("hex"),
};

/** A module as a package has it. */
function module(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

Deno.test("data packages: what a package gives is compared with what it should be", async () => {
  const given = (bytes: Uint8Array) =>
    fromPackage(module(`export default "${bytes.toBase64()}"`), FACTS);
  assert.deepEqual(await given(BYTES), BYTES);
  const other = BYTES.slice();
  other[0]! ^= 1;
  for (const bytes of [other, BYTES.slice(1), new Uint8Array(0)]) {
    const error = await given(bytes).catch((error) => error);
    assert.ok(AgentError.is(error, "CORRUPT"), String(error));
    assert.match(error.message, /is not the weights of this version/);
  }
});

Deno.test("data packages: one that cannot be had, or is none, says why", async () => {
  const cases: [specifier: string, reason: RegExp][] = [
    [module("export default 7"), /base64|string/i],
    [module("export default 'no base64!'"), /base64/i],
    [module("export const other = 1"), /./],
    [module("throw new Error('not today')"), /not today/],
    [module("export default"), /./],
    ["http://127.0.0.1:9/index.js", /127\.0\.0\.1:9/],
    ["no specifier", /no specifier/],
  ];
  for (const [specifier, reason] of cases) {
    const answer = await packagedData(specifier);
    assert.ok("reason" in answer, specifier);
    assert.match(answer.reason, reason);
  }
  const error = await fromPackage("http://127.0.0.1:9/index.js", FACTS).catch((error) => error);
  assert.ok(AgentError.is(error, "IO"), String(error));
  assert.match(error.message, /with the weights cannot be had: .*run: deno cache http:/);
});
