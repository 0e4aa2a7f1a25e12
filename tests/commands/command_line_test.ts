/** The command line against the declarations of the registry. */

import assert from "assertions";
import { allOptions } from "../../src/cli/args.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { aliasOf } from "../../src/cli/permissions.ts";
import { flagOf } from "../../src/cli/registered.ts";
import { commandsOf, REGISTRY } from "../../src/commands/mod.ts";

Deno.test("command line: has each command that says so, with a word for each of its fields", () => {
  for (const command of commandsOf("cli")) {
    const { name, cli, input } = command;
    const there = COMMANDS.find((one) => one.name === cli!.name);
    assert.ok(there, `${name}: there is no ${cli!.name}`);
    const options = Object.keys(allOptions(there));
    const fields = Object.keys(input["properties"] as object);
    const places = cli!.arguments ?? [];
    assert.ok(there.positionals[1] >= places.length, name);
    const required = input["required"] as string[];
    for (const field of fields) {
      if (places.includes(field)) continue;
      // A session is a file of its own here, which resume takes as its argument.
      if (name === "resume" && field === "session") continue;
      assert.ok(options.includes(flagOf(command, field)), `${name}: no option for ${field}`);
      assert.ok(!required.includes(field), `${name}: ${field} is required and no argument`);
    }
  }
});

Deno.test("command line: knows each command by its name in the registry, with either sign", () => {
  for (const { name, cli } of REGISTRY) {
    if (cli === undefined) continue;
    for (const spelling of new Set([name, name.replaceAll("_", "-")])) {
      if (spelling === cli.name) continue;
      assert.deepEqual(aliasOf(spelling)?.join(" "), cli.name, spelling);
    }
  }
});

Deno.test("command line: no spelling hides a command", () => {
  for (const { name } of COMMANDS) assert.equal(aliasOf(name.split(" ")[0]!), undefined, name);
});
