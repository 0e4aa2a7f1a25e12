/** What holds for every spec that the policy lets through, and how it refuses the others. */

import assert from "assertions";
import fc from "fast-check";
import { createBody, type EngineFacts } from "../../src/containers/policy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { check } from "../support/arbitraries.ts";
import { wrong } from "../support/values.ts";

const DOCKER: EngineFacts = {
  engine: "docker",
  apiVersion: "1.41",
  socketPath: "/run/docker.sock",
};

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("host", "0.0.0.0", "root", "a\nb", "a\0b", "-x", "container:x", "/", "..", "ALL"),
);
/** Mostly what is right, so that enough gets through, and sometimes what is not. */
const mostly = <T>(
  right: fc.Arbitrary<T>,
  other: fc.Arbitrary<unknown> = words,
): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: other });
const key = (right: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  mostly(right) as fc.Arbitrary<string>;
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const paths = mostly(
  fc.constantFrom("/data", "/srv/x"),
  fc.oneof(fc.constantFrom("/tmp", "/var/run/docker.sock", "/run", "/etc", "/proc/1", "/"), words),
);

const spec = fc.record({
  profile: fc.constantFrom("sandbox", "service", "lab"),
  kind: fc.constantFrom("run", "session", "deployment"),
  image: mostly(fc.constant("x:1")),
  name: rarely(mostly(fc.constant("name-1"))),
  user: rarely(mostly(fc.constantFrom("1000:1000", "0:0"), fc.constantFrom("root", "0", "-1:0"))),
  command: rarely(fc.array(key(fc.constantFrom("a", "b c", "\n")), { minLength: 1, maxLength: 3 })),
  env: rarely(fc.dictionary(key(fc.constantFrom("A", "B")), words, { maxKeys: 2 })),
  labels: rarely(
    fc.dictionary(key(fc.constantFrom("a", "b.c")), key(fc.constant("x")), { maxKeys: 2 }),
  ),
  capAdd: rarely(
    fc.array(
      mostly(fc.constantFrom("NET_RAW", "CHOWN", "SETUID"), fc.constantFrom("SYS_ADMIN", "ALL")),
      {
        maxLength: 2,
      },
    ),
  ),
  network: fc.constantFrom(
    ...[undefined, { kind: "none" }, { kind: "internal", name: "net-1" }, {
      kind: "bridge",
      name: "net-1",
    }],
    ...[{ kind: "bridge", name: "host" }, { kind: "host" }],
  ),
  ports: rarely(
    fc.array(
      fc.record(
        {
          container: fc.integer({ min: 1, max: 65_535 }),
          host: fc.integer({ min: 0, max: 65_535 }),
          hostAddress: mostly(
            fc.constantFrom("127.0.0.1", "::1"),
            fc.oneof(fc.ipV4(), fc.constant("::"), words),
          ),
        },
        { requiredKeys: ["container"] },
      ),
      { maxLength: 2 },
    ),
  ),
  mounts: rarely(
    fc.array(
      fc.oneof(
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant("bind"), source: paths, target: paths }),
        },
        {
          weight: 4,
          arbitrary: fc.record({
            kind: fc.constant("volume"),
            name: mostly(fc.constant("vol-1")),
            target: paths,
          }),
        },
      ),
      { maxLength: 2 },
    ),
  ),
  writableRoot: rarely(fc.boolean()),
  gpu: rarely(fc.boolean()),
  privileged: fc.constantFrom(...Array.from({ length: 19 }, () => undefined), true),
});

/** A spec without the fields that are undefined. */
function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

Deno.test("property: whatever is asked, what holds a container stays", () => {
  let allowed = 0;
  check(fc.property(spec, (fields) => {
    const asked = given(fields) as typeof fields;
    let made: ReturnType<typeof createBody>;
    try {
      made = createBody(wrong(asked), DOCKER, { roots: ["/nowhere"] });
    } catch (error) {
      assert.ok(
        error instanceof TypeError || error instanceof RangeError || AgentError.is(error),
        `${error}`,
      );
      assert.doesNotMatch(error.message, /Cannot read|is not a function|not iterable/);
      return;
    }
    allowed++;
    assert.ok(!Object.hasOwn(asked, "privileged"));
    // deno-lint-ignore no-explicit-any -- the engine's JSON, looked into freely
    const host = made.body.HostConfig as any;
    assert.equal(host.Privileged, false);
    assert.deepEqual(host.CapDrop, ["ALL"]);
    assert.equal(host.SecurityOpt.length, 2);
    assert.equal(host.SecurityOpt[0], "no-new-privileges:true");
    assert.ok(host.SecurityOpt[1].startsWith('seccomp={"defaultAction":"SCMP_ACT_ERRNO"'));
    assert.equal(host.Memory, host.MemorySwap);
    assert.ok(host.PidsLimit > 0 && host.NanoCpus > 0);
    for (
      const key of [
        "PidMode",
        "UTSMode",
        "UsernsMode",
        "Binds",
        "VolumesFrom",
        "Links",
        "CgroupParent",
      ]
    ) {
      assert.ok(!(key in host), key);
    }
    assert.ok(!["host", "bridge", "default"].includes(host.NetworkMode));
    for (const bindings of Object.values(host.PortBindings) as { HostIp: string }[][]) {
      for (const { HostIp } of bindings) assert.match(HostIp, /^(::1|127(\.\d+){3})$/);
    }
    assert.ok(host.Mounts.every(({ Type }: { Type: string }) => Type === "volume"));
    const capabilities = new Set(host.CapAdd);
    if (String(made.body.User).startsWith("0:")) assert.ok(capabilities.size > 0);
    if (asked.profile === "sandbox") {
      assert.equal(capabilities.size, 0);
      assert.equal(host.ReadonlyRootfs, true);
    }
    assert.ok(!capabilities.has("SYS_ADMIN") && !capabilities.has("ALL"));
    const labels = made.body.Labels as Record<string, string>;
    assert.equal(labels["agent.kind"], asked.kind);
    assert.deepEqual(made.requested.capabilities, [...capabilities].sort());
  }));
  assert.ok(allowed > 50, `${allowed}`);
});
