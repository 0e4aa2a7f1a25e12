/** The twins on the same random requests: the same reports but for times. */

import fc from "fast-check";
import assert from "assertions";
import { scanHosts, type ScanOptions, type ScanReport } from "../../../src/security/mod.ts";
import { testOfBoth, type TwinName, twins } from "../../support/twins.ts";

/** What may differ: times, and nothing else. */
function withoutTimes(reports: readonly ScanReport[]): unknown {
  return reports.map(({ startedAt: _, durationMs: __, ports, ...rest }) => ({
    ...rest,
    ports: ports.map(({ rttMs, ...port }) => ({ ...port, isTimed: rttMs !== null })),
  }));
}

async function outcome(
  implementation: TwinName,
  target: string,
  options: ScanOptions,
): Promise<unknown> {
  try {
    return withoutTimes(await scanHosts(target, { ...options, implementation }));
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

const both = twins("security");

testOfBoth("scanHosts", both, "reports and errors are equal on random requests", async () => {
  const listeners = Array.from(
    { length: 8 },
    (_, at) => Deno.listen({ hostname: `127.0.0.${1 + at % 4}`, port: 0 }),
  );
  const known = listeners.map(({ addr }) => addr.port);
  const port = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...known) },
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 1_023 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 65_535, 65_536) },
  );
  const item = fc.oneof(
    { weight: 40, arbitrary: port.map(String) },
    {
      weight: 10,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: -1, max: 40 })).map(
        (
          [first, more],
        ) => `${first}-${first + more}`,
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom("", "x", "1-", " 80 ") },
  );
  const target = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("127.0.0.1", "0x7f.1", "127.0.0.2", "::1") },
    { weight: 3, arbitrary: fc.constantFrom("127.0.0.0/29", "127.0.0.1,127.0.0.3/31") },
    { weight: 2, arbitrary: fc.constantFrom("8.8.8.8", "224.0.0.1", "", "a b", "127.0.0.0/8") },
  );
  try {
    await fc.assert(
      fc.asyncProperty(
        target,
        fc.array(item, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("open" as const, "all" as const),
        async (target, items, list) => {
          const options = { ports: items.join(","), list, timeoutMs: 10_000 };
          assert.deepEqual(
            await outcome("native", target, options),
            await outcome("pure", target, options),
          );
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  } finally {
    for (const listener of listeners) listener.close();
  }
  await both.native.idle();
});
