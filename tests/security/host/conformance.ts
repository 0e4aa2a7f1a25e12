/**
 * What is told of a host, for every twin: on folders of the form of `/proc`, whose contents are known.
 *
 * Not part of the contract: the wording of messages. Of `/proc` itself the pure twin reads nothing without `--allow-all`;
 * `live_test.ts` has both twins there.
 */

import assert from "assertions";
import type { Connection } from "../../../src/security/host/types.ts";
import { readConnections } from "../../../src/security/host/connections.ts";
import { readProcesses } from "../../../src/security/host/processes.ts";
import { readSystem } from "../../../src/security/host/system.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { wrong } from "../../support/values.ts";
import { put, socketLine, withHost } from "./trees.ts";

const LISTEN = socketLine("0100007F:1F90", "00000000:0000", "0A", 11, 1000);

/** Registers the suite for one twin. */
export function hostConformance(twin: Twin): void {
  const implementation = twin.name;
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("host", twin, name, async () => {
      await body();
      await twin.idle();
    });

  test("sockets of all protocols, with addresses, states, users and owners", async () => {
    const host = {
      processes: [
        { pid: 20, name: "web (x)", files: { 0: "/dev/null", 3: "socket:[11]", 4: "socket:[12]" } },
        { pid: 7, name: "master", files: { 3: "socket:[11]", 4: "pipe:[12]", 5: "socket:[11]" } },
      ],
      tables: {
        tcp: [LISTEN, socketLine("0100007F:1F90", "0200000A:C350", "01", 12)],
        tcp6: [
          socketLine(
            "00000000000000000000000001000000:0050",
            "0000000000000000FFFF00000100007F:0051",
            "06",
            0,
          ),
        ],
        udp: [socketLine("00000000:0035", "00000000:0000", "07", 13)],
        udp6: [
          socketLine(
            "B80D0120000000000000000001000000:0035",
            "000080FE00000000FF0000020100FEFF:0036",
            "01",
            14,
          ),
        ],
        unix: ["0000000000000000: 00000002 00000000 00010000 0001 01 15 /run/a b.sock"],
      },
      files: { "etc/passwd": "root:x:0:0:r:/:/bin/sh\nada:x:1000:1000::/:/bin/sh\nbroken\n" },
    };
    await withHost(host, async (roots) => {
      const found = await readConnections({ implementation }, roots);
      const short = ({ protocol, version, local, remote, state }: Connection): string =>
        [
          protocol,
          version,
          local && `${local.address} ${local.port}`,
          "->",
          remote && `${remote.address} ${remote.port}`,
          state,
        ].join(" ");
      assert.deepEqual(found.map(short), [
        "tcp 4 127.0.0.1 8080 ->  listen",
        "tcp 4 127.0.0.1 8080 -> 10.0.0.2 50000 established",
        "tcp 6 ::1 80 -> ::ffff:127.0.0.1 81 time-wait",
        "udp 4 0.0.0.0 53 ->  unconnected",
        "udp 6 2001:db8::1 53 -> fe80::200:ff:fffe:1 54 established",
        "unix   ->  listen",
      ]);
      const [listener, peer, old, , , socket] = found;
      assert.deepEqual(listener!.owners.map(({ pid, process }) => [pid, process]), [
        [7, "master"],
        [20, "web (x)"],
      ]);
      assert.deepEqual([listener!.pid, listener!.process], [7, "master"]);
      assert.deepEqual([listener!.uid, listener!.user, listener!.reason], [1000, "ada", null]);
      assert.equal(listener!.owners[0]!.startedAt, 1_700_000_000_000 + 7_000);
      assert.deepEqual(peer!.owners.map(({ pid }) => pid), [20]);
      assert.deepEqual([old!.pid, old!.reason, old!.user], [null, "no process", "root"]);
      assert.deepEqual([socket!.path, socket!.reason], ["/run/a b.sock", "not found"]);
    });
  });

  test("a hidden owner is denied, an unknown one not found", async () => {
    await withHost({ tables: { tcp: [LISTEN] } }, async (roots) => {
      const reason = async () => (await readConnections({ implementation }, roots))[0]!.reason;
      assert.equal(await reason(), "not found");
      put(`${roots.proc}/self/mounts`, "proc /proc proc rw,nosuid,hidepid=invisible 0 0\n");
      assert.equal(await reason(), "denied");
    });
  });

  test("lines, processes and files that are broken are passed over", async () => {
    const host = {
      processes: [{ pid: 5, files: { 3: "socket:[11]" } }, { pid: 6, files: { 3: "socket:[11]" } }],
      tables: { tcp: ["", "x", "0: 1 2 3", LISTEN, LISTEN.slice(0, 40), `${LISTEN}\0`] },
    };
    await withHost(host, async (roots) => {
      put(`${roots.proc}/6/stat`, "6 (half");
      put(`${roots.proc}/9`, "no folder");
      Deno.mkdirSync(`${roots.proc}/10`);
      Deno.removeSync(`${roots.proc}/self/net/udp`);
      const [connection] = await readConnections({ implementation }, roots);
      assert.deepEqual(connection!.owners.map(({ pid }) => pid), [5]);
      assert.deepEqual((await readProcesses({ implementation }, roots)).map(({ pid }) => pid), [5]);
    });
  });

  test("processes: executable, user, start, container, and no secret in a command line", async () => {
    const id = "ab".repeat(32);
    const host = {
      processes: [
        { pid: 2, name: "kthreadd", flags: 2_129_984, executable: null, command: [] },
        {
          pid: 30,
          name: "db",
          uid: 1000,
          executable: "/opt/db (deleted)",
          command: ["db", "--password", "hunter2", "--url=postgres://me:pw@h/x", "-v\x1b[2J"],
          groups: `0::/system.slice/docker-${id}.scope\n`,
        },
      ],
      files: { "etc/passwd": "ada:x:1000:1000::/:/bin/sh\n" },
    };
    await withHost(host, async (roots) => {
      const [kernel, db] = await readProcesses({ implementation }, roots);
      assert.deepEqual([kernel!.kernel, kernel!.executable, kernel!.command], [true, null, ""]);
      assert.deepEqual(kernel!.unavailable, {});
      assert.deepEqual(db, {
        pid: 30,
        parent: 1,
        name: "db",
        kernel: false,
        state: "S",
        uid: 1000,
        user: "ada",
        executable: "/opt/db",
        deleted: true,
        command: "db --password [SECRET] --url=postgres://[SECRET]@h/x -v?[2J",
        startedAt: 1_700_000_030_000,
        container: { engine: "docker", id },
        unavailable: {},
      });
    });
  });

  test("a root that cannot be read is IO", async () => {
    await withHost({}, async (roots) => {
      const gone = { ...roots, proc: `${roots.proc}/none` };
      for (const read of [readConnections, readProcesses]) {
        await assert.rejects(read({ implementation }, gone), (error) => {
          assert.ok(AgentError.is(error, "IO"), `${error}`);
          assert.equal(error.details.path, gone.proc);
          return true;
        });
      }
    });
  });

  test("systemInfo() has the disks of the list of mounts", async () => {
    await withHost({}, async (roots) => {
      const mounts = "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n" +
        "/dev/sdb1 /no\\040such ext4 ro 0 0\n/dev/sda1 /again ext4 rw 0 0\nbroken\n";
      put(`${roots.proc}/self/mounts`, mounts);
      const { disks, unavailable } = await readSystem({ implementation }, roots);
      assert.deepEqual(disks!.map(({ mount, readOnly }) => [mount, readOnly]), [
        ["/", false],
        ["/no such", true],
      ]);
      assert.ok(disks![0]!.total! > 0 && disks![0]!.free! <= disks![0]!.total!);
      assert.equal(disks![1]!.total, null);
      assert.match(unavailable["disks./no such"]!, /./);
    });
  });

  test("aborting rejects with the reason; wrong options are TypeErrors", async () => {
    await withHost({}, async (roots) => {
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      for (const read of [readConnections, readProcesses, readSystem]) {
        await assert.rejects(read({ implementation, signal }, roots), (error) => error === reason);
        await assert.rejects(read({ implementation: wrong("fast") }, roots), TypeError);
        await assert.rejects(read(wrong(null), roots), TypeError);
      }
    });
  });
}
