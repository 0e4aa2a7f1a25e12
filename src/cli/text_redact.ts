/**
 * The `agent text redact` command: secrets and personal data out of a file or a stream.
 *
 * @module
 */

import type { BuiltInRule, PreparedRedaction, RedactOptions } from "../text/mod.ts";
import { BUILT_IN_RULES } from "../text/redact/rules.ts";
import { oneOf, UsageError } from "./options.ts";
import type { Call, Command } from "./command.ts";
import { lines, readText, textParts } from "./input.ts";
import { STDIN } from "./paths.ts";
import { InputBar } from "./progress.ts";
import { isTerminal } from "./terminal.ts";

const NAME = "text redact";
/** What `--rule` takes for no built-in rule at all. */
const NONE = "none";

/** `agent text redact`. */
export const redact: Command = {
  name: NAME,
  summary: "Replaces secrets and personal data in a file or in standard input",
  usage: "[FILE]",
  options: {
    rule: { value: "NAME", many: true, help: "Only this rule (again for more), or none" },
    literals: { value: "FILE", help: "Also what stands in this file, a literal a line" },
    pattern: { value: "RE", many: true, help: "Also what this regular expression matches" },
    "ignore-case": { help: "Literals and patterns in any case of ASCII letters" },
    placeholder: {
      value: "TEXT",
      help: "What stands instead, {label} for the rule ([{label}], such as [EMAIL])",
    },
    report: { help: "Print how much was replaced by each rule to standard error" },
  },
  positionals: [0, 1],
  details:
    `Rules: ${BUILT_IN_RULES.slice(0, 6).join(", ")},\n  ${
      BUILT_IN_RULES.slice(6, 12).join(", ")
    },\n  ${BUILT_IN_RULES.slice(12).join(", ")} (the last only if it is named).\n` +
    "The redacted text goes to standard output as it is read, so that a stream may be larger than\n" +
    "memory. --json reads it whole and prints { text, matches, counts }.",
  examples: [
    "scripts/agent text redact server.log --report > clean.log",
    "tail -f server.log | scripts/agent text redact --rule email --rule api-key",
    "scripts/agent text redact --literals names.txt --pattern 'OPS-\\d+' notes.md --json",
  ],
  async run({ options, positionals, output, interruptible }: Call): Promise<number> {
    const [file = STDIN] = positionals;
    const signal = interruptible();
    const counts = new Map<string, number>();
    const placeholder = options.text("placeholder") ?? "[{label}]";
    const literals = options.text("literals");
    const patterns = options.list("pattern");
    const rules = rulesOf(options.list("rule"));
    const prepared = await prepare({
      ...(rules === undefined ? {} : { rules }),
      ...(literals === undefined ? {} : { literals: await literalsOf(literals, output) }),
      ...(patterns.length === 0 ? {} : { patterns }),
      ignoreCase: options.on("ignore-case"),
      replace: ({ rule, label }) => {
        counts.set(rule, (counts.get(rule) ?? 0) + 1);
        return placeholder.replaceAll("{label}", () => label);
      },
      signal,
      ...options.implementation(),
    });
    if (output.json) {
      const { text, matches } = prepared.redact(await readText(file, output));
      output.document({ file, text, matches, counts: Object.fromEntries(counts) });
    } else {
      using bar = new InputBar(
        "redacting",
        [file],
        isTerminal(Deno.stderr) && !isTerminal(Deno.stdout),
      );
      const reading = { signal, onBytes: (bytes: number): void => bar.add(bytes) };
      const reader = ReadableStream.from(textParts(file, output, reading))
        .pipeThrough(prepared.stream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        output.write(value);
      }
    }
    if (options.on("report")) output.note(reportOf(counts));
    return 0;
  },
};

function rulesOf(names: readonly string[]): BuiltInRule[] | undefined {
  if (names.length === 0) return undefined;
  if (names.includes(NONE)) {
    if (names.length === 1) return [];
    throw new UsageError(`Option --rule ${NONE} goes with no other --rule`, NAME);
  }
  return names.map((name) => oneOf(name, BUILT_IN_RULES, "Option --rule", NAME));
}

/** The lines of a file that are not empty. */
async function literalsOf(file: string, output: Call["output"]): Promise<string[]> {
  return lines(await readText(file, output)).filter((line) => line !== "");
}

/** Compiles the options; what the compiler refuses is a mistake in the command line. */
async function prepare(options: RedactOptions): Promise<PreparedRedaction> {
  const { prepareRedaction } = await import("../text/mod.ts");
  try {
    return prepareRedaction(options);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message, NAME);
  }
}

/** How much was replaced, without a word of what it was. */
function reportOf(counts: ReadonlyMap<string, number>): string {
  const rules = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const total = rules.reduce((sum, [, count]) => sum + count, 0);
  const parts = rules.map(([rule, count]) => `${rule} ${count}`);
  return `${total} redacted${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
