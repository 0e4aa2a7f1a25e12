/** What the system refuses about a queue file: one error for both twins, with what to do. */

import assert from "assertions";
import { AgentError } from "../../../src/shared/errors.ts";
import { bareEnvironment, deno, temporary } from "../../support/programs.ts";
import { testOf, twins } from "../../support/twins.ts";
import { open } from "./support.ts";

/** What is in the way, made in a folder; gives the file's name there. */
const OBSTACLES: Record<string, (folder: string) => string> = {
  "a folder as log": (folder) => {
    Deno.mkdirSync(`${folder}/q.db-wal`);
    return "q.db";
  },
  "a folder as index": (folder) => {
    Deno.mkdirSync(`${folder}/q.db-shm`);
    return "q.db";
  },
  "a link as log": (folder) => {
    Deno.symlinkSync(`${folder}/other`, `${folder}/q.db-wal`);
    return "q.db";
  },
  "a file where claims are kept": (folder) => {
    Deno.writeTextFileSync(`${folder}/q.db-held`, "");
    return "q.db";
  },
  "links that lead to each other": (folder) => {
    Deno.symlinkSync(`${folder}/b`, `${folder}/a`);
    Deno.symlinkSync(`${folder}/a`, `${folder}/b`);
    return "a";
  },
  "a folder of such links": (folder) => {
    Deno.symlinkSync(`${folder}/a`, `${folder}/a`);
    return "a/q.db";
  },
  "such a link where claims are kept": (folder) => {
    Deno.symlinkSync(`${folder}/q.db-held`, `${folder}/q.db-held`);
    return "q.db";
  },
  "a link that leads nowhere": (folder) => {
    Deno.symlinkSync(`${folder}/none`, `${folder}/q.db`);
    return "q.db";
  },
  "a name with no room for -journal": () => "n".repeat(250),
  "a name with no room for -held": () => "n".repeat(252),
  "a name that is too long": () => "n".repeat(256),
  "a path that is too long": () => `${`${"n".repeat(200)}/`.repeat(30)}q.db`,
  "a file as folder": (folder) => {
    Deno.writeTextFileSync(`${folder}/f`, "");
    return "f/q.db";
  },
  "no folder": () => "none/q.db",
  "a folder": (folder) => {
    Deno.mkdirSync(`${folder}/q.db`);
    return "q.db";
  },
};

/** The errors of the twin that came first. */
const seen = new Map<string, string>();

for (const twin of twins("queue").each) {
  const test = (name: string, body: (folder: string) => void | Promise<void>): void =>
    testOf("queue file", twin, name, () => temporary(body));

  for (const [what, make] of Object.entries(OBSTACLES)) {
    test(`${what} is an error with its remedy`, (folder) => {
      const file = `${folder}/${make(folder)}`;
      for (let round = 0; round < 2; round++) {
        assert.throws(() => open(file, twin.name), (error) => {
          assert.ok(AgentError.is(error, "IO"), String(error));
          assert.equal(error.details.operation, "open");
          const text = `${error.message}\n${JSON.stringify(error.details)}`
            .replaceAll(folder, "");
          if (!seen.has(what)) seen.set(what, text);
          assert.equal(text, seen.get(what));
          return true;
        });
      }
    });
  }

  test("the flags that are missing are named, and are enough", async (folder) => {
    const place = `${folder}/it's a folder`;
    await Deno.mkdir(place);
    const program = `${folder}/program.ts`;
    const module = import.meta.resolve("../../../src/queue/mod.ts");
    await Deno.writeTextFile(
      program,
      `import { createQueue } from ${JSON.stringify(module)};
      const queue = createQueue({
        implementation: ${JSON.stringify(twin.name)},
        store: { file: ${JSON.stringify(`${place}/q.db`)} },
      });
      try {
        await queue.add(1);
        console.log("added");
      } catch (error) {
        console.log(error.code, error.message);
      }
      await queue.close();`,
    );
    const native = twin.name === "native"
      ? ["--allow-ffi", `--allow-read=${new URL("../../../", import.meta.url).pathname}`]
      : [];
    const run = (args: string[]) => deno(["run", "--no-prompt", "--quiet", ...args, program]);
    const refused = await run(native);
    assert.match(refused.stdout, /^PERMISSION Deno's permissions do not allow read of "/);
    const flags = /'--allow-read=.*' '--allow-write=.*'(?= \(itself)/.exec(refused.stdout)![0];
    for (const end of ["", "-wal", "-shm", "-held"]) assert.ok(flags.includes(`/q.db${end}`));
    // As a person would paste it.
    const shell = await new Deno.Command("sh", {
      args: ["-c", `printf '%s\\n' ${flags}`],
      env: bareEnvironment(),
      clearEnv: true,
    }).output();
    const words = new TextDecoder().decode(shell.stdout).trimEnd().split("\n");
    assert.equal(words.length, 2);
    const read = native.length > 0
      ? [native[0]!, `${words[0]},${native[1]!.slice("--allow-read=".length)}`]
      : [words[0]!];
    const allowed = await run([...read, words[1]!]);
    assert.equal(allowed.stdout, "added\n", allowed.stderr);
  });
}
