/** What of an engine's words is understood: frames, lines, versions, capabilities, targets and failures. */

import assert from "assertions";
import fc from "fast-check";
import { readCapabilities } from "../../src/containers/engine/capabilities.ts";
import {
  EngineFault,
  explain,
  messageIn,
  statusError,
} from "../../src/containers/engine/errors.ts";
import { readFrames } from "../../src/containers/engine/frames.ts";
import { negotiate, parseApiVersion, readPing } from "../../src/containers/engine/negotiate.ts";
import { readLines } from "../../src/containers/engine/read.ts";
import { segment, target } from "../../src/containers/engine/target.ts";
import { parseEngineHost } from "../../src/containers/host.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { CASES, checkAsync } from "../support/arbitraries.ts";

const { test } = Deno;
const encoder = new TextEncoder();
const HOST = parseEngineHost("unix:///run/engine.sock");

/** Bytes in pieces, cut at these places. */
async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)];
  for (const [at, from] of cuts.entries()) {
    yield bytes.slice(from, cuts[at + 1] ?? bytes.length);
  }
}

function frame(kind: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(8 + bytes.length);
  whole[0] = kind;
  new DataView(whole.buffer).setUint32(4, bytes.length);
  whole.set(bytes, 8);
  return whole;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

test("frames are the same wherever the stream is cut", async () => {
  const content = fc.uint8Array({ maxLength: 40 });
  const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), content), { maxLength: 8 });
  const places = fc.array(fc.nat(500), { maxLength: 30 });
  await checkAsync(
    fc.asyncProperty(frames, places, async (made, where) => {
      const stream = joined(made.map(([kind, bytes]) => frame(kind, bytes)));
      const found = { stdout: [] as number[], stderr: [] as number[] };
      let begins = 0;
      for await (const piece of readFrames(cut(stream, where), false)) {
        found[piece.stream].push(...piece.bytes);
        if (piece.begins) begins++;
      }
      const of = (wanted: boolean): number[] =>
        made.filter(([kind]) => (kind === 2) === wanted).flatMap(([, bytes]) => [...bytes]);
      assert.deepEqual(found, { stdout: of(false), stderr: of(true) });
      assert.equal(begins, made.filter(([, bytes]) => bytes.length > 0).length);
    }),
    CASES / 4,
  );
});

test("a terminal has no frames", async () => {
  const found = await Array.fromAsync(readFrames(cut(frame(1, encoder.encode("ab")), [3]), true));
  assert.ok(found.every(({ stream, begins }) => stream === "stdout" && begins));
  assert.deepEqual(joined(found.map(({ bytes }) => bytes)), frame(1, encoder.encode("ab")));
});

test("a stream that is none of frames, or ends within one, is a fault", async () => {
  const whole = frame(1, encoder.encode("abc"));
  const cases: [Uint8Array, string][] = [
    [encoder.encode("hello, world"), "protocol"],
    [joined([whole, new Uint8Array([1, 1, 0, 0, 0, 0, 0, 1, 9])]), "protocol"],
    [joined([whole, new Uint8Array([4, 0, 0, 0, 0, 0, 0, 1, 9])]), "protocol"],
    [whole.slice(0, 5), "reset"],
    [whole.slice(0, 9), "reset"],
    [joined([whole, frame(3, encoder.encode("the engine's own words"))]), "protocol"],
  ];
  for (const [bytes, kind] of cases) {
    await assert.rejects(Array.fromAsync(readFrames(cut(bytes, [2, 7]), false)), (error) => {
      assert.ok(error instanceof EngineFault && error.kind === kind, `${error}`);
      return true;
    });
  }
});

test("lines of JSON are the same wherever the stream is cut", async () => {
  const values = fc.array(fc.jsonValue(), { maxLength: 8 });
  const places = fc.array(fc.nat(2_000), { maxLength: 20 });
  const end = fc.constantFrom("\n", "\r\n");
  await checkAsync(
    fc.asyncProperty(values, places, end, fc.boolean(), async (made, where, newline, isEnded) => {
      const text = made.map((value) => JSON.stringify(value)).join(newline);
      const bytes = encoder.encode(isEnded ? text + newline : text);
      const found = await Array.fromAsync(readLines(cut(bytes, where)));
      assert.equal(JSON.stringify(found), JSON.stringify(made));
    }),
    CASES / 4,
  );
});

test("the version that is spoken is the newest of both", () => {
  const spoken = (newest: string, oldest?: string): string =>
    negotiate(HOST, parseApiVersion(newest)!, parseApiVersion(oldest));
  assert.equal(spoken("1.41", "1.12"), "1.41");
  assert.equal(spoken("1.41"), "1.41");
  assert.equal(spoken("1.52", "1.44"), "1.52");
  assert.equal(spoken("1.60", "1.44"), "1.53");
  for (
    const [newest, oldest, words] of [
      ["1.40", undefined, /speaks API 1\.40 at most.*oldest is 1\.41/],
      ["1.70", "1.54", /speaks API 1\.54 at least.*newest is 1\.53/],
    ] as const
  ) {
    assert.throws(() => spoken(newest, oldest), (error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
      assert.match(error.message, words);
      return true;
    });
  }
});

test("an engine says who it is in the fields of its ping", () => {
  const ping = (fields: Record<string, string>) =>
    readPing(HOST, { header: (name) => fields[name] ?? null });
  assert.deepEqual(ping({ "api-version": "1.41", server: "Docker/20.10.24 (linux)" }), {
    engine: "docker",
    newest: [1, 41],
    version: undefined,
  });
  for (
    const [field, said] of [["libpod-api-version", "4.3.1"], ["server", "Libpod/4.3.1 (linux)"]]
  ) {
    const expected = { engine: "podman", newest: [1, 41], version: "4.3.1" };
    assert.deepEqual(ping({ "api-version": "1.41", [field!]: said! }), expected);
  }
  for (const version of ["", "1", "1.x", "v1.41", "1.41.0"]) {
    const asked = (): unknown => ping({ "api-version": version });
    assert.throws(asked, (error) => AgentError.is(error, "UNSUPPORTED"));
  }
});

test("what an engine does not say of itself is null", () => {
  const unknown = readCapabilities({}, "docker");
  for (const name of ["os", "arch", "cpus", "memoryBytes", "cgroupVersion", "swarm"] as const) {
    assert.equal(unknown[name], null, name);
  }
  assert.deepEqual(unknown.limits, { memory: null, swap: null, cpu: null, pids: null });
  const known = readCapabilities({
    SecurityOptions: ["name=seccomp,profile=default", "name=rootless", "name=cgroupns"],
    CgroupVersion: "2",
    Runtimes: { runsc: {}, runc: {} },
    Swarm: { LocalNodeState: "active", ControlAvailable: false },
    MemoryLimit: false,
  }, "docker");
  assert.deepEqual(
    [known.seccomp, known.rootless, known.apparmor, known.cgroupNamespaces, known.cgroupVersion],
    [true, true, false, true, 2],
  );
  assert.deepEqual(known.runtimes, ["runc", "runsc"]);
  assert.equal(known.swarm, "worker");
  assert.equal(known.limits.memory, false);
});

test("a name in a path never leads to another endpoint", () => {
  assert.equal(segment("registry:5000/a/b:1@sha256:ab", "image"), "registry:5000/a/b:1@sha256:ab");
  assert.equal(segment("é?#%", "id"), "%C3%A9%3F%23%25");
  for (
    const value of [
      "",
      ".",
      "..",
      "a/..",
      "../a",
      "a//b",
      "/a",
      "a/",
      "a b",
      "a\n",
      "a\0",
      "\ud800",
    ]
  ) {
    assert.throws(() => segment(value, "id"), RangeError, JSON.stringify(value));
  }
  assert.equal(
    target("1.41", "/containers/json", { all: 1, none: undefined, filters: { a: ["b&c"] } }),
    "/v1.41/containers/json?all=1&filters=%7B%22a%22%3A%5B%22b%26c%22%5D%7D",
  );
  for (
    const path of ["", "containers", "/a b", "/a?b", "/a#b", "/a/../b", "/a/.", "//a", "/a\r\nb"]
  ) {
    assert.throws(() => target("1.41", path), RangeError, path);
  }
});

test("each status is an error of its own code, with the engine's words", () => {
  const body = encoder.encode('{"message":"the engine\\u0007s own\\nwords"}');
  for (
    const [status, code] of [
      [400, "UNSUPPORTED"],
      [401, "PERMISSION"],
      [403, "PERMISSION"],
      [404, "NOT_FOUND"],
      [405, "UNSUPPORTED"],
      [409, "UNAVAILABLE"],
      [418, "IO"],
      [500, "IO"],
      [501, "UNSUPPORTED"],
      [503, "IO"],
    ] as const
  ) {
    const error = statusError(HOST, "GET /x", status, body);
    assert.equal(error.code, code);
    assert.equal(error.status, status);
    assert.match(error.message, /the engine s own words/);
  }
  for (
    const words of [
      "No such container: lab",
      'no container with name or ID \\"lab\\" found: no such container',
    ]
  ) {
    const gone = statusError(HOST, "GET /x", 404, encoder.encode(`{"message":"${words}"}`));
    assert.equal(gone.message, `There is no container lab on the engine at ${HOST.text}`);
    assert.deepEqual([gone.code, gone.details, gone.status], ["NOT_FOUND", { what: "lab" }, 404]);
  }
  const paused = encoder.encode('{"message":"x is already paused: container state improper"}');
  assert.equal(statusError(HOST, "POST /x", 500, paused).code, "UNAVAILABLE");
  assert.equal(messageIn(encoder.encode("plain\r\n")), "plain");
  assert.equal(messageIn(encoder.encode("null")), "null");
  assert.ok(messageIn(new Uint8Array(1_000_000).fill(97)).length < 3_000);
});

test("a socket that this user may not use is told so, and how to mend it", () => {
  const fault = new EngineFault("connect", "Permission denied (os error 13)");
  const error = explain(HOST, "GET /_ping", fault);
  assert.ok(AgentError.is(error, "PERMISSION"));
  assert.match(
    error.message,
    /^This user may not use the socket \/run\/engine\.sock\. Join .*usermod/,
  );
  const far = explain(parseEngineHost("tcp://127.0.0.1:1"), "GET /_ping", fault);
  assert.ok(AgentError.is(far, "IO"));
});
