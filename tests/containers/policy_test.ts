/**
 * What the policy allows and refuses, and what the engine is then asked. No engine is needed here;
 * `policy_engine_test.ts` starts containers of it.
 */

import assert from "assertions";
import {
  acceptedWeaker,
  type ContainerSpec,
  createBody,
  type EngineFacts,
  profileFile,
  refuseGaps,
  writeProfiles,
} from "../../src/containers/policy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { wrong } from "../support/values.ts";

const DOCKER: EngineFacts = { engine: "docker", apiVersion: "1.41" };
const PODMAN: EngineFacts = {
  engine: "podman",
  apiVersion: "1.41",
  cgroupVersion: 2,
  seccompFolder: "/profiles",
};
const SANDBOX: ContainerSpec = { profile: "sandbox", kind: "run", image: "busybox:1.36" };
const SERVICE: ContainerSpec = { ...SANDBOX, profile: "service", kind: "deployment" };
const LAB: ContainerSpec = { ...SANDBOX, profile: "lab", kind: "deployment" };
const BRIDGE = { kind: "bridge", name: "mine" } as const;

// deno-lint-ignore no-explicit-any -- the engine's JSON, looked into freely
function hostConfig(spec: ContainerSpec, facts = DOCKER): any {
  return createBody(spec, facts).body.HostConfig;
}

function refuses(
  spec: object,
  error: typeof TypeError | typeof RangeError,
  pattern?: RegExp,
): void {
  assert.throws(() => createBody(wrong(spec), DOCKER), (thrown) => {
    assert.ok(thrown instanceof error, `${thrown} of ${JSON.stringify(spec)}`);
    if (pattern !== undefined) assert.match(thrown.message, pattern);
    return true;
  });
}

Deno.test("policy: a sandbox has everything that holds it, without asking", () => {
  const { body, requested, gaps, warnings } = createBody(SANDBOX, DOCKER);
  assert.deepEqual(gaps, []);
  assert.deepEqual(warnings, []);
  assert.equal(body.User, "65534:65534");
  const { SecurityOpt, ...rest } = hostConfig(SANDBOX);
  assert.deepEqual(rest, {
    Privileged: false,
    CapDrop: ["ALL"],
    CapAdd: [],
    ReadonlyRootfs: true,
    Tmpfs: {
      "/tmp": "rw,nosuid,nodev,noexec,size=67108864,mode=1777,uid=65534,gid=65534",
      "/workspace": "rw,nosuid,nodev,noexec,size=67108864,mode=700,uid=65534,gid=65534",
    },
    Mounts: [],
    Memory: 268435456,
    MemorySwap: 268435456,
    PidsLimit: 64,
    NanoCpus: 1000000000,
    ShmSize: 67108864,
    Ulimits: [
      { Name: "nofile", Soft: 1024, Hard: 1024 },
      { Name: "core", Soft: 0, Hard: 0 },
      { Name: "fsize", Soft: 1073741824, Hard: 1073741824 },
    ],
    NetworkMode: "none",
    PortBindings: {},
    PublishAllPorts: false,
    IpcMode: "private",
    CgroupnsMode: "private",
    Devices: [],
    Init: true,
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: false,
    LogConfig: {
      Type: "local",
      Config: { "max-size": "4194304", "max-file": "1", compress: "false" },
    },
    OomScoreAdj: 500,
  });
  assert.equal(SecurityOpt[0], "no-new-privileges:true");
  assert.match(SecurityOpt[1], /^seccomp=\{"defaultAction":"SCMP_ACT_ERRNO"/);
  assert.equal(SecurityOpt.length, 2);
  assert.equal(requested.memorySwapBytes, requested.memoryBytes);
  assert.deepEqual(requested.network, { kind: "none", name: "none" });
});

Deno.test("policy: the same spec is the same bytes", () => {
  const text = (spec: ContainerSpec): string => JSON.stringify(createBody(spec, DOCKER));
  assert.equal(
    text({ ...SANDBOX, name: undefined, command: ["a"] }),
    text({ ...SANDBOX, command: ["a"] }),
  );
});

const REFUSED_FIELDS = [
  ...["privileged", "pidMode", "ipcMode", "utsMode", "usernsMode", "cgroupnsMode", "networkMode"],
  ...["devices", "deviceRequests", "deviceCgroupRules", "securityOpt", "seccomp", "apparmor"],
  ...["sysctls", "cgroupParent", "volumesFrom", "links", "binds", "hostConfig", "runArgs", "pid"],
  ...["userns", "ipc", "uts", "capDrop", "restart", "publishAllPorts", "maskedPaths"],
];

for (const field of REFUSED_FIELDS) {
  Deno.test(`policy: ${field} is refused, whatever it says`, () => {
    for (const value of [true, false, "host", [], {}, "unconfined", null]) {
      refuses(
        { ...SANDBOX, [field]: value },
        TypeError,
        new RegExp(`spec\\.${field} is refused: `),
      );
    }
  });
}

Deno.test("policy: an unknown field names the nearest", () => {
  refuses({ ...SANDBOX, limit: {} }, TypeError, /did you mean limits\?/);
  refuses({ ...SANDBOX, limits: { memorybytes: 1 } }, TypeError, /did you mean memoryBytes\?/);
  refuses({ ...SANDBOX, HostConfig: {} }, TypeError, /has no field "HostConfig"/);
  refuses({ ...SANDBOX, constructor: 1 }, TypeError, /has no field "constructor"/);
  refuses({ ...SANDBOX, toString: 1 }, TypeError);
});

Deno.test("policy: root is refused, and so are names of users", () => {
  for (const user of ["0:0", "0:65534", "00:1"]) refuses({ ...SANDBOX, user }, RangeError, /root/);
  for (const user of ["root", "1000", "-1:1", "4294967295:1", "1:4294967295", "1:1\n", "1:1:1"]) {
    refuses({ ...SANDBOX, user }, RangeError, /uid:gid/);
  }
  refuses({ ...SERVICE, user: "0:0" }, RangeError, /root/);
  refuses({ ...LAB, user: "0:0" }, RangeError, /root/);
  assert.equal(createBody({ ...LAB, user: "0:0", capAdd: ["NET_RAW"] }, DOCKER).body.User, "0:0");
});

Deno.test("policy: capabilities are by name and by profile", () => {
  refuses({ ...SANDBOX, capAdd: ["CHOWN"] }, RangeError, /a sandbox has no capability/);
  for (const capability of ["SYS_ADMIN", "ALL", "SYS_PTRACE", "SYS_MODULE", "MKNOD", "BPF", ""]) {
    refuses({ ...LAB, capAdd: [capability] }, RangeError);
    refuses({ ...SERVICE, capAdd: [capability] }, RangeError);
  }
  refuses({ ...SERVICE, capAdd: ["NET_RAW"] }, RangeError);
  const capAdd = ["net_raw", "CAP_NET_ADMIN", "NET_RAW"];
  assert.deepEqual(hostConfig({ ...LAB, capAdd }).CapAdd, ["NET_ADMIN", "NET_RAW"]);
  assert.match(createBody({ ...LAB, capAdd }, DOCKER).warnings.join(), /of no use/);
});

Deno.test("policy: raw sockets come with NET_RAW and nothing else", () => {
  const packet = '"value":17,';
  assert.ok(!hostConfig(SANDBOX).SecurityOpt[1].includes(packet));
  assert.ok(!hostConfig({ ...LAB, capAdd: ["NET_ADMIN"] }).SecurityOpt[1].includes(packet));
  assert.ok(hostConfig({ ...LAB, capAdd: ["NET_RAW"] }).SecurityOpt[1].includes(packet));
});

Deno.test("policy: networks of the engine's own are refused", () => {
  for (const name of ["host", "none", "bridge", "default", "container", "HOST"]) {
    refuses({ ...SERVICE, network: { kind: "bridge", name } }, RangeError);
  }
  for (
    const name of ["container:abc", "ns:/proc/1/ns/net", "-x", "a b", "a\nb", "", "x".repeat(64)]
  ) {
    refuses({ ...SERVICE, network: { kind: "bridge", name } }, RangeError);
  }
  refuses({ ...SANDBOX, network: BRIDGE }, RangeError, /none or internal/);
  refuses({ ...LAB, network: BRIDGE }, RangeError, /none or internal/);
  refuses({ ...SANDBOX, network: { kind: "none", name: "host" } }, TypeError);
  refuses({ ...SANDBOX, network: "host" }, TypeError);
});

Deno.test("policy: ports are of the loopback, or asked for by name", () => {
  const ports = [{ container: 80 }, { container: 81, host: 8081, hostAddress: "::1" }];
  const { PortBindings } = hostConfig({ ...SERVICE, network: BRIDGE, ports });
  assert.deepEqual(PortBindings, {
    "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
    "81/tcp": [{ HostIp: "::1", HostPort: "8081" }],
  });
  for (
    const hostAddress of ["0.0.0.0", "::", "10.0.0.1", "0", "", "localhost", "::ffff:0.0.0.0", "1"]
  ) {
    const spec = { ...SERVICE, network: BRIDGE, ports: [{ container: 80, hostAddress }] };
    refuses(spec, RangeError);
  }
  for (const hostAddress of ["127.0.0.1@evil", "127.0.0.1:80", "127.0.0.1 ", "127.1\n"]) {
    refuses({ ...SERVICE, network: BRIDGE, ports: [{ container: 80, hostAddress }] }, RangeError);
  }
  for (const container of [0, -1, 65_536, 1.5, NaN, "80"]) {
    assert.throws(() =>
      createBody(wrong({ ...SERVICE, network: BRIDGE, ports: [{ container }] }), DOCKER)
    );
  }
  const exposed = {
    ...SERVICE,
    network: BRIDGE,
    exposeToNetwork: true,
    ports: [{ container: 80, hostAddress: "0.0.0.0" }],
  };
  assert.match(createBody(exposed, DOCKER).warnings.join(), /open to other machines at 0\.0\.0\.0/);
  refuses({ ...LAB, exposeToNetwork: true }, RangeError);
  refuses({ ...SANDBOX, exposeToNetwork: true }, RangeError);
  refuses({ ...SERVICE, ports: [{ container: 80 }] }, RangeError, /kind bridge/);
  refuses({ ...SANDBOX, ports: [{ container: 80 }] }, RangeError, /kind bridge/);
});

Deno.test("policy: names, images and labels are none that could be read as flags", () => {
  for (const name of ["-rm", "--privileged", "a", "", "a b", "a\nb", "a\0b", "a/b", "ä1", "../x"]) {
    refuses({ ...SANDBOX, name }, RangeError);
  }
  for (
    const image of [
      ...[
        "",
        "-v",
        "--privileged",
        "UPPER",
        "a b",
        "a\nb",
        "a:b:c",
        "a@sha256:short",
        "http://x/y",
      ],
      ...["a;b", "$(x)", "a/../b", "a//b", `${"a".repeat(600)}`, "a:-tag"],
    ]
  ) {
    refuses({ ...SANDBOX, image }, RangeError);
  }
  for (
    const image of [
      "busybox",
      "library/busybox:1.36",
      "localhost:5000/a/b_c--d.e:T_1",
      `127.0.0.1:5000/x@sha256:${"a".repeat(64)}`,
      `sha256:${"0".repeat(64)}`,
      "[::1]:5000/x",
    ]
  ) {
    assert.equal(createBody({ ...SANDBOX, image }, DOCKER).body.Image, image);
  }
  for (const label of ["", "-x", "a=b", "a b", "a\n", "agent.owner", "AGENT.kind"]) {
    refuses({ ...SANDBOX, labels: { [label]: "x" } }, RangeError);
  }
  refuses({ ...SANDBOX, labels: { a: "x\ny" } }, RangeError);
  refuses({ ...SANDBOX, labels: { a: "\u202ex" } }, RangeError);
  refuses({ ...SANDBOX, ownership: { other: "x" } }, RangeError);
  refuses({ ...SANDBOX, hostname: "-x" }, RangeError);
  refuses({ ...SANDBOX, workdir: "relative" }, RangeError);
  refuses({ ...SANDBOX, workdir: "/a/../b" }, RangeError);
  refuses({ ...SANDBOX, runtime: "../runc" }, RangeError);
  refuses({ ...SANDBOX, stopSignal: "KILL; x" }, RangeError);
});

Deno.test("policy: what must be ours cannot be overwritten by labels", () => {
  const ownership = { "agent.kind": "egress", "agent.runtime": "0", "agent.owner": "me" };
  const { Labels } = createBody({ ...SANDBOX, ownership }, DOCKER).body;
  assert.deepEqual(Labels, { "agent.kind": "run", "agent.runtime": "1", "agent.owner": "me" });
});

Deno.test("policy: a wrong environment is refused without showing a value", () => {
  const secret = "hunter2-hunter2";
  for (const env of [{ "A=B": secret }, { "": secret }, { "1A": secret }, { "A-B": secret }]) {
    assert.throws(() => createBody({ ...SANDBOX, env: wrong(env) }, DOCKER), (error) => {
      assert.ok(error instanceof RangeError && !error.message.includes(secret), `${error}`);
      return true;
    });
  }
  for (const value of [`${secret}\0`, { secret }, `${secret}\ud800`, secret.repeat(20_000)]) {
    assert.throws(() => createBody({ ...SANDBOX, env: { A: wrong(value) } }, DOCKER), (error) => {
      assert.ok(error instanceof Error && !error.message.includes("hunter2"), `${error}`);
      return true;
    });
  }
  const { Env } = createBody({ ...SANDBOX, env: { A: "x\ny=z $(w)" } }, DOCKER).body;
  assert.deepEqual(Env, ["A=x\ny=z $(w)"]);
});

Deno.test("policy: commands are words, never a line", () => {
  refuses({ ...SANDBOX, command: "sh -c x" }, TypeError);
  refuses({ ...SANDBOX, command: [] }, RangeError);
  refuses({ ...SANDBOX, command: ["", "x"] }, RangeError);
  refuses({ ...SANDBOX, command: ["a\0b"] }, RangeError);
  refuses({ ...SANDBOX, command: ["a", 1] }, TypeError);
  const command = ["sh", "-c", "echo \"$(id)\" '; rm -rf /'"];
  assert.deepEqual(createBody({ ...SANDBOX, command }, DOCKER).body.Cmd, command);
});

Deno.test("policy: limits have bounds", () => {
  for (
    const limits of [
      { memoryBytes: 0 },
      { memoryBytes: -1 },
      { memoryBytes: 1.5 },
      { pids: 0 },
      { pids: -1 },
      { cpus: 0 },
      { cpus: NaN },
      { cpus: Infinity },
      { openFiles: 0 },
      { fileBytes: 0 },
      { logBytes: 0 },
    ]
  ) refuses({ ...SANDBOX, limits }, RangeError);
  const config = hostConfig({ ...SANDBOX, limits: { memoryBytes: 8 << 20, cpus: 0.5, pids: 2 } });
  assert.equal(config.MemorySwap, 8 << 20);
  assert.equal(config.NanoCpus, 500_000_000);
  assert.equal(
    config.Tmpfs["/tmp"],
    "rw,nosuid,nodev,noexec,size=2097152,mode=1777,uid=65534,gid=65534",
  );
});

Deno.test("policy: folders in memory cannot cover the system or smuggle options", () => {
  for (
    const path of ["/", "/proc", "/proc/sys", "/sys", "/dev", "tmp", "/a,exec", "/a:b", "/a/.."]
  ) {
    refuses({ ...SANDBOX, tmpfs: [{ path, sizeBytes: 4096 }] }, RangeError);
  }
  refuses({ ...SANDBOX, tmpfs: [{ path: "/a", sizeBytes: 4096, mode: 0o4777 }] }, RangeError);
  refuses({ ...SANDBOX, tmpfs: [{ path: "/a", sizeBytes: 4096, options: "suid" }] }, TypeError);
  refuses({ ...SANDBOX, writableRoot: true }, RangeError);
});

Deno.test("policy: graphics processors are for services that ask", () => {
  refuses({ ...SANDBOX, gpu: true }, RangeError);
  refuses({ ...LAB, gpu: true }, RangeError);
  assert.equal(hostConfig(SERVICE).DeviceRequests, undefined);
  assert.deepEqual(hostConfig({ ...SERVICE, gpu: 2 }).DeviceRequests, [
    { Driver: "", Count: 2, Capabilities: [["gpu"]] },
  ]);
});

Deno.test("policy: what an engine cannot give is a gap, and left out of what it is asked", () => {
  const podman = createBody(SANDBOX, PODMAN);
  assert.deepEqual(podman.gaps, []);
  const config = hostConfig(SANDBOX, PODMAN);
  assert.equal(config.SecurityOpt[1], "seccomp=/profiles/agent-seccomp-plain.json");
  assert.equal(config.LogConfig.Type, "k8s-file");
  // Podman has a word for its user, and none for others: what is to be theirs is everybody's.
  assert.deepEqual(config.Tmpfs, {
    "/tmp": "rw,nosuid,nodev,noexec,size=67108864,mode=1777,U",
    "/workspace": "rw,nosuid,nodev,noexec,size=67108864,mode=700,U",
    "/run": "rw,nosuid,nodev,noexec,size=33554432,mode=1777,U",
    "/var/tmp": "rw,nosuid,nodev,noexec,size=33554432,mode=1777,U",
  });
  const tmpfs = [{ path: "/a", sizeBytes: 4096, mode: 0o700, uid: 7, gid: 7 }];
  assert.equal(
    hostConfig({ ...SANDBOX, tmpfs }, PODMAN).Tmpfs["/a"],
    "rw,nosuid,nodev,noexec,size=4096,mode=1777",
  );
  const bare: EngineFacts = {
    ...PODMAN,
    cgroupVersion: 1,
    seccompFolder: null,
    hasInit: false,
    limits: { memory: false, swap: false, cpu: false, pids: false },
  };
  const { gaps, body, requested } = createBody({ ...SANDBOX, runtime: "runsc" }, bare);
  assert.deepEqual([...gaps].sort(), [
    ...["cgroup-namespace", "cpus", "init", "memory", "pids", "runtime", "seccomp", "swap"],
  ]);
  assert.equal(requested.seccomp, "engine");
  const keys = Object.keys(body.HostConfig as object);
  for (const key of ["Memory", "MemorySwap", "PidsLimit", "NanoCpus", "Init", "Runtime"]) {
    assert.ok(!keys.includes(key), key);
  }
  assert.deepEqual(createBody(SANDBOX, { ...DOCKER, apiVersion: "1.40" }).gaps, [
    "cgroup-namespace",
  ]);
});

Deno.test("policy: gaps are refused unless they are accepted by name", () => {
  refuseGaps([], [], "Docker");
  refuseGaps(["init"], acceptedWeaker(["init"]), "Podman");
  assert.throws(() => refuseGaps(["init", "seccomp"], ["init"], "Podman 4"), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"));
    assert.match(error.message, /Podman 4 cannot give seccomp; acceptWeaker: \["seccomp"\]/);
    return true;
  });
  assert.throws(() => acceptedWeaker(["no-new-privilege"]), /did you mean no-new-privileges\?/);
  assert.throws(() => acceptedWeaker(["all"]), RangeError);
  assert.throws(() => acceptedWeaker("init"), TypeError);
});

Deno.test("policy: what is no spec at all is a TypeError", () => {
  for (const spec of [null, undefined, 1, "x", [], () => {}]) {
    assert.throws(() => createBody(wrong(spec), DOCKER), TypeError);
  }
  refuses({ ...SANDBOX, profile: "root" }, TypeError);
  refuses({ ...SANDBOX, kind: "x" }, TypeError);
  refuses({ ...SANDBOX, stdin: "yes" }, TypeError);
});

Deno.test("writeProfiles() leaves the files whole for whoever reads them meanwhile", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeProfiles(folder);
    const path = profileFile(folder, []);
    const whole = await Deno.readTextFile(path);
    let over = false;
    const writing = Promise.all(Array.from({ length: 20 }, () => writeProfiles(folder)))
      .finally(() => over = true);
    while (!over) assert.equal(await Deno.readTextFile(path), whole);
    await writing;
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(names, ["agent-seccomp-packets.json", "agent-seccomp-plain.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
