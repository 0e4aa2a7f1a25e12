/** The exports `agent_core_tokens_*` called as no twin of ours calls them: answers, never a crash. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { loadEncoding } from "@agent/runtime/text";
import { tokensLoad } from "../../src/native/generated/tokens.ts";
import { Status } from "../../src/native/generated/status_codes.ts";
import { NativeTokens } from "../../src/text/tokens/native.ts";
import { missing, open as openLibrary, resultOf, symbolsOf, test } from "./support.ts";

const symbols = symbolsOf("core-utils");
if (missing === undefined) (await loadEncoding("o200k_base", { implementation: "native" })).close();

const encoder = new TextEncoder();
const empty = new Uint8Array(0);

function open(): number {
  const name = encoder.encode("o200k_base");
  const out = resultOf(
    "open",
    (out, capacity) => symbols.agent_core_tokens_open(name, name.length, out, capacity),
  );
  return new DataView(out.buffer, out.byteOffset).getFloat64(0, true);
}

test("tokens boundary: what is not UTF-8 is refused", () => {
  const handle = open();
  const out = new Uint8Array(512);
  for (
    const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x41, 0x80], [0xf4, 0x90, 0x80, 0x80]]
  ) {
    const text = Uint8Array.from(bytes);
    const { length } = text;
    assert.equal(symbols.agent_core_tokens_count(handle, text, length), Status.INVALID_ARGUMENT);
    assert.equal(
      symbols.agent_core_tokens_encode(handle, text, length, out, out.length),
      Status.INVALID_ARGUMENT,
    );
    assert.equal(
      symbols.agent_core_tokens_spans(handle, text, length, out, out.length),
      Status.INVALID_ARGUMENT,
    );
    assert.equal(
      symbols.agent_core_tokens_open(text, length, out, out.length),
      Status.INVALID_ARGUMENT,
    );
  }
  symbols.agent_ffi_handle_close(handle);
});

test("tokens boundary: null with length 0 is an empty text", () => {
  const handle = open();
  assert.equal(symbols.agent_core_tokens_count(handle, null, 0), 0);
  assert.equal(symbols.agent_core_tokens_encode(handle, null, 0, null, 0), 0);
  assert.equal(symbols.agent_core_tokens_spans(handle, empty, 0, empty, 0), 0);
  assert.equal(symbols.agent_core_tokens_decode(handle, null, 0, null, 0), 0);
  assert.equal(symbols.agent_core_tokens_count(handle, null, 5), Status.INVALID_ARGUMENT);
  symbols.agent_ffi_handle_close(handle);
});

test("tokens boundary: stale and foreign handles are none", () => {
  const handle = open();
  assert.equal(symbols.agent_ffi_handle_close(handle), 1);
  const text = encoder.encode("abc");
  const out = new Uint8Array(512);
  for (const odd of [handle, 0, -1, NaN, Infinity, 1e300, handle + 0.5]) {
    assert.equal(symbols.agent_core_tokens_count(odd, text, 3), Status.INVALID_HANDLE);
    assert.equal(
      symbols.agent_core_tokens_encode(odd, text, 3, out, out.length),
      Status.INVALID_HANDLE,
    );
    assert.equal(
      symbols.agent_core_tokens_decode(odd, Uint32Array.of(1), 1, out, out.length),
      Status.INVALID_HANDLE,
    );
  }
});

test("tokens boundary: a buffer too small learns the size, an id that is none its place", () => {
  const handle = open();
  const text = encoder.encode("one two three");
  const small = new Uint8Array(8);
  assert.equal(
    symbols.agent_core_tokens_encode(handle, text, text.length, small, small.length),
    Status.TOO_SMALL,
  );
  assert.equal(new DataView(small.buffer).getUint32(0, true), 12);
  const out = new Uint8Array(512);
  const ids = Uint32Array.of(1, 0xffffffff);
  assert.equal(
    symbols.agent_core_tokens_decode(handle, ids, ids.length, out, out.length),
    Status.INVALID_ARGUMENT,
  );
  const detail = JSON.parse(
    new TextDecoder().decode(out.subarray(4, 4 + new DataView(out.buffer).getUint32(0, true))),
  );
  assert.equal(detail.fields.index, 1);
  symbols.agent_ffi_handle_close(handle);
});

test("tokens boundary: a file that is none is CORRUPT, a name that is none not found", async () => {
  for (const bytes of [empty, encoder.encode("AGENTVOC"), new Uint8Array(5000)]) {
    await assert.rejects(
      tokensLoad(bytes),
      (error) => AgentError.is(error, "CORRUPT"),
    );
  }
  assert.equal(NativeTokens.open("none of this name"), undefined);
});

test("tokens boundary: lengths that do not fit the texts are refused", async () => {
  const handle = open();
  const texts = encoder.encode("a\nb");
  await assert.rejects(
    openLibrary().ring.submit(
      "count_many",
      (ring, op, out, capacity) =>
        symbols.agent_core_tokens_submit_count_many(
          ring,
          op,
          handle,
          texts,
          texts.length,
          Uint32Array.of(1, 2),
          2,
          out,
          capacity,
        ),
      () => undefined,
    ),
    TypeError,
  );
  symbols.agent_ffi_handle_close(handle);
});

test("tokens boundary: no handle is left", async () => {
  const before = symbols.agent_ffi_live_handles();
  for (let i = 0; i < 20; i++) {
    using encoding = await loadEncoding("o200k_base", { implementation: "native" });
    await encoding.countMany(["a", "b c"]);
    encoding.split("Some words here.", { maxTokens: 2 });
  }
  assert.equal(symbols.agent_ffi_live_handles(), before);
});
