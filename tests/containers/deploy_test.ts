/**
 * Deployments on a real Docker Engine: the templates of this package over an image that stands in for their bases, what
 * is waited for, what is said when it does not come, and every end.
 */

import assert from "assertions";
import { deploy, sweep } from "../../src/containers/deploy/mod.ts";
import type {
  DeployContext,
  DeployEvent,
  DeployOptions,
} from "../../src/containers/deploy/types.ts";
import { readTemplate, type Template } from "../../src/containers/templates/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import { sharedEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { until } from "../support/values.ts";
import { assertHeld, buildStandIn, connected, STAND_IN } from "./deploy_support.ts";

const MISSING = engineMissing() ?? BUSYBOX.missing;
const engine = sharedEngine(MISSING, async () => {
  const started = await startDocker("bridge", [BUSYBOX]);
  await buildStandIn(started);
  return started;
});

/** A template of the tests' own, of an image that is there. */
function template(fields: object = {}): Template {
  const whole = {
    id: "mine",
    version: "1.0.0",
    name: "Mine",
    description: "A test.",
    image: BUSYBOX.name,
    command: ["sleep", "600"],
    network: "none",
    ...fields,
  };
  return readTemplate(whole, { source: "folder", files: new Map() }, "template.json");
}

function test(name: string, body: (context: DeployContext) => Promise<void>): void {
  testNeeding([MISSING], `deploy: ${name}`, async () => {
    {
      await using context = await connected(engine());
      await body(context);
    }
    for (
      const [path, list] of [["/containers/json?all=1", "length"], ["/volumes", "Volumes"]] as const
    ) {
      const answer = (await engine().ask("GET", path)).json() as Record<string, unknown>;
      const left = list === "length"
        ? answer.length
        : (answer[list] as unknown[] | null)?.length ?? 0;
      assert.equal(left, 0, `${path} holds ${left} of a test`);
    }
    const networks = (await engine().ask("GET", "/networks")).json() as { Name: string }[];
    assert.deepEqual(networks.map(({ Name }) => Name).sort(), ["bridge", "host", "none"]);
  });
}

async function fails(
  code: AgentErrorCode,
  work: Promise<unknown>,
  pattern: RegExp,
): Promise<AgentError> {
  const error = await work.then(() => undefined, (thrown) => thrown);
  assert.ok(AgentError.is(error, code), `${error}`);
  assert.match(error.message, pattern);
  return error;
}

const BUILD = { options: { baseImage: STAND_IN }, buildNetwork: "none" } as const;

for (const id of ["dev-environment", "data-science", "ml-training"]) {
  test(`${id} is built once, answers at the loopback and knows its token alone`, async (context) => {
    const events: DeployEvent[] = [];
    await using first = await deploy(context, id, { ...BUILD, onProgress: (e) => events.push(e) });
    assert.deepEqual(
      events.filter(({ type }) => type !== "build").map((event) =>
        event.type === "image" ? event.state : event.type
      ),
      ["building", "created", "started", "ready"],
    );
    assert.ok(events.some(({ type }) => type === "build"));
    const [port] = first.ports;
    assert.equal(port!.hostAddress, "127.0.0.1");
    assert.match(first.url!, /^http:\/\/127\.0\.0\.1:\d+\//);
    const { token } = first;
    assert.match(token!, /^[A-Za-z0-9_-]{43}$/);

    // In the file, for its user alone, and nowhere else.
    const look =
      "stat -c '%a %u:%g' /secrets/token; cat /secrets/token; echo; env; id -u; cat /proc/1/cmdline";
    const { stdout } = await first.container.exec(["sh", "-c", look]);
    assert.ok(stdout.startsWith(`600 1000:1000\n${token}\n`), stdout.replace(token!, "TOKEN"));
    assert.equal(stdout.split(token!).length, 2);
    const inspected = (await engine().ask("GET", `/containers/${first.containerId}/json`)).text;
    assert.ok(!inspected.includes(token!));
    let logs = "";
    for await (const { text } of first.container.logs()) logs += text;
    assert.ok(!logs.includes(token!) && logs.includes("listening"));
    assert.ok(!Deno.inspect(first).includes(token!) && !JSON.stringify(first).includes(token!));
    assert.equal(first.loginUrl, id === "dev-environment" ? null : `${first.url}?token=${token}`);

    await assertHeld(context, first);

    const again: DeployEvent[] = [];
    await using second = await deploy(context, id, { ...BUILD, onProgress: (e) => again.push(e) });
    assert.deepEqual(again[0], {
      type: "image",
      image: (again[0] as { image: string }).image,
      state: "found",
    });
    assert.notEqual(second.token, token);
    assert.equal(second.image, first.image);
  });
}

for (const id of ["cybersec-lab", "web-pentest"]) {
  test(`${id} has no way out, no port, and a capability only if asked for`, async (context) => {
    await using lab = await deploy(context, id, BUILD);
    assert.deepEqual([lab.ports, lab.url, lab.token], [[], null, null]);
    const look = "id -u; grep CapBnd /proc/self/status; nslookup example.org 2>&1 | tail -n 1; " +
      "wget -T 2 -q -O - http://198.18.0.1:1/ 2>&1; ls /sys/class/net";
    const plain = await lab.container.exec(["sh", "-c", look]);
    assert.match(plain.stdout, /^1000\nCapBnd:\s0{16}\n/);
    assert.doesNotMatch(plain.stdout, /Address.*example/);
    await using with_ = await deploy(context, id, { ...BUILD, capabilities: ["NET_RAW"] });
    const raw = await with_.container.exec(["sh", "-c", "id -u; grep CapBnd /proc/self/status"]);
    assert.match(raw.stdout, /^0\nCapBnd:\s0000000000002000\n/);
    await assert.rejects(
      deploy(context, id, { ...BUILD, capabilities: ["SYS_ADMIN"] }),
      RangeError,
    );
  });
}

test("another deployment joins a lab's network as a target, and is found by its name", async (context) => {
  await using lab = await deploy(context, "web-pentest", BUILD);
  const target = template({
    id: "target",
    network: "internal",
    profile: "lab",
    command: ["sh", "-c", "echo found >/tmp/index.html; exec httpd -f -p 8080 -h /tmp"],
    wait: { port: 8080 },
  });
  await using shop = await deploy(context, target, { join: `agent-${lab.id}`, name: "shop" });
  const { stdout } = await lab.container.exec(["wget", "-q", "-O", "-", "http://shop:8080/"]);
  assert.equal(stdout, "found\n");
  await assert.rejects(deploy(context, target, { join: "none" }), RangeError);
  await assert.rejects(
    deploy(context, template({ network: "bridge" }), { join: `agent-${lab.id}` }),
    /with a way out/,
  );
  assert.ok(shop.id !== lab.id);
  await shop.remove();
});

const WAITS: [string, object, DeployOptions["wait"]][] = [
  ["a port", { command: ["sh", "-c", "sleep 0.3; exec nc -l -p 7777"] }, { port: 7777 }],
  ["a line", { command: ["sh", "-c", "echo one; sleep 0.3; echo it is rea''dy; sleep 600"] }, {
    log: "ready",
  }],
  [
    "health",
    {
      command: ["sh", "-c", "sleep 0.3; touch /tmp/up; sleep 600"],
      healthCheck: { command: ["test", "-e", "/tmp/up"], intervalMs: 100, retries: 100 },
    },
    { healthy: true },
  ],
  [
    "an answer",
    {
      network: "bridge",
      ports: [{ container: 80 + 8000, name: "web", scheme: "http" }],
      token: { file: "/secrets/token" },
      command: [
        "sh",
        "-c",
        "mkdir /tmp/w; echo x >/tmp/w/up; sleep 0.3; exec httpd -f -p 8080 -h /tmp/w",
      ],
    },
    { http: { port: 8080, path: "/up", status: [200] } },
  ],
  ["nothing more than that it runs", {}, { running: true }],
];

for (const [what, fields, wait] of WAITS) {
  test(`waits for ${what}`, async (context) => {
    await using deployment = await deploy(context, template(fields), { wait });
    assert.ok((await deployment.container.inspect()).running);
  });
}

test("what ends instead says so at once, with its last lines, secrets hidden", async (context) => {
  const secret = 'a "secret" of mine+';
  const dies = template({
    command: [
      "sh",
      "-c",
      'echo "got $KEY"; echo "$KEY" | base64; printf "\\033[31mred\\n" >&2; exit 3',
    ],
  });
  for (const wait of [{ port: 1 }, { log: "never" }] as const) {
    const error = await fails(
      "UNAVAILABLE",
      deploy(context, dies, { wait, env: { KEY: secret } }),
      /has ended with 3; it said last:/,
    );
    assert.match(error.message, /got \[hidden\]/);
    assert.ok(!error.message.includes(secret) && !error.message.includes("\x1b"));
    assert.ok(
      !error.message.includes(btoa(secret).slice(0, 12)) && /\nred(\n|$)/.test(error.message),
    );
  }
});

test("what does not come in time is TIMEOUT, and nothing of it is left", async (context) => {
  const silent = template();
  for (const wait of [{ port: 9 }, { log: "never" }] as const) {
    await fails(
      "TIMEOUT",
      deploy(context, silent, { wait: { ...wait, timeoutMs: 700 } }),
      /not finished within 700/,
    );
  }
  await fails(
    "UNSUPPORTED",
    deploy(context, silent, { wait: { healthy: true } }),
    /no health check/,
  );
  await fails(
    "UNSUPPORTED",
    deploy(context, silent, { wait: { http: { port: 80 } } }),
    /not published/,
  );
  const sick = template({ healthCheck: { command: ["false"], intervalMs: 50, retries: 1 } });
  await fails("UNAVAILABLE", deploy(context, sick, { wait: { healthy: true } }), /is unhealthy/);
});

test("an abort ends it, and nothing of it is left", async (context) => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const deployed = deploy(context, template(), {
    wait: { log: "never" },
    signal: controller.signal,
    onProgress: ({ type }) => type === "started" && controller.abort(reason),
  });
  await assert.rejects(deployed, (error) => error === reason);
});

test("a program that is not there is the engine's error", async (context) => {
  const none = template({ command: ["/nowhere/program"] });
  await fails("UNAVAILABLE", deploy(context, none), /has ended with 127/);
  await fails("NOT_FOUND", deploy(context, "dev-enviroment"), /did you mean dev-environment\?/);
  const image = template({ image: "localhost:1/none:1" });
  await assert.rejects(deploy(context, image), (error) => AgentError.is(error));
});

test("what is refused is refused before anything is made", async (context) => {
  const bridge = template({
    network: "bridge",
    ports: [{ container: 80, name: "web" }],
    token: { file: "/secrets/token" },
  });
  for (
    const options of [
      { ports: { web: { hostAddress: "0.0.0.0" } } },
      { ports: { wbe: 1 } },
      { name: "--rm" },
      { env: { "A=B": "x" } },
      { mounts: [{ kind: "volume", name: "somebody-s", target: "/x" }] },
      { signal: "no signal" },
      { onProgress: 1 },
      { mounts: [{ kind: "bind", source: "/var/run/docker.sock", target: "/x" }] },
      { mounts: [{ kind: "bind", source: engine().socket, target: "/x" }] },
      { limits: { memoryBytes: 1 } },
      { ttlMs: 0 },
      { detach: true, idleMs: 5 },
      { capabilities: ["NET_RAW"] },
      { privileged: true },
      { unknown: true },
      { wait: { port: 1, log: "x" } },
      { acceptWeaker: ["everything"] },
      { runtime: "../x" },
      { gpu: "all" },
    ]
  ) {
    await assert.rejects(
      deploy(context, bridge, options as DeployOptions),
      (error) => error instanceof TypeError || error instanceof RangeError,
      JSON.stringify(options),
    );
  }
  await fails("UNSUPPORTED", deploy(context, bridge, { runtime: "kata" }), /cannot give runtime/);
});

test("values of options arrive as they are, and nothing reads them", async (context) => {
  const value = `"; touch /tmp/x; ' $(touch /tmp/x) \`touch /tmp/x\` \${HOME} \\ é 漢`;
  const files = new Map([[
    "Dockerfile",
    new TextEncoder().encode(
      `FROM ${BUSYBOX.name}\nARG VALUE\nENV BUILT=\${VALUE}\nRUN printf %s "$VALUE" >/built\nCMD ["sleep", "600"]\n`,
    ),
  ]]);
  const option = { type: "string", format: "text", default: "", description: "x" };
  const built = readTemplate(
    {
      ...{ id: "built", version: "1.0.0", name: "Built", description: "A test.", network: "none" },
      options: {
        one: { ...option, to: { env: "GIVEN" } },
        two: { ...option, to: { buildArg: "VALUE" } },
      },
    },
    { source: "folder", files },
    "template.json",
  );
  await using deployment = await deploy(context, built, {
    options: { one: value, two: value },
    buildNetwork: "none",
  });
  const look = 'printf "%s\\n" "$GIVEN" "$BUILT"; cat /built; ls /tmp';
  const { stdout } = await deployment.container.exec(["sh", "-c", look]);
  assert.equal(stdout, `${value}\n${value}\n${value}`);
});

test("a build that fails says its last lines", async (context) => {
  const files = new Map([[
    "Dockerfile",
    new TextEncoder().encode(`FROM ${BUSYBOX.name}\nRUN echo before && false\n`),
  ]]);
  const broken = readTemplate(
    { id: "broken", version: "1.0.0", name: "Broken", description: "A test." },
    { source: "folder", files },
    "template.json",
  );
  await fails("JOB_FAILED", deploy(context, broken, { buildNetwork: "none" }), /\nbefore\n/);
});

test("a volume that the caller names is kept, with what is in it", async (context) => {
  const mine = template({ volumes: [{ name: "work", target: "/data" }], user: "65534:65534" });
  const options = { volumes: { work: "kept-work" } };
  await engine().ask("POST", "/volumes/create", { Name: "somebody-s" });
  try {
    const others = deploy(context, mine, { volumes: { work: "somebody-s" } });
    await assert.rejects(others, /must be volumes that were made here, got "somebody-s"/);
    {
      await using first = await deploy(context, mine, options);
      const { Mountpoint } = (await engine().ask("GET", "/volumes/kept-work")).json() as {
        Mountpoint: string;
      };
      await engine().enter(["chown", "65534", Mountpoint]);
      const written = await first.container.exec(["sh", "-c", "echo kept >/data/file"]);
      assert.equal(written.exitCode, 0, written.stderr);
    }
    await using second = await deploy(context, mine, options);
    assert.equal((await second.container.exec(["cat", "/data/file"])).stdout, "kept\n");
    const swept = await sweep(context.client, context.owner, { now: Date.now() + 1e9 });
    assert.ok(!swept.removed.some(({ name }) => name === "kept-work"));
  } finally {
    await engine().ask("DELETE", "/volumes/kept-work");
    await engine().ask("DELETE", "/volumes/somebody-s");
  }
});

test("a folder of the machine that is allowed is there, read only", async (context) => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agent-bind-" }));
  try {
    await Deno.writeTextFile(`${folder}/file`, "of the machine");
    await Deno.chmod(folder, 0o755);
    const allowed = { ...context, mounts: { roots: [folder] } };
    const mounts = [{ kind: "bind", source: folder, target: "/data" }] as const;
    await using deployment = await deploy(allowed, template(), { mounts });
    const { stdout } = await deployment.container.exec([
      ...["sh", "-c", "cat /data/file; touch /data/x 2>&1 | grep -o 'Read-only.*'"],
    ]);
    assert.equal(stdout, "of the machineRead-only file system\n");
    await assert.rejects(deploy(context, template(), { mounts }), /none is allowed/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("it ends when its time is over, and when nobody used it", async (context) => {
  for (const options of [{ ttlMs: 1500 }, { idleMs: 1500 }]) {
    const deployment = await deploy(context, template(), options);
    await until(async () =>
      (await engine().ask("GET", `/containers/${deployment.containerId}/json`)).status === 404
    );
    await until(() => !context.deployments.has(deployment));
    assert.throws(() => deployment.container, (error) => AgentError.is(error, "CLOSED"));
    await deployment.remove();
  }
});

test("what runs in it is a use of it, and none of its time", async (context) => {
  const busy = await deploy(context, template(), { idleMs: 500 });
  // Three times as long as it may be unused: it would not come to its end.
  assert.equal((await busy.container.exec(["sleep", "1.5"])).exitCode, 0);
  await until(() => !context.deployments.has(busy));
  const over = await deploy(context, template(), { idleMs: 600_000, ttlMs: 700, detach: false });
  const { exitCode } = await over.container.exec(["sleep", "600"], { timeoutMs: 60_000 });
  assert.notEqual(exitCode, 0);
  await until(() => !context.deployments.has(over));
});

test("a longer life is seen by others, who else remove what is over its time", async (context) => {
  await using renewed = await deploy(context, template(), { ttlMs: 60_000 });
  await using expired = await deploy(context, template(), { ttlMs: 60_000 });
  await renewed.renew(3_600_000);
  await renewed.renew(7_200_000);
  await using other = await connected(engine());
  const now = Date.now() + 4_000_000;
  const dry = await sweep(other.client, other.owner, { now, dryRun: true });
  assert.deepEqual(dry.removed.map(({ id, reason }) => [id, reason]), [[
    expired.containerId,
    "expired",
  ]]);
  const { removed, kept, failed } = await sweep(other.client, other.owner, { now });
  assert.deepEqual(removed, dry.removed);
  assert.deepEqual(failed, []);
  // The container and its lease: the lease before it is gone.
  assert.equal(kept, 2);
  assert.ok((await renewed.container.inspect()).running);
  assert.ok(
    (await sweep(other.client, other.owner, { now: now + 4_000_000 })).removed.length === 2,
  );
});

test("what a living process made is left alone; a killed one's is found", async (context) => {
  const child = new URL("deploy_child.ts", import.meta.url).pathname;
  for (const detach of [false, true]) {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", "--allow-read", "--allow-write", "--allow-net", child],
        ...[engine().host, engine().folder, BUSYBOX.name, ...(detach ? ["detach"] : [])],
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    const id = new TextDecoder().decode((await reader.read()).value).trim();
    const living = await sweep(context.client, context.owner);
    assert.deepEqual([living.removed, living.kept], [[], 3]);
    process.kill("SIGKILL");
    await process.status;
    await reader.cancel();
    const swept = await sweep(context.client, context.owner);
    if (detach) {
      assert.deepEqual([swept.removed, swept.kept], [[], 3]);
      await engine().ask("DELETE", `/containers/agent-child-${id}?force=1`);
      // Its volume has what was made in it: that goes when it is asked for.
      for (const [volumes, gone] of [[false, "network"], [true, "volume"]] as const) {
        const now = Date.now() + 3_600_000;
        const { removed } = await sweep(context.client, context.owner, { now, volumes });
        assert.deepEqual(removed.map(({ kind, reason }) => [kind, reason]), [[gone, "unused"]]);
      }
      continue;
    }
    assert.deepEqual(swept.removed.map(({ kind }) => kind), ["container", "volume", "network"]);
    assert.ok(swept.removed.every(({ reason }) => reason === "orphaned"));
    assert.deepEqual([swept.kept, swept.failed], [0, []]);
  }
});

test("the digest of an image is kept in a file, and the next one is of it", async (context) => {
  const file = `${engine().folder}/lock-${crypto.randomUUID()}.json`;
  await using _first = await deploy(context, template(), { lockFile: file });
  // An image that came from nowhere has no digest.
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  const digest = `sha256:${"a".repeat(64)}`;
  await Deno.writeTextFile(file, JSON.stringify({ [BUSYBOX.name]: digest }));
  // The digest is asked for, and there is none such.
  await assert.rejects(
    deploy(context, template(), { lockFile: file }),
    (error) => AgentError.is(error),
  );
  await Deno.writeTextFile(file, "[]");
  await fails("CORRUPT", deploy(context, template(), { lockFile: file }), /no list of digests/);
});

test("it is stopped and removed, twice too, also if its container is gone already", async (context) => {
  const deployment = await deploy(context, template());
  await deployment.stop({ graceMs: 0 });
  assert.equal((await deployment.container.inspect()).running, false);
  await engine().ask("DELETE", `/containers/${deployment.containerId}?force=1`);
  await deployment.remove();
  await deployment.remove();
  await assert.rejects(deployment.renew(1000), (error) => AgentError.is(error, "CLOSED"));
});

test("a name that is taken is an error, and whose it is keeps it", async (context) => {
  await using first = await deploy(context, template(), { name: "taken" });
  await fails("UNAVAILABLE", deploy(context, template(), { name: "taken" }), /taken/);
  assert.ok((await first.container.inspect()).running);
});
