/**
 * The report of what holds a sandbox, on what real engines said of sandboxes that hold (`reports/*.json`: what was asked,
 * what the engine says, what the kernel says inside), and on the same with one control broken, which must be found.
 */

import assert from "assertions";
import { readRecord, seccompProfile, withRecord } from "../../src/containers/policy/mod.ts";
import type { ControlName, RequestRecord } from "../../src/containers/policy/mod.ts";
import {
  refuseWeaker,
  securityReport,
  type WireInspect,
} from "../../src/containers/sandbox/report.ts";
import type { SecurityReport } from "../../src/containers/sandbox/types.ts";
import { AgentError } from "../../src/shared/errors.ts";
import docker from "./reports/docker.json" with { type: "json" };
import podman from "./reports/podman.json" with { type: "json" };

interface Recorded {
  engine: "docker" | "podman";
  version: string;
  record: RequestRecord;
  inspect: WireInspect & { HostConfig: NonNullable<WireInspect["HostConfig"]> };
  files: Record<string, string>;
}

/** A copy of what was recorded, to be broken. */
function recorded(of: unknown): Recorded {
  const copy = structuredClone(of) as Recorded;
  const { HostConfig } = copy.inspect;
  // The profile is long, and of this version.
  HostConfig.SecurityOpt = HostConfig.SecurityOpt!.map((word) =>
    word === "seccomp=(own profile)" ? `seccomp=${seccompProfile([])}` : word
  );
  return copy;
}

function reportOf(
  { engine, version, record, inspect, files }: Recorded,
  more: { accepted?: ControlName[]; unasked?: boolean } = {},
): SecurityReport {
  return securityReport({
    client: { engine, version },
    requested: more.unasked ? null : record.requested,
    accepted: more.accepted ?? record.accepted,
    inspect,
    inside: new Map(Object.entries(files)),
  });
}

const failing = ({ controls }: SecurityReport): string[] =>
  controls.filter(({ ok, required }) => required && ok === false).map(({ control, how }) =>
    `${control} ${how}`
  );

type Break = (found: Recorded) => void;
type Host = Recorded["inspect"]["HostConfig"];
const host = (change: (host: Host) => void): Break => ({ inspect }) => change(inspect.HostConfig);
const file = (path: string, from: RegExp | string, to: string): Break => ({ files }) => {
  const before = files[path]!;
  files[path] = before.replace(from, to);
  assert.notEqual(files[path], before, `${path} has no ${from}`);
};
const status = (from: RegExp, to: string): Break => file("/proc/self/status", from, to);
const cgroup = (path: string, to: string): Break => file(`/sys/fs/cgroup/${path}`, /[^]*/, to);

/** What is broken, and what must be found. */
const BREAKS: readonly (readonly [found: string, Break])[] = [
  ["user inspect", ({ inspect }) => inspect.Config!.User = ""],
  ["user inside", status(/^Uid:.*$/m, "Uid:\t0\t0\t0\t0")],
  ["user inside", status(/^Gid:\t65534/m, "Gid:\t0")],
  ["privileged inspect", host((it) => it.Privileged = true)],
  ["capabilities inspect", host((it) => it.CapAdd = ["CAP_NET_RAW"])],
  ["capabilities inspect", host((it) => it.CapDrop = [])],
  ["capabilities inside", status(/^CapBnd:.*$/m, "CapBnd:\t00000000a80425fb")],
  ["capabilities inside", status(/^CapAmb:.*$/m, "CapAmb:\t0000000000002000")],
  [
    "no-new-privileges inspect",
    host((it) => {
      it.SecurityOpt = it.SecurityOpt!.filter((word) => !word.startsWith("no-new"));
    }),
  ],
  ["no-new-privileges inside", status(/^NoNewPrivs:.*$/m, "NoNewPrivs:\t0")],
  ["seccomp inspect", host((it) => it.SecurityOpt = ["no-new-privileges:true"])],
  [
    "seccomp inspect",
    host((it) => {
      it.SecurityOpt = ["no-new-privileges:true", "seccomp=unconfined"];
    }),
  ],
  ["seccomp inside", status(/^Seccomp:.*$/m, "Seccomp:\t0")],
  ["read-only-root inspect", host((it) => it.ReadonlyRootfs = false)],
  ["read-only-root inside", file("/proc/self/mountinfo", " / / ro,", " / / rw,")],
  ["tmpfs inspect", host((it) => it.Tmpfs = { ...it.Tmpfs, "/tmp": "rw,nosuid,nodev,noexec" })],
  ["tmpfs inspect", host((it) => it.Tmpfs = { ...it.Tmpfs, "/more": "rw,size=1" })],
  ["tmpfs inside", file("/proc/self/mountinfo", "/ /tmp rw,nosuid,", "/ /tmp rw,")],
  ["tmpfs inside", file("/proc/self/mountinfo", /( \/tmp .*)size=\d+k/, "$1size=9999999k")],
  ["tmpfs inspect", ({ inspect }) => {
    const { Tmpfs } = inspect.HostConfig;
    Tmpfs!["/tmp"] = Tmpfs!["/tmp"]!.replace("mode=1777", "mode=755");
  }],
  ["tmpfs inside", file("access", "/tmp rwx", "/tmp rx")],
  ["tmpfs inside", file("access", /^\/workspace .*\n/m, "")],
  ["mounts inspect", ({ inspect }) => {
    inspect.Mounts = [{ Type: "bind", Source: "/", Destination: "/host", RW: true }];
  }],
  ["memory inspect", host((it) => it.Memory = 0)],
  ["swap inspect", host((it) => it.MemorySwap = -1)],
  ["memory inside", cgroup("memory/memory.limit_in_bytes", "9223372036854771712\n")],
  ["swap inside", cgroup("memory/memory.memsw.limit_in_bytes", "9223372036854771712\n")],
  ["pids inspect", host((it) => it.PidsLimit = -1)],
  ["pids inside", cgroup("pids/pids.max", "max\n")],
  ["cpus inspect", host((it) => it.NanoCpus = 2e9)],
  ["cpus inside", cgroup("cpu/cpu.cfs_quota_us", "-1\n")],
  [
    "open-files inspect",
    host((it) => {
      it.Ulimits!.find(({ Name }) => /nofile/i.test(Name!))!.Hard = 1_048_576;
    }),
  ],
  ["open-files inside", file("/proc/self/limits", /^(Max open files +\d+ +)\d+/m, "$11048576")],
  [
    "core-dumps inspect",
    host((it) => {
      it.Ulimits!.find(({ Name }) => /core/i.test(Name!))!.Hard = -1;
    }),
  ],
  ["core-dumps inside", file("/proc/self/limits", /^(Max core file size +\d+ +)0/m, "$1unlimited")],
  [
    "file-size inspect",
    host((it) => {
      it.Ulimits!.find(({ Name }) => /fsize/i.test(Name!))!.Hard = -1;
    }),
  ],
  ["file-size inside", file("/proc/self/limits", /^(Max file size +\d+ +)\d+/m, "$1unlimited")],
  ["shared-memory inspect", host((it) => it.ShmSize = 1 << 30)],
  ["network inspect", host((it) => it.NetworkMode = "host")],
  ["network inside", file("/proc/net/dev", /$/, "  eth0:       0       0\n")],
  ["ports inspect", host((it) => it.PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "80" }] })],
  ["ipc-namespace inspect", host((it) => it.IpcMode = "host")],
  ["pid-namespace inspect", host((it) => it.PidMode = "host")],
  ["uts-namespace inspect", host((it) => it.UTSMode = "host")],
  ["devices inspect", host((it) => it.Devices = [{ PathOnHost: "/dev/mem" }])],
  ["devices inspect", host((it) => it.DeviceRequests = [{ Count: -1 }])],
  ["runtime inspect", (found) => {
    found.record = {
      ...found.record,
      requested: { ...found.record.requested, runtime: "runsc" },
    };
  }],
];

for (const  of of[docker, podman]) {
  const { engine } = of;

  Deno.test(`what ${engine} said of a sandbox that holds is fine`, () => {
    const report = reportOf(recorded(of));
    assert.deepEqual([report.ok, report.verified, failing(report)], [true, true, []]);
    refuseWeaker(report);
    // Nothing else is asked for than what is broken below, or is accepted here.
    const broken = new Set(BREAKS.map(([found]) => found));
    const rest = report.controls.filter(({ required, control, how }) =>
      required && !broken.has(`${control} ${how}`)
    ).map(({ control }) => control);
    assert.deepEqual(rest, engine === "docker" ? ["cgroup-namespace"] : []);
  });

  for (const [index, [found, change]] of BREAKS.entries()) {
    Deno.test(`what ${engine} said with one control broken is found: ${found} (${index})`, () => {
      const told = recorded(of);
      change(told);
      const report = reportOf(told);
      assert.equal(report.ok, false);
      assert.deepEqual(failing(report), [found]);
      const control = found.split(" ")[0] as ControlName;
      assert.throws(() => refuseWeaker(report), (error) => {
        assert.ok(AgentError.is(error, "UNSUPPORTED"), String(error));
        assert.deepEqual(error.details, { what: control });
        return true;
      });
      // Accepted by its name it is a warning.
      const accepted = reportOf(told, { accepted: [...told.record.accepted, control] });
      assert.equal(accepted.ok, true);
      assert.ok(accepted.warnings.some((text) => text.startsWith(`${control} is `)));
    });
  }

  Deno.test(`what ${engine} does not say is no success`, () => {
    const told = recorded(of);
    told.inspect.HostConfig = {};
    told.files = {};
    const report = reportOf(told);
    assert.equal(report.ok, false);
    for (const control of ["memory", "swap", "pids", "cpus", "open-files", "network"]) {
      const known = report.controls.filter((one) => one.control === control);
      assert.deepEqual(known.map(({ ok, effective }) => [ok, effective]), [
        [null, null],
        [null, null],
      ], control);
      assert.ok(known.every(({ note }) => note !== null), control);
      assert.throws(() => refuseWeaker(report), new RegExp(`${control} is unknown`));
    }
  });

  Deno.test(`of what ${engine} was asked by others nothing is judged`, () => {
    const report = reportOf(recorded(of), { unasked: true });
    assert.equal(report.ok, null);
    for (const { control, requested, ok, required, note } of report.controls) {
      assert.deepEqual([requested, ok, required], [null, null, false], control);
      assert.ok(note !== null, control);
    }
    assert.ok(report.controls.some(({ effective }) => effective === "65534:65534"));
  });
}

Deno.test("the machine's cgroups are found where the engine says so", () => {
  const told = recorded(docker);
  told.inspect.HostConfig.CgroupnsMode = "host";
  assert.deepEqual(failing(reportOf(told)), ["cgroup-namespace inspect"]);
});

Deno.test("what was asked is kept as a label, and one that is not as ours are is none", () => {
  const { requested, accepted } = recorded(docker).record;
  const body = { Image: "x", Labels: { "agent.runtime": "1", own: "kept" } };
  const { Labels } = withRecord({ body, requested }, ["init"]) as {
    Labels: Record<string, string>;
  };
  assert.equal(Labels["own"], "kept");
  assert.deepEqual(readRecord(Labels), { requested, accepted: ["init"] });
  const label = (text: string): Record<string, string> => ({
    "agent.runtime": "1",
    "agent.requested": text,
  });
  assert.equal(readRecord({ "agent.requested": Labels["agent.requested"]! }), null);
  assert.equal(readRecord(null), null);
  const whole = { requested, accepted };
  const wrong: unknown[] = [
    null,
    [],
    { requested },
    { requested, accepted: ["everything"] },
    { ...whole, requested: { ...requested, devices: [1] } },
    { ...whole, requested: { ...requested, tmpfs: [{ path: "/x" }] } },
    { ...whole, requested: { ...requested, network: null } },
    ...Object.keys(requested).map((name) => ({
      ...whole,
      requested: { ...requested, [name]: { toString: 1 } },
    })),
  ];
  for (const value of wrong) assert.equal(readRecord(label(JSON.stringify(value))), null);
  for (const text of ["", "{", "\0", "x".repeat(100_000)]) {
    assert.equal(readRecord(label(text)), null);
  }
});
