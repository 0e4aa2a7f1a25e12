/** The lawyer's tools on a contract of the tests' own: clauses and their spans, what is missing, what differs. */

import assert from "assertions";
import { CHECKLISTS } from "../../../src/agent/domains/lawyer/checklists.ts";
import { KINDS } from "../../../src/agent/domains/lawyer/vocabulary.ts";
import { loadPackage } from "../../../src/shared/packages.ts";
import { done, once } from "./support.ts";

await loadPackage("@cfworker/json-schema", "These tests");
await loadPackage("diff", "These tests");

const NDA = `MUTUAL NON-DISCLOSURE AGREEMENT

This agreement is made between Alder Ltd and Birch GmbH.

1. Definitions
"Confidential Information" means what one party tells the other.

2. Confidentiality. Each party shall not disclose Confidential Information.
2.1 It keeps it as safe as its own.
2.2 It tells employees only who need it.

3. Term
This agreement comes into force on the Effective Date. Either party may terminate it with 30 days' notice.

## 4. Governing Law
It is governed by the laws of Ireland.

5. Neither party answers for delay by events beyond its reasonable control.
`;

interface Found {
  total: number;
  clauses: {
    kind: string;
    number: string | null;
    start: number;
    end: number;
    line: number;
    by: string;
    text: string;
  }[];
  note: string;
}

Deno.test("lawyer: clauses with their kinds and spans", async () => {
  const { clauses, note } = await done<Found>("lawyer", "find_clauses", { text: NDA });
  assert.match(note, /no legal advice/);
  const named = clauses.filter(({ by }) => by === "heading");
  assert.deepEqual(named.map(({ kind, number, line }) => [kind, number, line]), [
    ...[["definitions", "1", 5], ["confidentiality", "2", 8]],
    ...[["term", "3", 12], ["governing law", "4", 15]],
  ]);
  for (const { start, end, text } of clauses) assert.equal(NDA.slice(start, end).trim(), text);
  // The name of the contract is no clause.
  assert.ok(!clauses.some(({ line, by }) => line === 1 && by === "heading"));
  // Its parts stay with a clause.
  const second = named[1]!;
  assert.equal(NDA.slice(second.start, second.start + 2), "2.");
  assert.ok(NDA.slice(second.start, second.end).trimEnd().endsWith("who need it."));
  // Without a title it is known by its words.
  const force = clauses.find(({ kind }) => kind === "force majeure")!;
  assert.deepEqual([force.by, force.number], ["words", "5"]);
  const only = await done<Found>("lawyer", "find_clauses", { text: NDA, kinds: ["term"] });
  assert.equal(only.total, 1);
});

Deno.test("lawyer: a line of running text that begins with a figure begins no section", async () => {
  const text =
    "1. Termination\nEither party may end it within\n30 days after the notice,\n5 of which are\ncivil.\n" +
    "7\n\nIV. Costs\nNone.\nSection 9 Governing law\nIrish.\n";
  const { clauses } = await done<Found>("lawyer", "find_clauses", {
    text,
    kinds: ["termination", "governing law"],
  });
  assert.deepEqual(clauses.map(({ number, line }) => [number, line]), [["1", 1], ["9", 10]]);
  assert.ok(text.slice(clauses[0]!.start, clauses[0]!.end).endsWith("7\n\n"));
});

Deno.test("lawyer: what a checklist misses", async () => {
  interface Missing {
    missing: string[];
    weak: { item: string }[];
    present: { item: string; line: number }[];
    note: string;
  }
  const nda = await done<Missing>("lawyer", "missing_clauses", { text: NDA, checklist: "nda" });
  assert.deepEqual(nda.missing, [
    "exclusions",
    "return of materials",
    "entire agreement",
    "notices",
  ]);
  assert.deepEqual(nda.weak.map(({ item }) => item), ["parties"]);
  assert.deepEqual(nda.present.map(({ item }) => item), [
    ...["definitions", "confidentiality", "term", "governing law"],
  ]);
  assert.match(nda.note, /no legal advice/);
  const own = await done<Missing>("lawyer", "missing_clauses", {
    text: NDA,
    required: ["birch  gmbh", "escrow", "Force Majeure", "indemnity"],
  });
  assert.deepEqual(own.missing, ["escrow", "indemnity"]);
  assert.deepEqual(own.weak.map(({ item }) => item), ["birch  gmbh", "Force Majeure"]);
  // Each item of the lists that are built in is of a kind that can be found.
  const kinds = new Set(KINDS.map(({ kind }) => kind));
  for (const item of Object.values(CHECKLISTS).flat()) assert.ok(kinds.has(item), item);
  for (
    const bad of [
      { text: NDA },
      { text: " ", checklist: "nda" },
      { text: NDA, checklist: "will" },
      { text: NDA, checklist: "nda", required: ["xx"] },
    ]
  ) {
    assert.match((await once("lawyer", "missing_clauses", bad)).outcome, /^(failed|invalid)$/);
  }
});

Deno.test("lawyer: each kind is found by its title, and an empty form of all misses nothing", async () => {
  const text = KINDS.map(({ kind }, at) => `${at + 1}. ${kind.toUpperCase()}\nWords.\n`).join("\n");
  for (const checklist of Object.keys(CHECKLISTS)) {
    const { missing } = await done<{ missing: string[] }>("lawyer", "missing_clauses", {
      text,
      checklist,
    });
    assert.deepEqual(missing, []);
  }
});

interface Redline {
  by: string;
  total: number;
  changes: {
    kind: string;
    before: string;
    after: string;
    beforeStart: number;
    beforeEnd: number;
    afterStart: number;
    afterEnd: number;
  }[];
  note: string;
}

Deno.test("lawyer: a redline by words, whose spans lead from one version to the other", async () => {
  const before = "The tenant shall pay 900 euros on the first day of each month.";
  const after = "The tenant shall pay 950 euros on the first working day of each month";
  const { by, changes, note } = await done<Redline>("lawyer", "redline", { before, after });
  assert.equal(by, "words");
  assert.match(note, /no legal advice/);
  assert.deepEqual(changes.map(({ kind, before, after }) => [kind, before.trim(), after.trim()]), [
    ["replaced", "900", "950"],
    ["inserted", "", "working"],
    ["deleted", ".", ""],
  ]);
  let rebuilt = "";
  let at = 0;
  for (const change of changes) {
    assert.equal(before.slice(change.beforeStart, change.beforeEnd), change.before);
    assert.equal(after.slice(change.afterStart, change.afterEnd), change.after);
    rebuilt += before.slice(at, change.beforeStart) + change.after;
    at = change.beforeEnd;
  }
  assert.equal(rebuilt + before.slice(at), after);
  assert.equal((await done<Redline>("lawyer", "redline", { before, after: before })).total, 0);
  const nothing = await done<Redline>("lawyer", "redline", { before: "", after: "" });
  assert.deepEqual(nothing.changes, []);
});

Deno.test("lawyer: hostile texts end soon, and what is told is bounded", async () => {
  const units = [
    "1.",
    "1.1 ",
    "A",
    "AAAA\n",
    "# ",
    "1. A\n",
    "terminate ",
    "\n",
    " ",
    "invalid ",
    "between ",
    "**",
    "\u{1f600}",
    "return or ",
  ];
  for (const unit of units) {
    const text = `x${unit.repeat(Math.floor(200_000 / unit.length))}`;
    for (
      const [name, input] of [["find_clauses", { text }], ["missing_clauses", {
        text,
        checklist: "lease",
      }]] as const
    ) {
      const { outcome, result } = await once("lawyer", name, input);
      assert.equal(outcome, "done", JSON.stringify(unit));
      assert.ok(result.length < 200_000, `${result.length}`);
    }
  }
  const one = Array.from({ length: 20_000 }, (_, at) => `a${at}`).join(" ");
  const other = Array.from({ length: 20_000 }, (_, at) => `b${at}`).join(" ");
  const { by, changes } = await done<Redline>("lawyer", "redline", { before: one, after: other });
  assert.notEqual(by, "words");
  assert.ok(changes.every(({ before, after }) => before.length <= 403 && after.length <= 403));
  assert.match(
    (await once("lawyer", "find_clauses", { text: "x".repeat(1_000_001) })).outcome,
    /^(failed|invalid)$/,
  );
});

Deno.test("lawyer: a ready-made contract has every clause of its checklist, filled in as far as is known", async () => {
  interface Form {
    text: string;
    open: string[];
    note: string;
  }
  for (const kind of Object.keys(CHECKLISTS)) {
    const form = await done<Form>("lawyer", "contract_template", { kind });
    const { missing, weak } = await done<{ missing: string[]; weak: unknown[] }>(
      "lawyer",
      "missing_clauses",
      { text: form.text, checklist: kind },
    );
    assert.deepEqual([missing, weak], [[], []], kind);
    assert.doesNotMatch(form.text, /[{}]|undefined/, kind);
    assert.match(form.note, /no legal advice/);
    // Each field by its name, and then none is left.
    assert.ok(form.open.length > 5, kind);
    for (const name of form.open) assert.ok(form.text.includes(`[${name}]`), name);
    const fields = Object.fromEntries(form.open.map((name) => [name, `the ${name}`]));
    const whole = await done<Form>("lawyer", "contract_template", { kind, fields });
    assert.deepEqual(whole.open, []);
    assert.doesNotMatch(whole.text, /\[/);
  }
  // What is filled in begins no clause of its own, and is no pattern.
  const fields = { "jurisdiction": "Ireland\n\n99. TERMINATION\nAt will $& {{FIRST}}" };
  const sly = await done<Form>("lawyer", "contract_template", { kind: "nda", fields });
  assert.match(sly.text, /the laws of Ireland 99\. TERMINATION At will \$& \{\{FIRST\}\}\.\n/);
  for (
    const bad of [
      { kind: "will" },
      { kind: "nda", fields: { rent: "900" } },
      { kind: "nda", fields: { date: 7 } },
    ]
  ) {
    assert.match((await once("lawyer", "contract_template", bad)).outcome, /^(failed|invalid)$/);
  }
});
