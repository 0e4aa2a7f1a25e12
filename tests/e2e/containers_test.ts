/** `agent containers` as a person calls it, on a real engine. */

import assert from "assertions";
import { engineMissing, sharedDocker } from "../support/docker.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { registryMissing, TestRegistry } from "../support/registry.ts";
import { agent, direct, Scratch } from "./helpers.ts";

const engine = sharedDocker("none", [BUSYBOX]);
const NEEDS = [engineMissing(), BUSYBOX.missing];
const image = BUSYBOX.name;

/** A line of what a command with several arguments says of each. */
interface Row {
  container: string;
  error: { code: string; message: string };
}

/** The arguments with some before the `--` that ends the options. */
function withFlags(args: readonly string[], ...flags: string[]): string[] {
  const end = args.indexOf("--");
  return end < 0 ? [...args, ...flags] : [...args.slice(0, end), ...flags, ...args.slice(end)];
}

/** A container that writes a line and waits. */
async function lab(name: string): Promise<string> {
  const created = await engine().ask("POST", `/containers/create?name=${name}`, {
    Image: image,
    Cmd: ["sh", "-c", "echo ready; echo problem >&2; sleep 300"],
    HostConfig: { NetworkMode: "none" },
  });
  const { Id } = created.json() as { Id: string };
  assert.equal((await engine().ask("POST", `/containers/${Id}/start`)).status, 204);
  return Id;
}

testNeeding(NEEDS, "run: a command in a sandbox, its files and its end", async () => {
  using scratch = new Scratch();
  const env = scratch.env({ DOCKER_HOST: engine().host });
  const call = (...args: string[]) =>
    agent(scratch, ["containers", "run", "--image", image, ...args], { env });
  const plain = await call("--", "sh", "-c", "echo hello; echo problem >&2; id -u");
  assert.equal(plain.code, 0, plain.stderr);
  assert.equal(plain.stdout, "hello\n65534\n");
  assert.equal(plain.stderr, "problem\n");
  const failed = await call("--", "sh", "-c", "exit 3");
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /exit code 3/);
  const late = await call("--timeout", "5s", "--", "sleep", "60");
  assert.equal(late.code, 1);
  assert.match(late.stderr, /its time was over/);
  const never = await call("--timeout", "1ms", "--", "true");
  assert.equal(never.code, 1);
  assert.match(never.stderr, /not finished within 1 ms: the engine had not started/);
  scratch.file("in/a.txt", "from here");
  const files = await call(
    "--files",
    `${scratch.path}/in`,
    "--take",
    "/workspace/out",
    "--to",
    `${scratch.path}/taken`,
    "--",
    "sh",
    "-c",
    "mkdir out; tr a-z A-Z <a.txt >out/b.txt",
  );
  assert.equal(files.code, 0, files.stderr);
  assert.equal(Deno.readTextFileSync(`${scratch.path}/taken/out/b.txt`), "FROM HERE");
  const read = await agent(
    scratch,
    ["containers", "run", "--image", image, "--stdin", "--json", "--verify", "--", "cat"],
    { env, stdin: "given" },
  );
  const document = JSON.parse(read.stdout);
  assert.equal(document.stdout, "given");
  assert.equal(document.exitCode, 0);
  assert.equal(document.security.ok, true);
  assert.equal(document.security.verified, true);
  const report = await call("--report", "--", "true");
  assert.match(report.stderr, /ok: capabilities by inspect: none/);
  assert.match(report.stderr, /shares the machine's kernel/);
});

testNeeding(NEEDS, "run: mistakes are said in the words of the command line", async () => {
  using scratch = new Scratch();
  const env = scratch.env({ DOCKER_HOST: engine().host });
  const wrong: readonly [string[], RegExp][] = [
    [["--", "true"], /Give the image with --image/],
    [["--image", image], /The command is missing/],
    [["--image", image, "--take", "/x", "--", "true"], /--take and --to go together/],
    [["--image", image, "--env", "X", "--", "true"], /NAME=VALUE/],
    [["--image", image, "--timeout", "5", "--", "true"], /--timeout must be a number/],
    [["--image", image, "--accept-weaker", "seccmp", "--", "true"], /did you mean seccomp/],
    [["--image", image, "--allow", "nohost", "--", "true"], /--allow must be a host/],
    [["--image", "A B", "--", "true"], /--image must be an image/],
    [["--image", image, "--memory", "1", "--", "true"], /--memory must be/],
    [["--image", image, "--take", "/a/../b", "--to", "/x", "--", "true"], /--take must be/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await agent(scratch, ["containers", "run", ...args], { env });
    assert.match(stderr, message);
    assert.equal(code, 2, stderr);
  }
  const none = ["containers", "run", "--image", "none:none", "--", "true"];
  const missing = await agent(scratch, none, { env });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no image none:none; scripts\/agent containers pull none:none gets/);
  const elsewhere = await agent(scratch, [
    "containers",
    "list",
    "--host",
    "unix:///nowhere/engine.sock",
  ], { env });
  assert.equal(elsewhere.code, 1);
  assert.match(
    elsewhere.stderr,
    /no container engine at \/nowhere\/engine.sock.*by --host or DOCKER/,
  );
  await using web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<html>", { status: 404 }),
  );
  const host = `tcp://127.0.0.1:${web.addr.port}`;
  const other = await agent(scratch, ["containers", "list", "--host", host], { env });
  assert.equal(other.code, 1);
  assert.match(
    other.stderr,
    /is not a container engine: .* status 404\. .*by --host or DOCKER_HOST/,
  );
});

testNeeding(NEEDS, "what is there: list, logs, exec, stats, stop, start, remove", async () => {
  using scratch = new Scratch();
  const env = scratch.env({ DOCKER_HOST: engine().host });
  const call = (...args: string[]) => agent(scratch, ["containers", ...args], { env });
  const id = await lab("my-lab");
  const listed = await call("list");
  assert.match(
    listed.stdout,
    /^NAME +STATUS +IMAGE +KIND +PORTS\nmy-lab +Up .+busybox:latest +- +-$/m,
  );
  const found = JSON.parse((await call("list", "--json")).stdout).containers;
  assert.deepEqual(found.map(({ id }: { id: string }) => id), [id]);
  assert.match((await call("list", "--ours")).stderr, /no containers/);
  const logs = await call("logs", "my-lab", "--tail", "5");
  assert.deepEqual(logs.stdout.trimEnd().split("\n").sort(), ["problem", "ready"]);
  const exec = await call("exec", "my-lab", "--env", "A=b", "--", "sh", "-c", "echo $A; exit 4");
  assert.equal(exec.stdout, "b\n");
  assert.equal(exec.code, 1);
  const stats = await call("stats");
  assert.match(stats.stdout, /^my-lab +[\d.-]+%? +[\d.]+ .?i?B \/ /m);
  assert.equal(
    JSON.parse((await call("stats", "my-lab", "--json")).stdout).containers[0].name,
    "my-lab",
  );
  const refused = await call("remove", "my-lab");
  assert.equal(refused.code, 1, "one that runs needs --force");
  assert.match(refused.stderr, /my-lab runs; stop it first, or remove it with --force/);
  const both = await call("remove", "my-lab", "nobody", "--json");
  assert.equal(both.code, 1);
  assert.deepEqual(
    JSON.parse(both.stdout).containers.map(({ container, error }: Row) => [container, error.code]),
    [["my-lab", "UNAVAILABLE"], ["nobody", "NOT_FOUND"]],
  );
  assert.match((await call("stop", "my-lab", "--grace", "1s")).stdout, /my-lab stopped/);
  assert.match((await call("start", "my-lab")).stdout, /my-lab started/);
  assert.match((await call("list", "--running")).stdout, /^my-lab +Up /m);
  assert.match((await call("start", "my-lab")).stdout, /my-lab started/, "one that runs is fine");
  assert.equal((await call("stop", "my-lab", "--grace", "1s")).code, 0);
  assert.match((await call("remove", "my-lab")).stdout, /my-lab removed/);
  const gone = await call("logs", "my-lab");
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /There is no container my-lab/);
});

testNeeding(NEEDS, "printed permissions suffice, and the program prints the same", async () => {
  using scratch = new Scratch();
  const host = engine().host;
  const id = await lab("other-lab");
  scratch.file("in/a.txt", "x");
  const calls: readonly string[][] = [
    ["containers", "templates"],
    ["containers", "templates", "data-science", "--templates", scratch.folder("own")],
    [
      "containers",
      "run",
      "--host",
      host,
      "--image",
      image,
      "--files",
      `${scratch.path}/in`,
      "--",
      "ls",
    ],
    ["containers", "list", "--host", host],
    ["containers", "logs", "other-lab", "--host", host, "--tail", "1"],
    ["containers", "exec", "other-lab", "--host", host, "--", "true"],
    ["containers", "stats", "other-lab", "--host", host],
    ["containers", "stop", "other-lab", "--host", host, "--grace", "1s"],
    ["containers", "start", "other-lab", "--host", host],
    ["containers", "stop", "other-lab", "--host", host, "--grace", "1s"],
    ["containers", "remove", id, `--host=${host}`],
    ["containers", "sweep", "--host", host, "--dry-run"],
  ];
  for (const args of calls) {
    const launched = await agent(scratch, withFlags(args, "--print-permissions"));
    assert.equal(launched.code, 0, launched.stderr);
    const flags = launched.stdout.trimEnd().split("\n");
    const printed = await direct(scratch, ["--allow-env"], withFlags(args, "--print-permissions"));
    assert.equal(printed.stdout, launched.stdout, args.join(" "));
    const { code, stderr, stdout } = await direct(scratch, flags, withFlags(args, "--json"));
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    assert.doesNotMatch(stderr, /NotCapable|denied/i);
    JSON.parse(stdout);
  }
});

Deno.test("templates: listed and described without an engine", async () => {
  using scratch = new Scratch();
  const listed = await agent(scratch, ["containers", "templates"]);
  assert.equal(listed.code, 0, listed.stderr);
  for (
    const name of ["cybersec-lab", "dev-environment", "data-science", "ml-training", "web-pentest"]
  ) {
    assert.match(listed.stdout, new RegExp(`^${name} `, "m"));
  }
  const one = await agent(scratch, ["containers", "templates", "data-science"]);
  assert.match(one.stdout, /published on 127\.0\.0\.1/);
  const none = await agent(scratch, ["containers", "templates", "data-sience"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /it is one of .*data-science/);
  // The same mistake is told the same way where it is to be deployed, with or without an engine.
  const env = scratch.env({ DOCKER_HOST: "unix:///nowhere/engine.sock" });
  const undeployed = await agent(scratch, ["containers", "deploy", "data-sience"], { env });
  assert.equal(undeployed.code, 2);
  assert.match(undeployed.stderr, /it is one of .*data-science/);
});

testNeeding(NEEDS, "deploy, remove, sweep: a deployment goes with what is its own", async () => {
  using scratch = new Scratch();
  const env = scratch.env({ DOCKER_HOST: engine().host });
  const call = (...args: string[]) => agent(scratch, ["containers", ...args], { env });
  const template = {
    ...{ id: "clerk", version: "1.0.0", name: "Clerk", description: "It waits.", image },
    ...{ profile: "service", network: "none", command: ["sh", "-c", "echo ready; sleep 900"] },
    ...{ volumes: [{ name: "work", target: "/data" }], token: { file: "/secrets/token" } },
    wait: { log: "ready" },
  };
  scratch.file("own/clerk/template.json", JSON.stringify(template));
  const own = ["--templates", `${scratch.path}/own`];
  const volumes = async (): Promise<string[]> => {
    const { Volumes } = (await engine().ask("GET", "/volumes")).json() as {
      Volumes: { Name: string }[] | null;
    };
    return (Volumes ?? []).map(({ Name }) =>
      Name.replace(/^agent-[0-9a-f]{12}-|-[0-9a-z]{8}$/g, "")
    )
      .sort();
  };
  const made = await call("deploy", "clerk", ...own, "--name", "clerk-1");
  assert.equal(made.code, 0, made.stderr);
  // Its image by name, though it was asked for by its id.
  assert.match((await call("list")).stdout, /^clerk-1 .*busybox:latest +deployment/m);
  const again = await call("deploy", "clerk", ...own, "--name", "clerk-1");
  assert.equal(again.code, 1);
  assert.match(again.stderr, /the name clerk-1; scripts\/agent containers remove clerk-1 --force/);
  assert.deepEqual(await volumes(), ["lease", "secret", "work"]);
  const removed = await call("remove", "clerk-1", "--force");
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stdout, /volume agent-\w+-secret removed/);
  assert.match(removed.stderr, /-work is left with its data until 20.* UTC; --volumes removes/);
  assert.deepEqual(await volumes(), ["work"]);
  const nothing = await call("sweep");
  assert.equal(nothing.code, 0, nothing.stderr);
  assert.match(nothing.stderr, /nothing to remove; 1 of ours left/);
  const shown = await call("sweep", "--dry-run");
  assert.match(shown.stderr, /nothing to remove; 1 of ours would be left/);
  const dry = JSON.parse((await call("sweep", "--volumes", "--dry-run", "--json")).stdout);
  assert.equal(dry.dryRun, true);
  assert.deepEqual(
    dry.removed.map(({ kind, reason }: { kind: string; reason: string }) => [kind, reason]),
    [["volume", "unused"]],
  );
  assert.deepEqual(await volumes(), ["work"]);
  const swept = await call("sweep", "--volumes");
  assert.match(swept.stdout, /^volume +agent-\w+-work +what it belonged to is gone$/m);
  assert.deepEqual(await volumes(), []);
  // At once, if asked.
  assert.equal((await call("deploy", "clerk", ...own, "--name", "clerk-2")).code, 0);
  const whole = await call("remove", "clerk-2", "--force", "--volumes", "--json");
  const [{ also, kept }] = JSON.parse(whole.stdout).containers;
  assert.equal(also.length, 3);
  assert.deepEqual(kept, []);
  assert.deepEqual(await volumes(), []);
});

testNeeding([...NEEDS, registryMissing], "pull: an image comes from its registry", async () => {
  using scratch = new Scratch();
  const env = scratch.env({ DOCKER_HOST: engine().host });
  const call = (...args: string[]) => agent(scratch, ["containers", "pull", ...args], { env });
  await using registry = await TestRegistry.start();
  const name = await registry.take(engine(), image, "some/busybox:1");
  const inspect = () => engine().ask("GET", `/images/${name}/json`);
  assert.equal((await inspect()).status, 404);
  const pulled = await call(name);
  assert.equal(pulled.code, 0, pulled.stderr);
  const digest = /^(.+) (sha256:[0-9a-f]{64})\n$/.exec(pulled.stdout);
  assert.equal(digest?.[1], name, pulled.stdout);
  const { Id, RepoDigests } = (await inspect()).json() as { Id: string; RepoDigests: string[] };
  assert.ok(RepoDigests.some((one) => one.endsWith(`@${digest![2]}`)), RepoDigests.join());
  // By its digest too, and as a document.
  const document = await call(`${name.split(":1")[0]}@${digest![2]}`, "--json");
  const { type, imageId, digest: again } = JSON.parse(document.stdout);
  assert.deepEqual([type, imageId, again], ["pulled", Id, digest![2]]);
  const none = await call(`${registry.address}/some/nothing:1`);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /manifest unknown/);
  assert.equal(none.stdout, "");
  const platform = `linux/${Deno.build.arch === "x86_64" ? "amd64" : "arm64"}`;
  assert.equal((await call(name, "--platform", platform)).code, 0);
  for (
    const [args, message] of [
      [[], /The image is missing/],
      [["A B"], /image must be the name of an image/],
      [[name, name], /./],
      [[name, "--platform"], /--platform/],
    ] as const
  ) {
    const { code, stderr } = await call(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  await engine().ask("DELETE", `/images/${name}?force=1`);
});
