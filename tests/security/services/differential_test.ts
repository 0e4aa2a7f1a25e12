/** Both twins carry the same bytes to the same end, and so say the same of every server. */

import assert from "assertions";
import fc from "fast-check";
import { detectOne } from "../../../src/security/services/detect.ts";
import { nativeCarrier } from "../../../src/security/services/exchange/native.ts";
import { pureCarrier } from "../../../src/security/services/exchange/pure.ts";
import type { Carrier } from "../../../src/security/services/exchange/types.ts";
import { listening, untilClosed, unusedPort } from "../../support/servers.ts";
import { testOfBoth, twins } from "../../support/twins.ts";
import { delay } from "../../support/values.ts";
import { recordings } from "./replay.ts";

const both = twins("security");
const { native } = both;
const portOf = (address: string): number => Number(address.split(":")[1]);

/** What a server does with each connection: says pieces, each after so many bytes of the client, then stays or leaves. */
const server = fc.record({
  greeting: fc.uint8Array({ maxLength: 300 }),
  answers: fc.array(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), { maxLength: 3 }),
  leaves: fc.boolean(),
});
const steps = fc.array(
  fc.record({ send: fc.uint8Array({ maxLength: 100 }), most: fc.integer({ min: 0, max: 6_000 }) }),
  { minLength: 1, maxLength: 4 },
);

/** Reads as many bytes as a question has; false if the client leaves before, or asks no more. */
async function took(connection: Deno.Conn, length: number | undefined): Promise<boolean> {
  const buffer = new Uint8Array(length ?? 1);
  for (let filled = 0; filled < buffer.length;) {
    const read = await connection.read(buffer.subarray(filled));
    if (read === null) return false;
    filled += read;
  }
  return length !== undefined;
}

testOfBoth("exchange", both, "the same ends and the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(server, steps, async ({ greeting, answers, leaves }, steps) => {
      // Each question is read to its end before it is answered, however the system cuts it.
      const questions = steps.map(({ send }) => send.length).filter((length) => length > 0);
      const talk = async (carrier: Carrier): Promise<unknown[]> => {
        const seen: unknown[] = [];
        await listening(async (connection) => {
          if (greeting.length > 0) await connection.write(greeting);
          for (const [at, answer] of answers.entries()) {
            if (!leaves && !await took(connection, questions[at])) return;
            await connection.write(answer);
          }
          if (!leaves) await untilClosed(connection);
        }, async (address) => {
          using line = carrier.line("127.0.0.1", portOf(address), "127.0.0.1");
          // What was said and not taken yet: where something is to come, a busy machine has time to bring it.
          let left = greeting.length;
          const coming = [...answers];
          for (const { send: wanted, most } of steps) {
            // What reaches one who has left comes back as a reset, when the system has it: no twin's doing.
            const send = leaves ? new Uint8Array(0) : wanted;
            const answer = send.length > 0 ? coming.shift()?.length ?? 0 : 0;
            const { end, bytes } = await line.step({
              send,
              most,
              connectMs: 5_000,
              firstMs: leaves || left + answer > 0 ? 10_000 : 60,
              quietMs: leaves || (left > 0 && answer > 0) ? 400 : 60,
              totalMs: 20_000,
            });
            left += answer - bytes.length;
            // A server that left with unread bytes resets or closes, as the system's timing has it.
            seen.push([end === "reset" ? "closed" : end, bytes.toHex()]);
            if (end === "closed" || end === "reset") break;
          }
        });
        return seen;
      };
      assert.deepEqual(await talk(nativeCarrier), await talk(pureCarrier));
    }),
    { seed: 30, numRuns: 40 },
  );
  await native.idle();
});

testOfBoth("exchange", both, "the same ends where there is nobody", async () => {
  const step = {
    send: new Uint8Array(0),
    connectMs: 2_000,
    firstMs: 20,
    quietMs: 0,
    totalMs: 100,
    most: 10,
  };
  for (const carrier of [nativeCarrier, pureCarrier]) {
    using line = carrier.line("127.0.0.1", unusedPort(), "127.0.0.1");
    assert.equal((await line.step(step)).end, "refused");
    assert.equal((await line.step(step)).end, "closed", "a line is dialled once");
    const datagram = {
      address: "127.0.0.1",
      port: unusedPort(),
      loopback: true,
      send: step.send,
      waitMs: 20,
      most: 10,
    };
    assert.deepEqual(await carrier.datagram(datagram), { end: "silent", bytes: new Uint8Array(0) });
  }
});

testOfBoth(
  "exchange",
  both,
  "what drips is read until the time is over, a flood until the bound",
  async () => {
    const step = { send: new Uint8Array(0), connectMs: 5_000, firstMs: 5_000, quietMs: 5_000 };
    for (const carrier of [nativeCarrier, pureCarrier]) {
      await listening(async (connection) => {
        for (;;) {
          await connection.write(Uint8Array.of(120));
          await delay(5);
        }
      }, async (address) => {
        using line = carrier.line("127.0.0.1", portOf(address), "127.0.0.1");
        const { end, bytes } = await line.step({ ...step, totalMs: 100, most: 1_000_000 });
        assert.equal(end, "late");
        assert.ok(bytes.length > 0 && bytes.every((byte) => byte === 120));
      });
      await listening(async (connection) => {
        for (const flood = new Uint8Array(100_000);;) await connection.write(flood);
      }, async (address) => {
        using line = carrier.line("127.0.0.1", portOf(address), "127.0.0.1");
        for (const most of [1, 70_000]) {
          const { end, bytes } = await line.step({ ...step, totalMs: 20_000, most });
          assert.deepEqual([end, bytes.length], ["full", most]);
        }
      });
    }
    await native.idle();
  },
);

testOfBoth("detectService", both, "the same of greetings that somebody changed", async () => {
  const greetings = recordings().filter(({ answers }) =>
    answers[""] !== undefined && answers[""].bytes !== ""
  )
    .map(({ answers }) => Uint8Array.fromBase64(answers[""]!.bytes));
  const change = fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...greetings),
      fc.array(change, { maxLength: 4 }),
      async (greeting, changes) => {
        const bytes = greeting.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const reports: unknown[] = [];
        await listening(async (connection) => {
          await connection.write(bytes);
          await untilClosed(connection);
        }, async (address) => {
          for (const { name } of both.each) {
            reports.push(
              await detectOne("127.0.0.1", portOf(address), {
                implementation: name,
                tls: false,
                timeoutMs: 60,
              }),
            );
          }
        });
        assert.deepEqual(reports[1], reports[0]);
      },
    ),
    { seed: 31, numRuns: 25 },
  );
  await native.idle();
});
