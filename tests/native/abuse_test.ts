/** What no well-behaved caller does, done to every kind of export on the library that ships. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { ContentPacker, Scratch, StringPacker } from "../../src/native/pack.ts";
import { Status } from "../../src/native/generated/status_codes.ts";
import { NativeHandle } from "../../src/native/handle.ts";
import { commonSymbols, resultOf, test } from "./support.ts";

const common = commonSymbols();
const foreign = commonSymbols("security-tools");

function echo(bytes: Uint8Array<ArrayBuffer>, length = bytes.length): Uint8Array {
  return resultOf(
    "echo",
    (out, capacity) => common.agent_ffi_test_echo(bytes, length, out, capacity),
  ).slice();
}

test("empty input is legal, as an empty buffer and as null", () => {
  assert.equal(echo(new Uint8Array(0)).length, 0);
  assert.equal(common.agent_ffi_test_echo(null, 0, null, 0), 0);
});

test("null with a length is refused, with its detail", () => {
  assert.throws(
    () => resultOf("echo", (out, capacity) => common.agent_ffi_test_echo(null, 5, out, capacity)),
    TypeError,
  );
  assert.equal(common.agent_ffi_test_echo(null, 5, null, 0), Status.INVALID_ARGUMENT);
});

test("64 MiB go through whole, by the answer too small", () => {
  const bytes = new Uint8Array(64 << 20);
  for (let index = 0; index < bytes.length; index += 4096) bytes[index] = index >> 12;
  assert.deepEqual(echo(bytes), bytes);
});

test("too small says the size needed, whatever the buffer", () => {
  const bytes = new Uint8Array(100).fill(7);
  for (let capacity = 0; capacity < 100; capacity++) {
    const out = new Uint8Array(capacity);
    assert.equal(common.agent_ffi_test_echo(bytes, 100, out, capacity), Status.TOO_SMALL);
    if (capacity >= 4) assert.equal(new DataView(out.buffer).getUint32(0, true), 100);
  }
});

test("NUL bytes are bytes", () => {
  const bytes = new Uint8Array([0, 1, 0, 0, 2, 0]);
  assert.deepEqual(echo(bytes), bytes);
});

test("a panic becomes INTERNAL, again and again", () => {
  for (let round = 0; round < 100; round++) {
    assert.throws(
      () => resultOf("panic", (out, capacity) => common.agent_ffi_test_panic(out, capacity)),
      (error) => AgentError.is(error, "INTERNAL") && /on purpose/.test(error.message),
    );
  }
  assert.equal(common.agent_ffi_test_panic(null, 0), Status.PANIC);
});

test("a handle is closed once; stale, odd and foreign ones are none", () => {
  const live = common.agent_ffi_live_handles();
  const handle = common.agent_ffi_test_handle();
  assert.ok(handle > 0);
  const other = foreign.agent_ffi_test_handle();
  assert.notEqual(handle, other);
  assert.equal(common.agent_ffi_handle_close(other), 0, "another library's");
  for (const odd of [0, -1, 0.5, NaN, Infinity, handle + 1, handle + 0.5, 2 ** 60]) {
    assert.equal(common.agent_ffi_handle_close(odd), 0, String(odd));
  }
  assert.equal(common.agent_ffi_handle_close(handle), 1);
  assert.equal(common.agent_ffi_handle_close(handle), 0);
  assert.equal(foreign.agent_ffi_handle_close(other), 1);
  assert.equal(common.agent_ffi_live_handles(), live);
});

test("a NativeHandle closes once, by hand or by using, and says when it is closed", () => {
  class Thing extends NativeHandle {
    use(): number {
      return this.handle;
    }
  }
  const live = common.agent_ffi_live_handles();
  const thing = new Thing("core-utils", common.agent_ffi_test_handle(), "thing");
  assert.ok(thing.use() > 0);
  thing.close();
  thing.close();
  assert.throws(() => thing.use(), (error) => AgentError.is(error, "CLOSED"));
  {
    using inner = new Thing("core-utils", common.agent_ffi_test_handle(), "thing");
    assert.equal(inner.closed, false);
  }
  assert.equal(common.agent_ffi_live_handles(), live);
});

test("another isolate's ring is closed to us; odd rings are too", async () => {
  for (const ring of [0, -1, NaN, 1e18, 0.5]) {
    assert.equal(common.agent_ffi_ring_take(ring, new Uint8Array(64), 64), Status.CLOSED);
    assert.equal(common.agent_ffi_ring_close(ring), 0);
    assert.equal(await common.agent_ffi_ring_wait(ring, 1), 0);
  }
});

test("entering with odd numbers is refused", () => {
  for (const [isolate, library] of [[0, 1], [NaN, 1], [-5, 1], [2 ** 53, 1], [1, 0], [1, 8]]) {
    const out = new Uint8Array(256);
    assert.equal(common.agent_ffi_enter(isolate!, library!, out, 256), Status.INVALID_ARGUMENT);
  }
});

test("Scratch.encode() equals TextEncoder, whatever the text", () => {
  const scratch = new Scratch();
  const encoder = new TextEncoder();
  const texts = [
    "",
    "a",
    "short ascii",
    "ein längerer Text mit Umlauten und noch mehr davon",
    "\0\0",
    "\ud800",
    "x\udc00y",
    "😀".repeat(5000),
    "é".repeat(300),
    "a".repeat(100_000) + "字".repeat(100_000),
  ];
  for (const text of texts) {
    const length = scratch.encode(text);
    assert.deepEqual(scratch.bytes.slice(0, length), encoder.encode(text));
  }
  scratch.release();
  assert.equal(scratch.encode("again"), 5);
});

test("StringPacker keeps surrogates of neighbours apart", () => {
  const packed = new StringPacker().pack(["a\ud83d", "\ude00b", "", "😀"]);
  assert.equal(packed.count, 4);
  assert.deepEqual([...packed.lengths.subarray(0, 4)], [2, 2, 0, 2]);
  const text = new TextDecoder().decode(packed.bytes.subarray(0, packed.byteLength));
  assert.equal(text, "a\ufffd\n\ufffdb\n\n😀");
});

test("ContentPacker puts texts and bytes one behind the other, lengths in bytes", () => {
  const packed = new ContentPacker().pack(["é", Uint8Array.of(1, 2), "", "a\ud800"]);
  assert.equal(packed.count, 4);
  assert.deepEqual([...packed.lengths.subarray(0, 4)], [2, 2, 0, 4]);
  const bytes = [...packed.bytes.subarray(0, packed.byteLength)];
  assert.deepEqual(bytes, [0xc3, 0xa9, 1, 2, 0x61, 0xef, 0xbf, 0xbd]);
});
