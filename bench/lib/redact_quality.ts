/**
 * How much of what must be found is found, and how often something else is: on a corpus made from a seed, and on the
 * documentation and code that this machine has. Beside it the published rules of others as RegExps: gitleaks' from its
 * configuration, where `target/bench/gitleaks.toml` is it, and Presidio's recognizers of personal data as its
 * documentation describes them.
 */

import { redact } from "@agent/runtime/text";
import { atMost, type Bar, type Context, type Fact, type Figures } from "./area.ts";
import { Random } from "./random.ts";
import { corpus, isLeft, KINDS } from "./redact_corpus.ts";

const SEED = 11;
const EACH = 3;
const REAL_BYTES = 6_000_000;
const LARGEST = 400_000;
const FOLDERS = ["/usr/share/doc", "/usr/lib/python3", "/usr/lib/python3.11", "/usr/share/perl"];
const GITLEAKS = new URL("../../target/bench/gitleaks.toml", import.meta.url);
// Documentation has addresses on purpose.
const TRUE_IN_TEXT = ["email", "ipv4", "ipv6"];

const recallName = (who: string, part: string): string => `secrets found, ${part}: ${who}`;
const alarmsName = (who: string): string =>
  `false alarms in 50 KB of documentation and code (e-mail and IP addresses aside): ${who}`;

interface Finder {
  who: string;
  /** The text without what was found, and how much else than addresses that was. */
  run(text: string): { text: string; found: number };
}

/** Measures them. */
export async function redactFacts({ quick, note, may }: Context): Promise<Fact[]> {
  if (quick) return [];
  const finders = [ours(), ...gitleaks(may), presidio()];
  const names = KINDS.map(([name]) => name);
  const samples = corpus(new Random(SEED), EACH);
  const held = samples.filter(({ kind, template }) =>
    names.indexOf(kind) % 2 === 1 || template % 2 === 1
  );
  const facts: Fact[] = [
    { name: `secrets in the corpus, of ${KINDS.length} kinds`, value: samples.length, unit: "" },
  ];
  const texts = await realTexts(may);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  facts.push({ name: "documentation and code without secrets", value: bytes / 1e6, unit: "MB" });
  for (const { who, run } of finders) {
    note(`redaction by ${who}`);
    for (
      const [part, some] of [["all", samples], ["kinds and templates held back", held]] as const
    ) {
      const found = some.filter(({ text, secret }) => !isLeft(run(text).text, secret)).length;
      facts.push({ name: recallName(who, part), value: found / some.length, unit: "" });
    }
    if (bytes === 0) continue;
    const alarms = texts.reduce((sum, text) => sum + run(text).found, 0);
    facts.push({ name: alarmsName(who), value: alarms / bytes * 50_000, unit: "" });
  }
  return facts;
}

/** What was promised of them. */
export function redactQualityBars(figures: Figures): Bar[] {
  const recall = figures.fact(recallName("AGENT", "all"));
  const bar: Bar = { name: "Redaction: share of secrets found", promised: "\u2265 0.98" };
  return [
    recall === undefined ? bar : { ...bar, measured: recall.toFixed(4), met: recall >= 0.98 },
    atMost("Redaction: false alarms in 50 KB", figures.fact(alarmsName("AGENT")), 1, ""),
  ];
}

function ours(): Finder {
  return {
    who: "AGENT",
    run(text) {
      const { text: output, matches } = redact(text);
      return {
        text: output,
        found: matches.filter(({ rule }) => !TRUE_IN_TEXT.includes(rule)).length,
      };
    },
  };
}

/** Rules as RegExps, one after the other. */
function byExpressions(
  who: string,
  rules: readonly (readonly [RegExp, counted: boolean])[],
): Finder {
  return {
    who,
    run(text) {
      let found = 0;
      for (const [rule, counted] of rules) {
        text = text.replace(rule, () => {
          if (counted) found++;
          return "[FOUND]";
        });
      }
      return { text, found };
    },
  };
}

/** The rules of a configuration of gitleaks that RegExp can say; entropy and lists of what is allowed are left out. */
function gitleaks(may: Context["may"]): Finder[] {
  if (!may({ name: "read", path: GITLEAKS })) return [];
  let config: string;
  try {
    config = Deno.readTextFileSync(GITLEAKS);
  } catch {
    return [];
  }
  const rules: [RegExp, boolean][] = [];
  for (const [, source] of config.matchAll(/^regex = '''(.+)'''$/gm)) {
    const anyCase = source!.startsWith("(?i)");
    const plain = source!.slice(anyCase ? 4 : 0).replaceAll("[[:alnum:]]", "[A-Za-z0-9]")
      .replaceAll("\\z", "$").replaceAll("(?i)", "");
    try {
      rules.push([new RegExp(plain, anyCase ? "gi" : "g"), true]);
    } catch {
      // Not of RegExp's syntax.
    }
  }
  return [byExpressions("gitleaks' rules as RegExps", rules)];
}

/** What Presidio documents of its recognizers for personal data, without the words around and without checksums. */
function presidio(): Finder {
  return byExpressions("Presidio's recognizers as RegExps", [
    [
      /\b[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,}\b/gi,
      false,
    ],
    [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, false],
    [/\b(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\b/gi, false],
    [/\b(?:4\d{3}|5[0-5]\d{2}|6\d{3}|1\d{3}|3\d{3})[- ]?\d{3,4}[- ]?\d{3,4}[- ]?\d{3,5}\b/g, true],
    [/\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b/g, true],
    [/\b\d{3}[- .]\d{2}[- .]\d{4}\b/g, true],
    [/(?:\+\d{1,3}[ .-]?)?\(?\d{2,4}\)?[ .-]\d{2,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?\b/g, true],
    [/\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, true],
  ]);
}

/** Documentation and code of this machine, the same ones each time. */
async function realTexts(may: Context["may"]): Promise<string[]> {
  const files: string[] = [];
  for (const folder of FOLDERS.filter((path) => may({ name: "read", path }))) {
    await list(folder, files);
  }
  const random = new Random(SEED);
  const texts: string[] = [];
  for (let bytes = 0; bytes < REAL_BYTES && files.length > 0;) {
    const [file] = files.splice(random.below(files.length), 1);
    try {
      const { size } = Deno.statSync(file!);
      if (size > LARGEST) continue;
      const text = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(file!));
      texts.push(text);
      bytes += text.length;
    } catch {
      // Not text, or not for everybody.
    }
  }
  return texts;
}

async function list(folder: string, files: string[]): Promise<void> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    for (const { name, isFile, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (isDirectory) await list(`${folder}/${name}`, files);
      else if (isFile && !/\.(?:gz|png|pdf|so|pyc)$/.test(name)) files.push(`${folder}/${name}`);
    }
  } catch {
    // Not there.
  }
}
