/** Tables of the commands about this host: what is cut where a terminal is narrow. */

import assert from "assertions";
import { table } from "../../src/cli/host_text.ts";
import { threatRules } from "../../src/security/mod.ts";

Deno.test("tables: the widest column is cut first, what is typed again last", () => {
  const rows = [["executable-in-temporary-folder", "a title of some length", "low"]];
  const heading = ["RULE", "TITLE", "HOW"];
  const at = (columns: number, whole: number[] = []): string =>
    table(heading, rows, columns, { whole })[1]!;
  assert.equal(at(Infinity), "executable-in-temporary-folder  a title of some length  low");
  assert.equal(at(50), "executable-in-tempor~  a title of some length  low");
  assert.equal(at(50, [0]), "executable-in-temporary-folder  a title of s~  low");
  assert.equal(at(30, [0]), "executable-in-tem~  a ti~  low");
  for (const whole of [[], [0], [0, 1], [0, 1, 2]]) {
    for (let columns = 17; columns < 70; columns++) {
      for (const line of table(heading, rows, columns, { whole })) {
        assert.ok(line.length <= columns);
      }
    }
    // What cannot be made narrower stays.
    assert.equal(table(heading, rows, 3, { whole })[1]!.length, 17);
  }
});

Deno.test("tables: the rules' words are whole in 80 columns", async () => {
  const rules = await threatRules();
  const rows = rules.map(({ id, severity, attack, title }) => [id, severity, attack, title]);
  const lines = table(["RULE", "SEVERITY", "ATT&CK", "TITLE"], rows, 80, { whole: [0] });
  for (const [at, { id }] of rules.entries()) assert.ok(lines[at + 1]!.startsWith(`${id} `));
});

Deno.test("tables: an address keeps its port, and columns go that are missed least", () => {
  const heading = ["PROTO", "LOCAL", "STATE", "USER"];
  const rows = [["tcp6", "[fe80::1234:5678:9abc:def0]:54321", "established", "www-data"]];
  const at = (columns: number): string[] =>
    table(heading, rows, columns, { ends: [1], spare: [3, 0] });
  assert.equal(at(40)[1], "tcp6   ~f0]:54321  established  www-data");
  for (let columns = 14; columns < 70; columns++) {
    for (const line of at(columns)) assert.ok(line.length <= columns, `${columns}: ${line}`);
    assert.match(at(columns)[1]!, /:54321 /);
  }
  assert.deepEqual(at(14), ["LOCAL    STATE", "~:54321  esta~"]);
});
