/** The workflows of the host: they only call scripts, with actions that cannot change under them. */

import assert from "assertions";
import { PLATFORMS } from "../../scripts/lib/release/packages.ts";
import { ROOT } from "../support/programs.ts";

const FOLDER = `${ROOT}.github/workflows/`;
const workflows = Array.from(Deno.readDirSync(FOLDER), ({ name }) => ({
  name,
  text: Deno.readTextFileSync(FOLDER + name),
}));

/** The commands of a workflow, without what comes before the script. */
function commandsOf(text: string): string[] {
  const commands: string[] = [];
  for (const [, indent, first] of text.matchAll(/^( +)(?:- )?run: (.*)$/gm)) {
    if (first !== "|") {
      commands.push(first!);
      continue;
    }
    const begin = text.indexOf(`${indent}- run: |`) + `${indent}- run: |\n`.length;
    const inside = new RegExp(`^${indent} {4}(.*)\n`, "y");
    inside.lastIndex = begin;
    for (let line = inside.exec(text); line !== null; line = inside.exec(text)) {
      commands.push(line[1]!);
    }
  }
  return commands;
}

for (const { name, text } of workflows) {
  Deno.test(`${name} uses actions by their commits only`, () => {
    const used = [...text.matchAll(/uses: (\S+)(.*)/g)];
    assert.ok(used.length > 0);
    for (const [, action, comment] of used) {
      assert.match(action!, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      assert.match(comment!, /^ # v\d+\.\d+\.\d+$/);
    }
  });

  Deno.test(`${name} gives no job more than it needs`, () => {
    assert.match(text, /^permissions: \{\}$/m);
    const jobs = text.slice(text.indexOf("\njobs:")).match(/^ {2}\w+:$/gm) ?? [];
    assert.equal(text.match(/^ {4}permissions:$/gm)?.length, jobs.length);
    assert.equal(text.match(/persist-credentials: false/g)?.length, jobs.length);
  });

  Deno.test(`${name} runs nothing but scripts of the repository`, () => {
    const commands = commandsOf(text);
    assert.ok(commands.length > 0);
    for (const command of commands) {
      const script = /^(?:sudo --preserve-env=[\w,]+ )?(?:sh |bash )?((?:scripts|\.ci)\/\w+)/.exec(
        command,
      )?.[1];
      assert.ok(script !== undefined, command);
      assert.ok((Deno.statSync(ROOT + script).mode ?? 0o111) & 0o111, `${script} can be run`);
    }
  });
}

Deno.test("a release builds every platform, and with the Deno that the checkout installs", () => {
  const { text } = workflows.find(({ name }) => name === "release.yml")!;
  const built = Array.from(text.matchAll(/platform: ([\w-]+)/g), ([, platform]) => platform);
  assert.deepEqual(built, Object.keys(PLATFORMS));
  const version =
    /^deno_version=(\S+)/m.exec(Deno.readTextFileSync(`${ROOT}scripts/lib/prepare.sh`))![1];
  for (const { text } of workflows) {
    for (const [, used] of text.matchAll(/deno-version: (\S+)/g)) assert.equal(used, version);
  }
});
