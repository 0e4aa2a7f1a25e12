/** Both twins read the same out of trees whose contents are random, and often broken. */

import assert from "assertions";
import fc from "fast-check";
import * as native from "../../../src/security/host/native.ts";
import * as pure from "../../../src/security/host/pure.ts";
import { testOfBoth, twins } from "../../support/twins.ts";
import { put, socketLine, withHost } from "./trees.ts";

const both = twins("security");

const bytes = fc.uint8Array({ maxLength: 60 });
const digits = fc.array(fc.constantFrom(..."0123456789ABCDEF"), { minLength: 8, maxLength: 8 })
  .map((all) => all.join(""));
const address = fc.oneof(
  fc.tuple(digits, digits).map(([ip, port]) => `${ip}:${port.slice(4)}`),
  fc.tuple(fc.array(digits, { minLength: 4, maxLength: 4 }), digits).map(([ip, port]) =>
    `${ip.join("")}:${port.slice(4)}`
  ),
);
const line = fc.oneof(
  fc.tuple(address, address, fc.constantFrom("01", "0A", "07", "FF", "a"), fc.nat(9)).map((
    [local, remote, state, inode],
  ) => socketLine(local, remote, state, inode)),
  fc.tuple(fc.nat(9), fc.constantFrom("00010000", "00000000", "x"), fc.string()).map((
    [inode, flags, path],
  ) => `0000: 00000002 00000000 ${flags} 0001 01 ${inode} ${path.replaceAll("\n", "")}`),
  fc.nat(9).map((inode) => `0000 3 3 0003 2 1 0 0 ${inode}`),
  fc.string().map((text) => text.replaceAll("\n", " ")),
);
const link = fc.oneof(
  fc.nat(9).map((inode) => `socket:[${inode}]`),
  fc.constantFrom("socket:[]", "socket:[1", "socket:[x]", "pipe:[3]", "/dev/null", "net:[7]"),
);
const process = fc.record({
  pid: fc.integer({ min: 1, max: 40 }),
  name: fc.string({ maxLength: 15 }).map((text) => text.replaceAll("\0", "")),
  flags: fc.constantFrom(0, 2_129_984),
  links: fc.array(link, { maxLength: 5 }),
  executable: fc.option(fc.constantFrom("/bin/sh", "/gone (deleted)", "/memfd:x (deleted)")),
  command: fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }),
  environment: fc.array(fc.constantFrom("LD_PRELOAD=", "LD_PRELOAD=/x", "A=LD_PRELOAD=1", "é"), {
    maxLength: 3,
  }),
  /** A file whose contents are replaced, and with what; or which is removed. */
  broken: fc.option(
    fc.tuple(
      fc.constantFrom("stat", "status", "cmdline", "cgroup", "environ", "fd", "exe", "ns/net"),
      fc.option(bytes),
    ),
  ),
});
const TABLES = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "packet"];

testOfBoth("host", both, "random trees read the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(process, { selector: ({ pid }) => pid, maxLength: 6 }),
      fc.dictionary(fc.constantFrom(...TABLES), fc.array(line, { maxLength: 5 })),
      fc.option(fc.tuple(fc.constantFrom(...TABLES), bytes)),
      fc.boolean(),
      fc.boolean(),
      async (processes, tables, noise, all, details) => {
        const host = {
          tables,
          processes: processes.map(({ links, broken: _, ...rest }) => ({
            ...rest,
            files: Object.fromEntries(links.entries()),
          })),
        };
        await withHost(host, async ({ proc }) => {
          if (noise !== null) put(`${proc}/self/net/${noise[0]}`, noise[1]);
          for (const { pid, broken } of processes) {
            if (broken === null) continue;
            const [name, text] = broken;
            const path = `${proc}/${pid}/${name}`;
            try {
              Deno.removeSync(path, { recursive: true });
            } catch (error) {
              // Some processes have no executable.
              assert.ok(error instanceof Deno.errors.NotFound);
            }
            if (text !== null) Deno.writeFileSync(path, text);
          }
          for (const sockets of [true, false]) {
            const want = { sockets, processes: all, details, hiddenMost: 50 };
            const [one, other] = await Promise.all([
              pure.scan(proc, want, undefined),
              native.scan(proc, want, undefined),
            ]);
            assert.deepEqual(other, one);
          }
        });
      },
    ),
    { seed: 20_261_128, numRuns: 150 },
  );
});

testOfBoth("host", both, "files read the same, or are missing for the same reason", async () => {
  await withHost({}, async ({ proc }) => {
    put(`${proc}/long`, "é".repeat(5_000));
    put(`${proc}/bom`, "\ufeffx\0\x1b");
    put(`${proc}/bad`, new Uint8Array([0x61, 0xff, 0xe4, 0xbd, 0x22, 0x5c]));
    const paths = ["long", "bom", "bad", "none", "self", "stat/x", "self/mounts"];
    for (const most of [1, 7, 4_096, 100_000]) {
      assert.deepEqual(
        await native.files(proc, paths, most, undefined),
        await pure.files(proc, paths, most, undefined),
      );
    }
  });
});
