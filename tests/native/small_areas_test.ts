/**
 * What the exports of the small areas answer to arguments that the TypeScript side never sends: a
 * status and a message, whatever the pointers and numbers are. Rules that all exports share are
 * tested beside this file.
 */

import assert from "assertions";
import { Status } from "../../src/native/generated/status_codes.ts";
import { symbolsOf, test } from "./support.ts";

/** The detail that a failed call left in its buffer. */
function detail(out: Uint8Array): { message: string; fields: Record<string, unknown> } {
  const length = new DataView(out.buffer).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(out.subarray(4, 4 + length)));
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test("agent_containers_submit_ping() refuses what is no host, and no ring", () => {
  const symbols = symbolsOf("container-orchestrator");
  const submit = (host: Uint8Array<ArrayBuffer> | null, length: number): [number, Uint8Array] => {
    const out = new Uint8Array(512);
    const { agent_containers_submit_ping } = symbols;
    return [agent_containers_submit_ping(0, 1, host, length, 100, out, out.length), out];
  };
  for (
    const host of [
      "",
      "unix://",
      "tcp://localhost:1",
      "tcp://127.0.0.1:65536",
      "\0",
      "a".repeat(99),
    ]
  ) {
    const [status, out] = submit(bytes(host), host.length);
    assert.equal(status, Status.INVALID_ARGUMENT, host);
    assert.equal(detail(out).fields["host"], host);
  }
  assert.equal(submit(null, 0)[0], Status.INVALID_ARGUMENT);
  assert.equal(submit(null, 9)[0], Status.INVALID_ARGUMENT);
  assert.equal(submit(new Uint8Array([0x75, 0xff]), 2)[0], Status.INVALID_ARGUMENT);
  const [status, out] = submit(bytes("tcp://127.0.0.1:1"), 17);
  assert.equal(status, Status.CLOSED);
  assert.match(detail(out).message, /Ring 0/);
});

test("agent_security_submit_probe() refuses names, other ports, and no ring", () => {
  const symbols = symbolsOf("security-tools");
  const submit = (address: Uint8Array<ArrayBuffer> | null, port: number): number => {
    const out = new Uint8Array(512);
    const length = address?.length ?? 0;
    const { agent_security_submit_probe } = symbols;
    return agent_security_submit_probe(0, 1, address, length, port, 100, out, out.length);
  };
  for (const address of ["", "localhost", "127.1", "[::1]", "::1%1", "127.0.0.1:80", "\0"]) {
    assert.equal(submit(bytes(address), 80), Status.INVALID_ARGUMENT, address);
  }
  assert.equal(submit(null, 80), Status.INVALID_ARGUMENT);
  for (const port of [0, 65_536, 4_294_967_295]) {
    assert.equal(submit(bytes("127.0.0.1"), port), Status.INVALID_ARGUMENT, `${port}`);
  }
  assert.equal(submit(bytes("127.0.0.1"), 1), Status.CLOSED);
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
