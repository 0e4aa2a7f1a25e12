/** The tools that read a repository: what they give, and that neither inputs nor the repository itself lead further. */

import assert from "assertions";
import { loadPackage } from "../../../src/shared/packages.ts";
import { start, temporary } from "../../support/programs.ts";
import { done, once } from "./support.ts";

await loadPackage("@cfworker/json-schema", "These tests");

const WHO = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
  PATH: Deno.env.get("PATH") ?? "",
};

/** A repository of two commits: `a.txt` of two lines, of which the second changes, and `b.txt`, which goes. */
async function repository(body: (folder: string) => Promise<void>): Promise<void> {
  await temporary(async (outer) => {
    const folder = `${outer}/project`;
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${outer}/secret`, "secret");
    const git = async (day: number, ...args: string[]) => {
      const date = `2024-05-0${day}T10:00:00Z`;
      const env = { ...WHO, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
      const { code, stderr } = await start("git", args, { cwd: folder, env });
      assert.equal(code, 0, stderr);
    };
    await git(1, "init", "--quiet", "--initial-branch=main");
    Deno.writeTextFileSync(`${folder}/a.txt`, "one\ntwo\n");
    Deno.writeTextFileSync(`${folder}/b.txt`, "gone\n");
    await git(1, "add", ".");
    await git(1, "commit", "--quiet", "-m", "First");
    Deno.writeTextFileSync(`${folder}/a.txt`, "one\nzwei\n");
    Deno.removeSync(`${folder}/b.txt`);
    await git(2, "add", ".");
    await git(2, "commit", "--quiet", "-m", "Second: zwei");
    await body(folder);
  });
}

Deno.test("git: log, blame and diff of a small repository", async () => {
  await repository(async (folder) => {
    const given = { folder };
    interface Log {
      commits: { commit: string; author: string; date: string; subject: string }[];
    }
    const { commits } = await done<Log>("developer", "git_log", {}, given);
    assert.deepEqual(commits.map(({ subject }) => subject), ["Second: zwei", "First"]);
    assert.deepEqual(commits.map(({ author }) => author), ["Ada", "Ada"]);
    assert.match(commits[1]!.date, /^2024-05-01T10:00:00(Z|\+00:00)$/);
    // A path that is gone has a history still.
    const gone = await done<Log>("developer", "git_log", { path: "b.txt", limit: 1 }, given);
    assert.deepEqual(gone.commits.map(({ subject }) => subject), ["Second: zwei"]);

    Deno.writeTextFileSync(`${folder}/a.txt`, "one\nzwei\nthree\n");
    const blame = await done("developer", "git_blame", { path: "a.txt" }, given);
    const [first, second] = [commits[1]!.commit, commits[0]!.commit];
    const ada = { author: "Ada" };
    assert.deepEqual(blame, {
      lines: [
        { line: 1, commit: first, ...ada, date: "2024-05-01T10:00:00.000Z", text: "one" },
        { line: 2, commit: second, ...ada, date: "2024-05-02T10:00:00.000Z", text: "zwei" },
        { line: 3, commit: null, author: null, date: null, text: "three" },
      ],
    });

    interface Diff {
      files: unknown[];
      patch: string;
    }
    const now = await done<Diff>("developer", "git_diff", { context: 0 }, given);
    assert.deepEqual(now.files, [{ path: "a.txt", added: 1, removed: 0 }]);
    assert.match(now.patch, /@@ -2,0 \+3 @@.*\n\+three\n$/);
    const between = await done<Diff>(
      "developer",
      "git_diff",
      { from: "HEAD~1", to: "main" },
      given,
    );
    assert.deepEqual(between.files, [
      { path: "a.txt", added: 1, removed: 1 },
      { path: "b.txt", added: 0, removed: 1 },
    ]);
    const staged = await done<Diff>("developer", "git_diff", { staged: true }, given);
    assert.deepEqual(staged, { total: 0, files: [], patch: "" } as never);
  });
});

Deno.test("git: revisions that are options, and paths that lead out, are refused", async () => {
  await repository(async (folder) => {
    Deno.symlinkSync("..", `${folder}/link`);
    const refused: readonly [string, Record<string, unknown>][] = [
      ...["--output=x", "-O../secret", "--help", "HEAD:a.txt", "a b", "", "x;id", "$(id)", "a\nb"]
        .flatMap((bad): [string, Record<string, unknown>][] => [
          ["git_log", { revision: bad }],
          ["git_diff", { from: bad }],
          ["git_diff", { to: bad }],
          ["git_blame", { path: "a.txt", revision: bad }],
        ]),
      ...["../secret", "/etc/passwd", "x/../../secret", "a\0b", "C:\\x"]
        .flatMap((path): [string, Record<string, unknown>][] => [
          ["git_log", { path }],
          ["git_diff", { path }],
          ["git_blame", { path }],
        ]),
      ["git_blame", { path: "link/secret" }],
      ["git_blame", { path: "link/secret", revision: "HEAD" }],
      ["git_log", { revision: "nowhere" }],
      ["git_log", { limit: 1e9 }],
      ["git_log", { limit: "1 --output=x" }],
      ["git_diff", { to: "HEAD", staged: true }],
    ];
    for (const [name, input] of refused) {
      const { outcome, result } = await once("developer", name, input, { folder });
      assert.match(outcome, /^(failed|invalid)$/, `${name} ${JSON.stringify(input)}: ${result}`);
    }
    // A path is a name, never a pattern or an option.
    for (const path of ["--output=x", ":(top)*", "*"]) {
      const { result } = await once("developer", "git_log", { path }, { folder });
      assert.equal(result, '{"commits":[]}');
    }
    assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), [
      ...[".git", "a.txt", "link"],
    ]);
  });
});

Deno.test("git: a hostile repository starts nothing and shows nothing from outside", async () => {
  await repository(async (folder) => {
    const mark = `${folder}/.git/started`;
    const program = `${folder}/.git/program`;
    Deno.writeTextFileSync(program, `#!/bin/sh\necho "$0 $@" >> '${mark}'\ncat\n`, { mode: 0o755 });
    Deno.writeTextFileSync(
      `${folder}/.git/config`,
      `[core]\n\tfsmonitor = ${program}\n\tpager = ${program}\n\tworktree = /etc\n\thooksPath = ${folder}/.git\n` +
        `\tsshCommand = ${program}\n[diff]\n\texternal = ${program}\n[diff "x"]\n\tcommand = ${program}\n` +
        `\ttextconv = ${program}\n[diff "y"]\n\ttextconv = ${program}\n[filter "x"]\n\tclean = ${program}\n` +
        `\tsmudge = ${program}\n\trequired = true\n[filter "z.w"]\n\tprocess = ${program}\n\trequired\n` +
        `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${program}\n[pager]\n\tlog = ${program}\n` +
        `[alias]\n\tlog = !${program}\n\tdiff = !${program}\n[interactive]\n\tdiffFilter = ${program}\n`,
    );
    Deno.writeTextFileSync(`${folder}/.gitattributes`, "a.txt diff=x filter=x\n");
    Deno.writeTextFileSync(`${folder}/.git/info/attributes`, "*.txt filter=z.w diff=y\n");
    Deno.writeTextFileSync(`${folder}/a.txt`, "one\nthree\n");
    const given = { folder };
    for (const info of ["*.txt filter=z.w diff=y\n", ""]) {
      Deno.writeTextFileSync(`${folder}/.git/info/attributes`, info);
      await done("developer", "git_log", {}, given);
      await done("developer", "git_blame", { path: "a.txt" }, given);
      const { patch } = await done<{ patch: string }>("developer", "git_diff", {}, given);
      assert.match(patch, /\+three/);
      assert.ok(!patch.includes("passwd"));
    }
    assert.throws(() => Deno.statSync(mark), Deno.errors.NotFound);
  });
});

Deno.test("git: folders without a repository of their own, and what is long, are bounded", async () => {
  await temporary(async (folder) => {
    assert.match((await once("developer", "git_log", {}, { folder })).result, /no \.git/);
    Deno.writeTextFileSync(`${folder}/.git`, "gitdir: /elsewhere");
    assert.match((await once("developer", "git_log", {}, { folder })).result, /leads elsewhere/);
  });
  await repository(async (folder) => {
    const names = ["commondir", "objects/info/alternates"];
    for (const name of names.map((name) => `${folder}/.git/${name}`)) {
      Deno.writeTextFileSync(name, "/elsewhere");
      assert.match((await once("developer", "git_log", {}, { folder })).result, /leads elsewhere/);
      Deno.removeSync(name);
    }
    Deno.renameSync(`${folder}/.git/objects`, `${folder}/objects`);
    Deno.symlinkSync("../objects", `${folder}/.git/objects`);
    assert.match((await once("developer", "git_log", {}, { folder })).result, /leads elsewhere/);
  });
  await repository(async (folder) => {
    Deno.writeTextFileSync(`${folder}/a.txt`, "a long line of words\n".repeat(100_000));
    const { result } = await once("developer", "git_diff", {}, { folder });
    assert.ok(result.length < 70_000);
    assert.match(result, /"added":100000.*ask for one path/);
  });
});
