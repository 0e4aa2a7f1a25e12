/**
 * Many callers at once that come, read, leave and give up by chance: each gets a whole and right answer or its own reason,
 * everything comes to an end, and no stream of the server is left open.
 */

import assert from "assertions";
import { delay, until } from "../../support/values.ts";
import { bytesOf, Site } from "./support.ts";

/** Numbers from a seed. */
function chance(seed: number): (below: number) => number {
  let state = seed * 48271 % 2147483647;
  return (below) => {
    state = state * 48271 % 2147483647;
    return state % below;
  };
}

const CONTROLS = [
  ...[
    "max-age=100",
    "max-age=100",
    "no-store",
    "max-age=0",
    "no-cache",
    "max-age=1, stale-while-revalidate=50",
  ],
  "max-age=1, stale-if-error=50",
];

/** A body in pieces, of which all say the same. */
function pieces(
  n: number,
  count: number,
  fails: boolean,
  open: Set<number>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  open.add(n);
  return new ReadableStream({
    async pull(controller) {
      await delay(at % 2);
      if (at++ < count) return controller.enqueue(bytesOf(`${n};`));
      open.delete(n);
      if (fails) controller.error(new Error("body"));
      else controller.close();
    },
    cancel() {
      open.delete(n);
    },
  }, { highWaterMark: 0 });
}

async function round(seed: number): Promise<void> {
  const below = chance(seed);
  const open = new Set<number>();
  const whole = new Map<number, number>();
  await using server = new Site(async (request, n) => {
    await delay(below(4));
    request.signal?.throwIfAborted();
    if (below(8) === 0) throw new Error("head");
    const count = below(12);
    whole.set(n, count);
    const vary = below(3) === 0 ? "x" : undefined;
    const status = below(10) === 0 ? 503 : 200;
    const headers = { "cache-control": CONTROLS[below(CONTROLS.length)]!, etag: `"${n}"`, vary };
    return { status, headers, body: pieces(n, count, below(8) === 0, open) };
  }, { maxBodyBytes: 24 });

  const caller = async (): Promise<void> => {
    await delay(below(12));
    const controller = new AbortController();
    const given = new Error("given up");
    const timer = below(4) === 0 ? setTimeout(() => controller.abort(given), below(8)) : undefined;
    try {
      const method = below(12) === 0 ? "POST" : "GET";
      const { body } = await server.send(`http://site.test/${below(3)}`, {
        method,
        headers: { x: `${below(2)}` },
        signal: controller.signal,
        wholeBody: false,
        mode: below(6) === 0 ? "no-cache" : undefined,
      });
      const stream = body as ReadableStream<Uint8Array>;
      if (below(5) === 0) {
        // Leaves after a piece or two.
        let left = below(3);
        for await (const _ of stream) if (left-- === 0) break;
        return;
      }
      const text = await new Response(stream).text();
      const numbers = text.split(";").slice(0, -1).map(Number);
      assert.ok(numbers.every((n) => n === numbers[0]), text);
      if (numbers.length > 0) assert.equal(numbers.length, whole.get(numbers[0]!), text);
    } catch (error) {
      assert.ok(
        error === given || ["head", "body"].includes((error as Error).message),
        String(error),
      );
    } finally {
      clearTimeout(timer);
    }
    server.later(below(2));
  };
  await Promise.all(Array.from({ length: 40 }, caller));
  await server.close();
  await until(() => open.size === 0, () => `seed ${seed}: ${open.size} streams are open`);
}

Deno.test("callers that come and go by chance get what is right, and nothing is left open", async () => {
  for (let seed = 1; seed <= 60; seed++) await round(seed);
});
