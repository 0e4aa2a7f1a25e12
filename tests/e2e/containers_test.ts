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
    [["--image", image, "--allow", "nohost", "--", "true"], /network/],
    [["--image", "A B", "--", "true"], /image/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await agent(scratch, ["containers", "run", ...args], { env });
    assert.match(stderr, message);
    assert.equal(code, 2, stderr);
  }
  const none = ["containers", "run", "--image", "none:none", "--", "true"];
  const missing = await agent(scratch, none, { env });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no image none:none/);
  const elsewhere = await agent(scratch, [
    "containers",
    "list",
    "--host",
    "unix:///nowhere/engine.sock",
  ], { env });
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stderr, /no socket at \/nowhere\/engine.sock/);
});

testNeeding(NEEDS, "what is there: list, logs, exec, stats, stop, remove", async () => {
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
  assert.match((await call("stop", "my-lab", "--grace", "1s")).stdout, /my-lab stopped/);
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
    ["containers", "remove", id, `--host=${host}`],
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
