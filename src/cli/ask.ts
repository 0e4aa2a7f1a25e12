/**
 * `agent ask QUESTION --docs DIR`: an answer from the documents, with the places it comes from.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import type { AgentStatus } from "../agent/types.ts";
import { stateOf } from "./state.ts";
import { UsageError } from "./options.ts";
import { emptiness, FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { existingPath, knowledgeFile } from "./paths.ts";
import { isAddress } from "./permissions.ts";
import { PROGRAM } from "./program.ts";
import { webAddresses } from "./web.ts";

/** The command. */
export const ask: Command = {
  name: "ask",
  summary: "Answers a question from a folder of documents, with citations",
  usage: "QUESTION --docs DIR",
  options: {
    docs: {
      value: "DIR",
      help: "The folder (or file) to answer from, or the first address of indexed pages",
    },
    ...FOLDER_OPTIONS,
    quality: {
      value: "WORD",
      help: "fast (default), or high: a small model reads the best passages again (native only)",
    },
    wide: { help: "Use the whole width of the terminal, not at most 80 columns" },
    domain: {
      value: "NAME",
      help: "Who answers: general, developer, trader, lawyer; default: by the words",
    },
  },
  positionals: [1, 1],
  expects: "The question",
  details:
    "The folder is indexed first; later calls read only what changed: Markdown, HTML, PDF, Word,\n" +
    "CSV, JSON, source code and other text, also as .gz. Give --exclude at each call. No model and\n" +
    "no network are needed: the answer is taken from the documents, word for word.",
  examples: [
    'scripts/agent ask "How are permissions given?" --docs docs',
    'scripts/agent ask "What does exit code 2 mean?" --docs README.md --json',
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const { options, positionals, output } = call;
  const question = positionals[0] ?? "";
  const domain = options.text("domain");
  const quality = options.choice("quality", ["fast", "high"]);
  const { documents, isFolder } = place(options.required("docs", "the folder of documents"));
  const file = await knowledgeFile(documents, options.text("data"));
  if (!isFolder) await checkIndexed(file, documents);
  const signal = call.interruptible();
  const [{ openKnowledge }, { createAgent }, { citationDocument, citationsOf }, answerText] =
    await Promise.all([
      import("../knowledge/mod.ts"),
      import("../agent/mod.ts"),
      import("./citations.ts"),
      import("./answer_text.ts"),
    ]);
  const { columnsFor, printAnswer } = answerText;
  using knowledge = openKnowledge({ path: file });
  const report = isFolder
    ? await updateKnowledge(knowledge, documents, options, signal)
    : undefined;
  const skipped = report?.skipped ?? [];
  if (!output.json) noteSkipped(skipped, output, false);
  const empty = emptiness(knowledge, documents, skipped);
  if (empty !== undefined) {
    if (!output.json) throw empty;
    const { code, message } = empty;
    output.document({ error: { code, message }, indexed: report });
    return 1;
  }
  await using agent = createAgent({ knowledge, ...options.implementation(), state: stateOf(call) });
  if (domain !== undefined) checkDomain(domain, await agent.status());
  const answer = await agent.ask(question, { signal, domain, quality });
  const citations = citationsOf(answer.sources, knowledge);
  if (output.json) {
    const sources = citations.map(citationDocument);
    output.document({ ...answer, sources, ...(report !== undefined && { indexed: report }) });
  } else {
    printAnswer(answer, citations, output, columnsFor(options.on("wide")));
    if (answer.error !== undefined) output.note(`${answer.error.code}: ${answer.error.message}`);
  }
  return answer.error === undefined ? 0 : 1;
}

/** In a program an unknown domain is answered by `general`; whoever types one has made a mistake. */
function checkDomain(name: string, { domains }: AgentStatus): void {
  if (domains.includes(name)) return;
  throw new UsageError(`--domain is one of ${domains.join(", ")}, not "${name}"`, "ask");
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
      `Nothing was indexed under ${address}: run ${PROGRAM} index ${address} before`,
      { what: address },
    );
  }
}
