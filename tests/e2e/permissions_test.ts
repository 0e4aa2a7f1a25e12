/** The table of permissions: its two readers agree, it fits the options, and each set suffices. */

import assert from "assertions";
import { COMMANDS } from "../../src/cli/commands.ts";
import { allOptions } from "../../src/cli/args.ts";
import { permissionRows } from "../../src/cli/permissions.ts";
import { ROOT } from "../support/programs.ts";
import { selfSignedIn } from "../support/certificates.ts";
import { serving } from "../support/servers.ts";
import { agent, direct, documents, permissions, Scratch } from "./helpers.ts";

/** A call of each command that needs all that the command may need; `page` is the address of one. */
function calls(scratch: Scratch, page = "http://127.0.0.1:9/page"): Record<string, string[]> {
  const docs = documents(scratch);
  const data = `${scratch.path}/data`;
  const queue = scratch.file("jobs.sqlite", "");
  const text = scratch.file("words.txt", "apple\nmaple\ntable\n");
  const authority = selfSignedIn(scratch.path);
  return {
    ask: ["ask", "Which port is used by default?", "--docs", docs, "--data", data],
    index: ["index", docs, page, "--allow-private", `--data=${data}`],
    fetch: ["fetch", page, "--allow-private", "--max-tokens", "100"],
    doctor: ["doctor"],
    connections: ["connections", "--state", "listen"],
    picture: ["picture", "--format", "text"],
    threats: ["threats", "--exclude", "hidden-process"],
    scan: [
      "scan",
      "127.0.0.1",
      "localhost",
      "127.0.0.0/30",
      "[::1]",
      "--ports",
      "1-9",
      "--audit",
      `${data}.log`,
    ],
    top: ["top", "--svg", `${scratch.path}/top.svg`, "--size", "80x24", "--sort", "memory"],
    bench: ["bench", "--rounds", "6", "--warmup=0", "--difference", "99", "sleep", "0.3"],
    load: ["load", page, "--requests", "5", "--ca", authority, "--svg", `${scratch.path}/load.svg`],
    "queue stats": ["queue", "stats", "--file", queue],
    "queue list": ["queue", "list", "--file", queue, "--state", "done", "--limit=5"],
    "queue retry": ["queue", "retry", "--file", queue],
    "queue purge": ["queue", "purge", "--state", "dead", "--older-than", "1d", "--file", queue],
    "text hash": ["text", "hash", text, `${docs}/ports.md`],
    "text similarity": ["text", "similarity", "kitten", "sitting"],
    "text rank": ["text", "rank", "aple", text],
    "text keywords": ["text", "keywords", text, "--limit", "3"],
    "text transform": ["text", "transform", "uppercase", text],
    "text count": ["text", "count", text, `${docs}/ports.md`],
    "text split": ["text", "split", text, "--max-tokens", "5", "--overlap", "1"],
    "text markdown": [
      "text",
      "markdown",
      `${docs}/colours.html`,
      "--base-url",
      "https://a.example/",
    ],
    "text redact": ["text", "redact", `${docs}/ports.md`, "--literals", text, "--rule", "email"],
  };
}

Deno.test("table takes: exactly the options with a value", () => {
  for (const command of COMMANDS) {
    const name = command.name.replace(" ", ".");
    const listed = permissionRows()
      .filter((row) => row.permission === "takes" && (row.command === "*" || row.command === name))
      .flatMap((row) => row.values);
    const specified = Object.entries(allOptions(command))
      .filter(([, spec]) => spec.value !== undefined)
      .map(([option]) => `--${option}`);
    assert.deepEqual(listed.sort(), specified.sort(), command.name);
  }
});

Deno.test("table rows: name commands that exist", () => {
  const names = new Set(["*", ...COMMANDS.map(({ name }) => name.replace(" ", "."))]);
  for (const row of permissionRows()) assert(names.has(row.command), row.command);
});

Deno.test("launcher and program: print the same permissions", async (t) => {
  using scratch = new Scratch();
  const environments: Record<string, Record<string, string>> = {
    plain: {},
    "folders of its own": {
      XDG_DATA_HOME: `${scratch.path}/xdg data`,
      XDG_CACHE_HOME: `${scratch.path}/xdg cache`,
      AGENT_NATIVE_DIR: scratch.folder("native libraries"),
    },
    "a relative data home": { XDG_DATA_HOME: "data" },
    "sockets elsewhere": {
      DOCKER_HOST: "unix:///run/user/1000/docker.sock",
      AGENT_REDIS_URL: "redis://user:secret@[::1]:7000/3",
    },
    "an engine of one's own": { XDG_RUNTIME_DIR: "/run/user/1000" },
    "a socket that is none": { DOCKER_HOST: "unix://relative.sock" },
    "services over TCP": { DOCKER_HOST: "tcp://127.0.0.1", AGENT_REDIS_URL: "redis://localhost" },
    "addresses without port": { DOCKER_HOST: "tcp://[::1]", AGENT_REDIS_URL: "redis://[::1]" },
    "an engine by name": { DOCKER_HOST: "tcp://localhost:4243" },
    "an engine by name without port": { DOCKER_HOST: "http://localhost/" },
    "a log of scans": { AGENT_SCAN_AUDIT: `${scratch.path}/scans.jsonl` },
    "an engine elsewhere": { DOCKER_HOST: "ssh://someone@example" },
  };
  for (const [name, env] of Object.entries(environments)) {
    await t.step(name, async () => {
      const { ask, doctor, scan, ...others } = calls(scratch);
      for (const args of [ask, doctor, scan, ...(name === "plain" ? Object.values(others) : [])]) {
        assert(args !== undefined);
        const options = { env: scratch.env(env) };
        const flags = await permissions(scratch, args, options);
        const printed = await direct(
          scratch,
          ["--allow-env"],
          [...args, "--print-permissions"],
          options,
        );
        assert.equal(printed.code, 0, printed.stderr);
        assert.deepEqual(flags, printed.stdout.trimEnd().split("\n"), args.join(" "));
        const lines = await agent(scratch, [...args, "--print-permissions"], options);
        assert.equal(lines.stdout, printed.stdout);
      }
    });
  }
});

/** Runs a body with the address of a page. */
async function withPage(body: (page: string) => Promise<void>): Promise<void> {
  const answer = (): Response =>
    new Response("<p>A page.", { headers: { "content-type": "text/html" } });
  await serving(answer, (address) => body(`http://${address}/page`));
}

Deno.test("printed permissions: suffice for the command", async (t) => {
  using scratch = new Scratch();
  await withPage(async (page) => {
    for (const [name, args] of Object.entries(calls(scratch, page))) {
      await t.step(name, async () => {
        const flags = await permissions(scratch, args);
        const { code, stderr, stdout } = await direct(scratch, flags, [...args, "--json"]);
        assert.equal(code, 0, stderr);
        assert.doesNotMatch(stderr, /NotCapable|denied/i);
        JSON.parse(stdout);
      });
    }
  });
});

Deno.test("printed permissions: none of what arguments grant is superfluous", async () => {
  using scratch = new Scratch();
  for (const args of Object.values(calls(scratch))) {
    const flags = await permissions(scratch, args);
    // All files are what a command itself needs, and no argument.
    const own = flags.filter((flag) =>
      flag.startsWith("--allow-read=") && flag !== "--allow-read=/" &&
      args.join("\0").includes(flag.slice(13))
    );
    for (const flag of own) {
      const rest = flags.filter((other) => other !== flag);
      const { code, stderr } = await direct(scratch, rest, args);
      assert.equal(code, 1, `${args.join(" ")} without ${flag}: ${stderr}`);
    }
  }
});

Deno.test("arguments: paths are resolved, whatever their spelling", async () => {
  using scratch = new Scratch();
  documents(scratch);
  Deno.symlinkSync("docs", `${scratch.path}/link`);
  scratch.file("-dash", "words");
  const options = { cwd: scratch.path };
  const read = async (...args: string[]): Promise<string[]> =>
    (await permissions(scratch, args, options))
      .filter((flag) =>
        flag.startsWith("--allow-read=") && !flag.includes("/native") &&
        !flag.endsWith("/target/release")
      )
      .map((flag) => flag.slice("--allow-read=".length).replace(scratch.path, "."));
  const data = "./home/.local/share/agent";
  // Vectors of words and the vocabularies of models.
  const tables = `${ROOT}data`;
  assert.deepEqual(await read("ask", "q", "--docs", "link/../link"), ["./docs", data, tables]);
  assert.deepEqual(await read("ask", "q", "--docs=docs/"), ["./docs", data, tables]);
  assert.deepEqual(await read("ask", "--docs", "docs", "--data", "d", "q"), [
    "./docs",
    "./d",
    tables,
  ]);
  assert.deepEqual(await read("index", "."), [".", data, tables]);
  assert.deepEqual(await read("text", "hash", "-", "docs/ports.md", "docs/../-dash"), [
    "./docs/ports.md",
    "./-dash",
  ]);
  assert.deepEqual(await read("text", "rank", "docs", "link/ports.md"), ["./docs/ports.md"]);
  assert.deepEqual(await read("text", "similarity", "docs", "link"), []);
  assert.deepEqual(await read("text", "count", "docs/ports.md", "-"), [
    "./docs/ports.md",
    tables,
  ]);
  const redact = [
    "text",
    "redact",
    "--pattern",
    "docs",
    "--literals=docs/backup.txt",
    "link/ports.md",
  ];
  assert.deepEqual(await read(...redact), ["./docs/ports.md", "./docs/backup.txt"]);
});

Deno.test("arguments: of addresses the hosts are granted, and nothing that Deno would refuse", async () => {
  using scratch = new Scratch();
  const net = async (...args: string[]): Promise<string> => {
    const flags = await permissions(scratch, ["fetch", ...args]);
    const printed = await direct(scratch, ["--allow-env"], [
      "fetch",
      ...args,
      "--print-permissions",
    ]);
    assert.deepEqual(flags, printed.stdout.trimEnd().split("\n"), args.join(" "));
    return flags.filter((flag) => flag.startsWith("--allow-net=")).map((flag) => flag.slice(12))
      .join(" ");
  };
  assert.equal(
    await net(
      "https://example.org/a?b",
      "http://user:p@ss@Example.NET:8080#c",
      "HTTPS://example.org\\@x.y",
    ),
    "example.org Example.NET",
  );
  assert.equal(
    await net(
      "http://127.0.0.1",
      "https://127.0.0.1:8443/",
      "https://[::1]/x",
      "http://[fe80::1]:8",
    ),
    "127.0.0.1:80 127.0.0.1:8443 [::1]:443 [fe80::1]:8",
  );
  assert.equal(
    await net(
      "--allow-host",
      "www.example.org:81",
      "https://example.org",
      "--allow-host=10.0.0.1",
      "--allow-host=[::1]:2",
    ),
    "example.org www.example.org 10.0.0.1 [::1]:2",
  );
  assert.equal(
    await net(
      "http://*.example.org",
      "http://a..b/",
      "http://.a/",
      "http://bücher.example",
      "http://a b/",
      "http://[::g]/",
      "http://a,b/",
      "http://a:b/",
      "http://a:/",
      "http:///a",
      "ftp://example.org",
      "http://127.0.0.1:123456",
      "--allow-host=*",
      "--allow-host=a:",
      "--allow-host=::1",
      "--allow-host=http://a",
    ),
    "",
  );
});

Deno.test("arguments: a scan may reach its targets, and what is none Deno is not given", async () => {
  using scratch = new Scratch();
  const net = async (...targets: string[]): Promise<string> => {
    const args = ["scan", "--print-permissions", "--", ...targets];
    const flags = (await agent(scratch, args)).stdout;
    const printed = await direct(scratch, ["--allow-env"], args);
    assert.equal(flags, printed.stdout, targets.join(" "));
    const own = /^--allow-net=(127\.0\.0\.1|\[::1\]|0\.0\.0\.0:0|\[::\]:0)$/;
    return flags.split("\n").filter((flag) => flag.startsWith("--allow-net=") && !own.test(flag))
      .map((flag) => flag.slice("--allow-net=".length)).join(" ");
  };
  assert.equal(
    await net("host", "10.0.0.0/24", "10.255.0.9/32", "0x7f.2", "fe80::1", "[fe80::2]"),
    "host 10.0.0.0/24 10.255.0.9/32 0x7f.2 [fe80::1] [fe80::2]",
  );
  const six = ["::ffff:10.0.0.7", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::"];
  assert.equal(await net(...six), six.map((address) => `[${address}]`).join(" "));
  assert.equal(
    await net(
      ...["127.0.0.1:80", "host:80", "[::1]:80", ":80", "80:", ":", ":::", "1::2::3", "12345::"],
      ...["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:", ":1::2"],
      ...["1::2:3:4:5:6:7:8", "::1.2.3", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5"],
      ...["10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "10.0/16", "300.0.0.0/24", "host/24"],
      ...["10.0.0.0/24/1", "a..b", ".a", "-a", "*", "a,b", "http://a/", "[[::1]", "::g", ""],
    ),
    "",
  );
});

Deno.test("arguments: bench may run the programs of its commands, and nothing else", async () => {
  using scratch = new Scratch();
  const run = async (...args: string[]): Promise<string> => {
    const flags = (await agent(scratch, ["bench", "--print-permissions", ...args])).stdout;
    const all = ["bench", "--print-permissions", ...args];
    const printed = await direct(scratch, ["--allow-env"], all);
    assert.equal(flags, printed.stdout, args.join(" "));
    return flags.split("\n").filter((flag) => flag.startsWith("--allow-run"))
      .map((flag) => flag.slice("--allow-run=".length)).join(" ");
  };
  assert.equal(await run("--", "sort", "a,b", "sh"), "sort");
  assert.equal(await run("--", "sort", "-n", "--vs--", "./old sort", "--vs"), "sort ./old sort");
  assert.equal(await run("--", "sort", "x", "--vs--", "sort", "y"), "sort");
  assert.equal(await run("--separator", "VS", "--", "a", "--vs--", "b", "VS", "c"), "a c");
  assert.equal(await run("--separator=VS", "--rounds=9", "a", "VS", "c"), "a c");
  assert.equal(await run("--rounds", "9", "--", "a", "https://example.org/"), "a");
  const { code, stderr } = await agent(scratch, ["bench", "--", "a,b"]);
  assert.equal(code, 2);
  assert.match(stderr, /cannot give a permission for "a,b"/);
});

Deno.test("arguments: a path with a comma or a line break is refused", async () => {
  using scratch = new Scratch();
  scratch.folder("a,b");
  scratch.folder("a\nb");
  for (const path of ["a,b", "a\nb"]) {
    const { code, stdout, stderr } = await agent(scratch, ["index", path], { cwd: scratch.path });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /cannot give a permission for .*a[\s\S]*comma/);
  }
});

Deno.test("arguments: nothing outside of them is readable", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const secret = scratch.file("secret.md", "# Secret\n\nThe secret number is 99887.\n");
  Deno.symlinkSync(secret, `${docs}/inside.md`);
  const { code, stdout } = await agent(scratch, [
    "ask",
    "What is the secret number?",
    "--docs",
    docs,
    "--json",
  ]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /99887/);
});

/** What Deno notes of each permission that a program uses. */
interface Used {
  permission: string;
  value?: string;
}

/** The permissions that a call really uses, as Deno's audit log says. */
async function used(scratch: Scratch, flags: string[], args: string[]): Promise<Used[]> {
  const log = `${scratch.path}/audit.jsonl`;
  const env = scratch.env({ DENO_AUDIT_PERMISSIONS: log });
  const { code, stderr } = await direct(scratch, flags, args, { env });
  assert.equal(code, 0, stderr);
  const lines = Deno.readTextFileSync(log).trimEnd().split("\n");
  Deno.removeSync(log);
  return lines.map((line) => JSON.parse(line));
}

function covers(flag: string, { permission, value = "" }: Used): boolean {
  const [, kind, item = ""] = /^--allow-(\w+)=(.*)$/s.exec(flag) ?? [];
  return kind === permission &&
    (value === item || value.startsWith(item === "/" ? item : `${item}/`));
}

Deno.test("table: every permission in it is used", async () => {
  using scratch = new Scratch();
  const needless = new Set<string>();
  const needed = new Set<string>();
  await withPage(async (page) => {
    for (const args of Object.values(calls(scratch, page))) {
      // Without --data the default folder is told from the environment, which has rows of its own.
      const plain = args.filter((arg, at) =>
        !arg.startsWith("--data") && args[at - 1] !== "--data"
      );
      const flags = await permissions(scratch, plain);
      const log = await used(scratch, flags, plain);
      const common = await permissions(scratch, ["--common"]);
      for (const flag of flags) {
        // SQLite and the native queue open these themselves; Deno is only asked whether they may.
        if (/\.sqlite(-wal|-shm|-held)?$/.test(flag)) continue;
        // So does the native library with the tables of the machine.
        if (flag === "--allow-sys") continue;
        // Deno notes no program that is started; that it must be granted, tests/monitor shows.
        if (flag.startsWith("--allow-run=")) continue;
        // An engine listens at one of some sockets, and only the one that is there is used.
        const plainFlag = flag.replace(/=(unix:)?\/.*\/(docker|podman)\.sock$/s, "=$1ENGINE");
        // So do the native scan and load with their hosts, as tests/access shows, and the look at certificates, as host_test shows.
        if (/^(scan|load|picture)$/.test(args[0]!) && flag.startsWith("--allow-net=")) continue;
        const name = common.includes(flag)
          ? flag.replace(/=\/.*/s, "=PATH")
          : `${args[0]}: ${plainFlag}`;
        (log.some((entry) => covers(flag, entry)) ? needed : needless).add(name);
      }
    }
  });
  assert.deepEqual([...needless].filter((name) => !needed.has(name)), []);
});

Deno.test("a user's folder that may not be looked up is told as such, with its flag", async () => {
  using scratch = new Scratch();
  const docs = scratch.folder("docs");
  const ask = (...flags: string[]) => direct(scratch, flags, ["ask", "x", "--docs", docs]);
  const denied = await ask("--allow-read");
  assert.match(
    denied.stderr,
    /may not be looked up; allow it with --allow-env=HOME,XDG_DATA_HOME,/,
  );
  const nowhere = await direct(
    scratch,
    ["--allow-read", "--allow-env"],
    ["ask", "x", "--docs", docs],
    { env: { HOME: "" } },
  );
  assert.match(nowhere.stderr, /neither XDG_DATA_HOME nor HOME is set/);
});
