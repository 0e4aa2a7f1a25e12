/**
 * Deployments on a swarm: what it cannot give is refused, what it can is there. One real Docker Engine, made a manager
 * of a swarm of its own, in a network of its own.
 */

import assert from "assertions";
import { Container } from "../../src/containers/container/container.ts";
import { deploy, sweep } from "../../src/containers/deploy/mod.ts";
import {
  type ContainerSpec,
  type ControlName,
  type EngineFacts,
  serviceBody,
} from "../../src/containers/policy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import { sharedEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { wrong } from "../support/values.ts";
import { buildStandIn, connected, STAND_IN } from "./deploy_support.ts";

const SPEC: ContainerSpec = {
  profile: "service",
  kind: "deployment",
  image: "x",
  network: { kind: "bridge", name: "net-1" },
};
const WEAKER: ControlName[] = [
  ...["cgroup-namespace", "ipc-namespace", "no-new-privileges", "oom-score"] as const,
  ...["seccomp", "shared-memory", "swap"] as const,
];
const facts = (apiVersion: string): EngineFacts => ({ engine: "docker", apiVersion });
const body = (spec: ContainerSpec, apiVersion = "1.41"): ReturnType<typeof serviceBody> =>
  serviceBody(spec, facts(apiVersion), { replicas: 2 });

Deno.test("swarm: what each version of the engine cannot give", () => {
  assert.deepEqual(body(SPEC, "1.41").gaps, WEAKER);
  assert.deepEqual(
    body(SPEC, "1.44").gaps,
    WEAKER.filter((gap) => gap !== "no-new-privileges" && gap !== "seccomp"),
  );
  const newest = ["cgroup-namespace", "ipc-namespace", "shared-memory", "swap"];
  assert.deepEqual(body(SPEC, "1.46").gaps, newest);
  const old = body({ ...SPEC, profile: "lab", network: { kind: "none" } }, "1.40");
  for (const gap of ["capabilities", "pids", "open-files", "core-dumps", "file-size"] as const) {
    assert.ok(old.gaps.includes(gap), gap);
  }
  assert.ok(body({ ...SPEC, runtime: "runsc" }).gaps.includes("runtime"));
});

Deno.test("swarm: what it can give is asked for", () => {
  // deno-lint-ignore no-explicit-any -- the engine's JSON, looked into freely
  const made = body(SPEC, "1.46").body as any;
  const { ContainerSpec: container, Resources, RestartPolicy, LogDriver } = made.TaskTemplate;
  assert.deepEqual(container.CapabilityDrop, ["ALL"]);
  assert.equal(container.ReadOnly, true);
  assert.equal(container.Init, true);
  assert.equal(container.Privileges.NoNewPrivileges, true);
  assert.equal(container.Privileges.Seccomp.Mode, "custom");
  assert.match(atob(container.Privileges.Seccomp.Profile), /^\{"defaultAction":"SCMP_ACT_ERRNO"/);
  assert.equal(container.OomScoreAdj, 100);
  assert.equal(Resources.Limits.Pids, 512);
  assert.equal(RestartPolicy.Condition, "none");
  assert.equal(LogDriver.Name, "local");
  assert.deepEqual(made.Mode, { Replicated: { Replicas: 2 } });
});

Deno.test("swarm: loopback ports, folders, processors and Podman are errors, whatever is accepted", () => {
  const port = { container: 80 };
  for (
    const spec of [
      { ...SPEC, ports: [port] },
      { ...SPEC, ports: [port], exposeToNetwork: true },
      { ...SPEC, ports: [{ ...port, hostAddress: "::1" }], exposeToNetwork: true },
      { ...SPEC, ports: [{ ...port, hostAddress: "10.0.0.1" }], exposeToNetwork: true },
      { ...SPEC, gpu: true },
    ]
  ) {
    assert.throws(() => body(spec), (error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
      assert.match(error.message, /A swarm cannot give/);
      return true;
    });
  }
  assert.throws(() => body({ ...SPEC, ports: [{ ...port, hostAddress: "0.0.0.0" }] }), RangeError);
  assert.throws(() => body(wrong({ ...SPEC, privileged: true })), TypeError);
  const bind = { kind: "bind", source: "/var/run/docker.sock", target: "/x" } as const;
  assert.throws(() => body({ ...SPEC, mounts: [bind] }), RangeError);
  const podman: EngineFacts = { engine: "podman", apiVersion: "1.41" };
  assert.throws(() => serviceBody(SPEC, podman, { replicas: 1 }), /Podman has none/);
  const open = { ...SPEC, exposeToNetwork: true, ports: [{ ...port, hostAddress: "0.0.0.0" }] };
  assert.match(body(open).warnings.join(), /every address of every machine/);
});

const MISSING = engineMissing() ?? BUSYBOX.missing;
const engine = sharedEngine(MISSING, async () => {
  const started = await startDocker("namespace", [BUSYBOX]);
  await buildStandIn(started);
  const init = { ListenAddr: "127.0.0.1:24377", AdvertiseAddr: "127.0.0.1" };
  const answer = await started.ask("POST", "/v1.41/swarm/init", init);
  if (answer.status !== 200) throw new Error(`No swarm: ${answer.text}`);
  return started;
});

const BUILD = { options: { baseImage: STAND_IN }, buildNetwork: "none" } as const;
const SWARM = { ...BUILD, swarm: { replicas: 2 } } as const;

testNeeding([MISSING], "swarm: nothing weaker without a word, and nothing is left", async () => {
  await using context = await connected(engine());
  await assert.rejects(deploy(context, "web-pentest", SWARM), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.deepEqual(error.details, { what: WEAKER.join(", ") });
    return true;
  });
  const acceptWeaker = WEAKER.slice(1);
  await assert.rejects(deploy(context, "web-pentest", { ...SWARM, acceptWeaker }), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.deepEqual(error.details, { what: WEAKER[0] });
    return true;
  });
  await assert.rejects(
    deploy(context, "data-science", { ...SWARM, acceptWeaker: WEAKER }),
    (error) => {
      assert.ok(
        AgentError.is(error, "UNSUPPORTED") && /port 8888 at 127\.0\.0\.1/.test(error.message),
      );
      return true;
    },
  );
  await assert.rejects(deploy(context, "web-pentest", { swarm: { replicas: 0 } }), RangeError);
  assert.deepEqual((await engine().ask("GET", "/services")).json(), []);
});

testNeeding(
  [MISSING],
  "swarm: two tasks, held as far as a swarm can, and the token as its secret",
  async () => {
    await using context = await connected(engine());
    const ports = { lab: { hostAddress: "0.0.0.0" } };
    await using service = await deploy(context, "data-science", {
      ...SWARM,
      acceptWeaker: WEAKER,
      exposeToNetwork: true,
      ports,
    });
    assert.equal(service.containerId, null);
    assert.match(service.warnings.join(), /every address of every machine/);
    assert.match(service.token!, /^[A-Za-z0-9_-]{43}$/);
    const filters = JSON.stringify({ label: [`agent.deployment=${service.id}`] });
    const query = `filters=${encodeURIComponent(filters)}`;
    const tasks = (await engine().ask("GET", `/containers/json?${query}`)).json() as {
      Id: string;
    }[];
    assert.equal(tasks.length, 2);
    for (const { Id } of tasks) {
      const answer = await engine().ask("GET", `/containers/${Id}/json`);
      // deno-lint-ignore no-explicit-any -- the engine's JSON, looked into freely
      const { Config, HostConfig: host } = answer.json() as any;
      assert.equal(Config.User, "1000:1000");
      assert.deepEqual(host.CapDrop, ["ALL"]);
      assert.equal(host.ReadonlyRootfs, true);
      assert.equal(host.PidsLimit, 512);
      assert.equal(host.Init, true);
      assert.equal(host.LogConfig.Type, "local");
      assert.ok(!answer.text.includes(service.token!));
      const look =
        "id -u; grep CapBnd /proc/self/status; stat -c '%a %u' /secrets/token; cat /secrets/token";
      const { stdout } = await new Container(context.client, Id).exec(["sh", "-c", look]);
      assert.equal(stdout, `1000\nCapBnd:\t0000000000000000\n600 1000\n${service.token}`);
    }
    await service.remove();
    for (const path of [`/containers/json?all=1&${query}`, `/services`, `/secrets`]) {
      assert.deepEqual((await engine().ask("GET", path)).json(), [], path);
    }
    const networks = (await engine().ask("GET", `/networks?${query}`)).json();
    assert.deepEqual(networks, []);
  },
);

testNeeding([MISSING], "swarm: what is over its time is swept, as services are", async () => {
  await using context = await connected(engine());
  await using lab = await deploy(context, "web-pentest", {
    ...BUILD,
    swarm: { replicas: 1 },
    acceptWeaker: WEAKER,
    ttlMs: 60_000,
    detach: true,
  });
  const { removed } = await sweep(context.client, context.owner, {
    now: Date.now() + 3_600_000,
    dryRun: true,
  });
  assert.deepEqual(
    removed.map(({ kind, reason }) => `${kind} ${reason}`).sort(),
    // The lease is a volume too.
    [
      ...["container expired", "network expired", "service expired"],
      ...["volume expired", "volume expired"],
    ],
  );
  await lab.remove();
});

testNeeding([MISSING], "swarm: a task that cannot start says why", async () => {
  await using context = await connected(engine());
  const { readTemplate } = await import("../../src/containers/templates/mod.ts");
  const broken = readTemplate(
    {
      ...{ id: "broken", version: "1.0.0", name: "Broken", description: "A test.", profile: "lab" },
      ...{ image: BUSYBOX.name, command: ["/nowhere/program"] },
    },
    { source: "folder", files: new Map() },
    "template.json",
  );
  const options = { swarm: { replicas: 1 }, acceptWeaker: WEAKER };
  await assert.rejects(deploy(context, broken, options), (error) => {
    assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
    assert.match(error.message, /A task of agent-broken-.* is (rejected|failed): /);
    return true;
  });
  assert.deepEqual((await engine().ask("GET", "/services")).json(), []);
});
