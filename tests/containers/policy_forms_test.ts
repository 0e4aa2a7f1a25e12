/** What callers give as a spec that is no plain data: holes, classes, getters, arrays with methods of their own. */

import assert from "assertions";
import { createBody, type EngineFacts, knownFields } from "../../src/containers/policy/mod.ts";
import { buildImage } from "../../src/containers/container/images.ts";
import { planExec } from "../../src/containers/container/exec_options.ts";
import { readDevcontainer } from "../../src/containers/templates/devcontainer.ts";
import { fillTemplate } from "../../src/containers/templates/mod.ts";
import { readTemplate } from "../../src/containers/templates/read.ts";
import { wrong } from "../support/values.ts";

const DOCKER: EngineFacts = { engine: "docker", apiVersion: "1.41" };
const SANDBOX = { profile: "sandbox", kind: "run", image: "busybox:1.36" };
const body = (spec: object) => createBody(wrong(spec), DOCKER);

/** An array with nothing at an index. */
function withHole(length: number, index: number): unknown[] {
  const array = Array<unknown>(length).fill("x");
  delete array[index];
  return array;
}

Deno.test("policy: a hole in an array is no value", () => {
  assert.throws(() => body({ ...SANDBOX, command: withHole(3, 1) }), /command\[1\].*undefined/);
  assert.throws(() => body({ ...SANDBOX, entrypoint: withHole(1, 0) }), /entrypoint\[0\]/);
  assert.throws(() => body({ ...SANDBOX, dns: withHole(1, 0) }), /dns\[0\]/);
  for (const field of ["tmpfs", "mounts", "ports"]) {
    assert.throws(
      () => body({ ...SANDBOX, [field]: withHole(1, 0) }),
      (error) => error instanceof TypeError && error.message.includes(`spec.${field}[0]`),
      field,
    );
  }
  assert.throws(() => planExec(wrong(withHole(2, 1)), {}), /command\[1\]/);
});

Deno.test("policy: methods of an array are not asked what is in it", () => {
  class Own extends Array<unknown> {
    override map<T>(): T[] {
      return wrong([{
        kind: "bind",
        source: "/",
        target: "/machine",
        readOnly: false,
        labels: {},
      }]);
    }
  }
  const mounts = new Own();
  mounts.push({ kind: "bind", source: "/", target: "/machine", readOnly: false });
  assert.throws(() => body({ ...SANDBOX, mounts }), /the whole file system/);
});

Deno.test("policy: fields are a plain object's own, and read once", () => {
  class Spec {
    get limits(): object {
      return { memoryBytes: 1 << 23 };
    }
  }
  // Else its bound would be left out without a word.
  assert.throws(() => body(Object.assign(new Spec(), SANDBOX)), /spec must be a plain object/);
  assert.throws(() => body(Object.create(SANDBOX)), TypeError);
  assert.throws(() => planExec(["x"], wrong(null)), /options must be an object/);
  let reads = 0;
  const spec = {
    ...SANDBOX,
    get user(): string {
      return reads++ === 0 ? "1:1" : "0:0";
    },
  };
  assert.equal(body(spec).body.User, "1:1");
  assert.equal(reads, 1);
  assert.equal(Object.getPrototypeOf(knownFields({ a: 1 }, "x", ["a"])), null);
});

Deno.test("policy: the steps of a build get no network of others", async () => {
  for (const network of ["host", "HOST", "container:x", "ns:/proc/1/ns/net", ""]) {
    const events = buildImage(wrong(null), {}, { network });
    await assert.rejects(events.next(), /options.network/, network);
  }
});

Deno.test("templates: an option may have the name of what every object has", () => {
  const option = { type: "string", default: "a", description: "d", to: { env: "A" } };
  const template = readTemplate(
    {
      ...{ id: "mine", version: "1.0.0", name: "n", description: "d", image: "busybox" },
      options: { constructor: option, toString: option },
    },
    { source: "folder", files: new Map() },
    "template",
  );
  assert.deepEqual(fillTemplate(template).env, { A: "a" });
  assert.throws(() => fillTemplate(template, { toString: null }), /toString must be a string/);
});

Deno.test("templates: a prototype in a devcontainer.json gives it nothing", () => {
  const text = `{ "__proto__": { "image": "evil", "containerEnv": { "T": "\${localEnv:T}" } } }`;
  assert.throws(() => readDevcontainer(text), TypeError);
});
