/**
 * What the exports of the small areas answer to arguments that the TypeScript side never sends: a
 * status and a message, whatever the pointers and numbers are. Rules that all exports share are
 * tested beside this file.
 */

import assert from "assertions";
import { Status } from "../../src/native/generated/status_codes.ts";
import { open, symbolsOf, test } from "./support.ts";

/** The detail that a failed call left in its buffer. */
function detail(out: Uint8Array): { message: string; fields: Record<string, unknown> } {
  const length = new DataView(out.buffer).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(out.subarray(4, 4 + length)));
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test("agent_containers_engine() refuses what are no settings", () => {
  const { agent_containers_engine } = symbolsOf("container-orchestrator");
  const make = (settings: Uint8Array<ArrayBuffer> | null, length: number): number => {
    const out = new Uint8Array(512);
    return agent_containers_engine(settings, length, out, out.length);
  };
  const fixed = { authority: "x", tls: null, connectMs: 1000, mostIdle: 1 };
  for (
    const settings of [
      {},
      { ...fixed },
      { ...fixed, path: "relative" },
      { ...fixed, path: "/a\0b" },
      { ...fixed, addresses: ["localhost"], port: 1 },
      { ...fixed, addresses: ["127.0.0.1"], port: 65_536 },
      { ...fixed, addresses: [], port: 1 },
      { ...fixed, path: "/a", connectMs: -1 },
      { ...fixed, path: "/a", connectMs: 1e300 },
      { ...fixed, path: "/a", tls: { name: "x", usual: "", builtIn: false, ca: "no PEM" } },
    ]
  ) {
    const text = bytes(JSON.stringify(settings));
    assert.equal(make(text, text.length), Status.INVALID_ARGUMENT, JSON.stringify(settings));
  }
  assert.equal(make(null, 0), Status.INVALID_ARGUMENT);
  assert.equal(make(null, 9), Status.INVALID_ARGUMENT);
  assert.equal(make(new Uint8Array([0x7b, 0xff]), 2), Status.INVALID_ARGUMENT);
});

test("agent_containers_submit_exchange() refuses what is no engine, no order, and no ring", () => {
  const { agent_containers_engine, agent_containers_submit_exchange } = symbolsOf(
    "container-orchestrator",
  );
  const settings = bytes(
    '{"path":"/nowhere","authority":"x","tls":null,"connectMs":1000,"mostIdle":1}',
  );
  const made = new Uint8Array(512);
  assert.ok(agent_containers_engine(settings, settings.length, made, made.length) >= 8);
  const engine = new DataView(made.buffer).getFloat64(0, true);
  const submit = (engine: number, order: string, upload: number): [number, Uint8Array] => {
    const out = new Uint8Array(512);
    const text = bytes(order);
    const body = new Uint8Array(0);
    return [
      agent_containers_submit_exchange(
        ...[0, 1, engine, text, text.length, body, 0, 0, upload, 0, out, out.length] as const,
      ),
      out,
    ];
  };
  assert.notEqual(submit(0, "GET\n/", 0)[0], 0);
  assert.notEqual(submit(engine, "GET\n/", 12_345)[0], 0);
  for (const order of ["", "GET", "G T\n/", "GET\n/\nno colon", "GET\n/\na:\u0001"]) {
    assert.equal(submit(engine, order, 0)[0], Status.INVALID_ARGUMENT, order);
  }
  const [status, out] = submit(engine, "GET\n/", 0);
  assert.equal(status, Status.CLOSED);
  assert.match(detail(out).message, /Ring 0/);
  open("container-orchestrator").common("agent_ffi_handle_close")(engine);
});

test("agent_security_line() refuses names and other ports", () => {
  const symbols = symbolsOf("security-tools");
  const dial = (address: Uint8Array<ArrayBuffer> | null, port: number): number => {
    const out = new Uint8Array(512);
    return symbols.agent_security_line(address, address?.length ?? 0, port, out, out.length);
  };
  for (const address of ["", "localhost", "127.1", "[::1]", "::1%1", "127.0.0.1:80", "\0"]) {
    assert.equal(dial(bytes(address), 80), Status.INVALID_ARGUMENT, address);
  }
  assert.equal(dial(null, 80), Status.INVALID_ARGUMENT);
  for (const port of [0, 65_536, 4_294_967_295]) {
    assert.equal(dial(bytes("127.0.0.1"), port), Status.INVALID_ARGUMENT, `${port}`);
  }
});

test("agent_security_submit_scan() and _datagrams() refuse what is none, and no ring", () => {
  const symbols = symbolsOf("security-tools");
  const limits = '"timeoutMs":1,"limitMs":1,"concurrency":1';
  const submit = (
    name: "agent_security_submit_scan" | "agent_security_submit_datagrams",
    text: string,
  ): number => {
    const out = new Uint8Array(512);
    const request = bytes(text);
    return symbols[name](0, 1, request, request.length, out, out.length);
  };
  for (
    const [name, what, good, bad] of [
      [
        "agent_security_submit_scan",
        "addresses",
        `["::1"],"ports":[[1,1]]`,
        [`["localhost"],"ports":[[1,1]]`, `["::1"],"ports":[[0,1]]`, `["::1"],"ports":[[1,65536]]`],
      ],
      [
        "agent_security_submit_datagrams",
        "questions",
        `[["::1",1,"00"]]`,
        [`[["localhost",1,"00"]]`, `[["::1",65536,"00"]]`, `[["::1",1,"no"]]`, "{}"],
      ],
    ] as const
  ) {
    for (const value of bad) {
      const text = `{"${what}":${value},${limits}}`;
      assert.equal(submit(name, text), Status.INVALID_ARGUMENT, text);
    }
    assert.equal(submit(name, "no JSON"), Status.INVALID_ARGUMENT);
    assert.equal(submit(name, `{"${what}":${good},${limits}}`), Status.CLOSED);
  }
});

test("agent_monitor_memory() says how much room it needs", () => {
  const { agent_monitor_memory } = symbolsOf("performance-monitor");
  assert.equal(agent_monitor_memory(null, 0), Status.TOO_SMALL);
  const small = new Uint8Array(8);
  assert.equal(agent_monitor_memory(small, small.length), Status.TOO_SMALL);
  const needed = new DataView(small.buffer).getUint32(0, true);
  assert.ok(needed > small.length);
  // The figures may get a digit longer until the next call.
  const large = new Uint8Array(needed + 64);
  const written = agent_monitor_memory(large, large.length);
  assert.ok(written > 0, `${written}`);
  const { total } = JSON.parse(new TextDecoder().decode(large.subarray(0, written)));
  assert.ok(total > 0);
});
