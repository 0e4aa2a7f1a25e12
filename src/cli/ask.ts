/**
 * `agent ask QUESTION --docs DIR`: an answer from the documents, with the places it comes from.
 *
 * @module
 */

import type { Answer, Source } from "../agent/mod.ts";
import type { Knowledge } from "../knowledge/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import { BUILT_IN_DOMAINS } from "../agent/domains.ts";
import { UsageError } from "./options.ts";
import { DATA_OPTION, noteSkipped, updateKnowledge } from "./documents.ts";
import type { Output } from "./output.ts";
import { displayPath, existingPath, knowledgeFile, lineOf } from "./paths.ts";
import { isAddress } from "./permissions.ts";
import { webAddresses } from "./web.ts";

/** The command. */
export const ask: Command = {
  name: "ask",
  summary: "Answers a question from a folder of documents, with citations",
  usage: "QUESTION --docs DIR",
  options: {
    docs: {
      value: "DIR",
      help:
        "The folder (or file) of Markdown, text and HTML to answer from, or the first address of indexed pages",
    },
    data: DATA_OPTION,
    domain: { value: "NAME", help: "Who answers: general (default), developer, trader, lawyer" },
  },
  positionals: [1, 1],
  expects: "The question",
  details: "The folder is indexed first; later calls read only what changed. No model and no\n" +
    "network are needed: the answer is taken from the documents, word for word.",
  examples: [
    'scripts/agent ask "How are permissions given?" --docs docs',
    'scripts/agent ask "What does exit code 2 mean?" --docs README.md --json',
  ],
  run,
};

/** A source with the line that it begins on; pages have none: their Markdown has lines of its own. */
interface Citation extends Source {
  line: number | null;
}

async function run(call: Call): Promise<number> {
  const { options, positionals, output } = call;
  const question = positionals[0] ?? "";
  const domain = domainOf(options.text("domain"));
  const { documents, isFolder } = place(options.required("docs", "the folder of documents"));
  const file = await knowledgeFile(documents, options.text("data"));
  if (!isFolder) await checkIndexed(file, documents);
  const signal = call.interruptible();
  const [{ openKnowledge }, { createAgent }] = await Promise.all([
    import("../knowledge/mod.ts"),
    import("../agent/mod.ts"),
  ]);
  using knowledge = openKnowledge({ path: file });
  const report = isFolder ? await updateKnowledge(knowledge, documents, signal) : undefined;
  await using agent = createAgent({ knowledge, ...options.implementation() });
  const answer = await agent.ask(question, { signal, ...(domain === undefined ? {} : { domain }) });
  const sources = citations(answer.sources, knowledge);
  if (output.json) {
    output.document({ ...answer, sources });
  } else {
    noteSkipped(report?.skipped ?? [], output);
    print(answer, sources, output);
  }
  return answer.error === undefined ? 0 : 1;
}

/** In a program an unknown domain is answered by `general`; whoever types one has made a mistake. */
function domainOf(name: string | undefined): string | undefined {
  const names = Object.keys(BUILT_IN_DOMAINS);
  if (name === undefined || names.includes(name)) return name;
  throw new UsageError(`--domain is one of ${names.join(", ")}, not "${name}"`, "ask");
}

/** What `--docs` names: a folder, or the first address of pages that were indexed. */
function place(docs: string): { documents: string; isFolder: boolean } {
  return isAddress(docs)
    ? { documents: webAddresses([docs], "ask")[0]!, isFolder: false }
    : { documents: existingPath(docs), isFolder: true };
}

async function checkIndexed(file: string, address: string): Promise<void> {
  try {
    await Deno.stat(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new AgentError(
      "NOT_FOUND",
      `Nothing was indexed under ${address}: run scripts/agent index ${address} before`,
      { what: address },
    );
  }
}

function citations(sources: readonly Source[], knowledge: Knowledge): Citation[] {
  const formats = new Map(knowledge.documents().map((info) => [info.document, info.format]));
  return sources.map((source) => {
    const text = knowledge.text(source.document);
    const hasLines = text !== undefined && !isAddress(source.document) &&
      formats.get(source.document) !== "html";
    return { ...source, line: hasLines ? lineOf(text, source.start) : null };
  });
}

function print(answer: Answer, sources: readonly Citation[], output: Output): void {
  output.line(answer.answer);
  if (sources.length > 0) output.line();
  sources.forEach((source, at) => {
    const line = source.line === null ? "" : `:${source.line}`;
    const title = source.title === undefined ? "" : `  ${source.title}`;
    output.line(
      `[${at + 1}] ${output.bold(displayPath(source.document) + line)}${output.dim(title)}`,
    );
  });
  output.line();
  const facts = [`confidence ${answer.confidence.toFixed(2)}`, `domain ${answer.domain}`];
  if (answer.cached) facts.push(`answered before, at ${answer.timestamp}`);
  output.line(output.dim(facts.join(", ")));
  if (answer.error !== undefined) output.note(`${answer.error.code}: ${answer.error.message}`);
}
