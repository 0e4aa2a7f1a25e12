/** A server whose folder is on a disk that gets full, or that cannot be written; prints what became of it. */

import { createRuntime } from "../../src/runtime.ts";
import { createServer } from "../../src/server/mod.ts";

const [folder = "", how = ""] = Deno.args;
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "done";
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
};

/** Fills the disk to its last byte. */
async function fill(): Promise<void> {
  for (const size of [65_536, 1_024, 1]) {
    try {
      for (;;) {
        await Deno.writeFile(`${folder}/ballast`, new Uint8Array(size), { append: true });
      }
    } catch {
      // Full for pieces of this size.
    }
  }
}

async function full(): Promise<Record<string, unknown>> {
  await using runtime = createRuntime({
    knowledge: { path: `${folder}/knowledge.sqlite` },
    agent: { sessions: { path: `${folder}/sessions.sqlite` } },
  });
  await runtime.knowledge.add([{ document: "tea.md", text: "Green tea steeps for two minutes." }]);
  await using server = createServer({ runtime, data: `${folder}/state`, roots: [folder] });
  await Deno.mkdir(`${folder}/more`);
  await Deno.writeTextFile(
    `${folder}/more/owl.md`,
    `The owl hunts at night. ${"Owl. ".repeat(20_000)}`,
  );
  const post = async (path: string, body: unknown): Promise<[number, string]> => {
    const response = await server.fetch(
      new Request(`http://127.0.0.1${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    return [response.status, await response.text()];
  };
  const ask = (content: string) =>
    post("/v1/chat/completions", { model: "agent", messages: [{ role: "user", content }] });
  const index = () => post("/api/commands/index_folder", { folder: `${folder}/more` });
  await fill();
  const said = {
    answer: await ask("How long does green tea steep?"),
    index: await index(),
    second: await codeOf(() => createServer({ runtime, data: `${folder}/other` })),
  };
  await Deno.remove(`${folder}/ballast`);
  return { ...said, again: await ask("How long does green tea steep?"), indexed: await index() };
}

async function readOnly(): Promise<Record<string, unknown>> {
  await using runtime = createRuntime();
  return { server: await codeOf(() => createServer({ runtime, data: folder })) };
}

const said = JSON.stringify(how === "full" ? await full() : await readOnly());
await Deno.stdout.write(new TextEncoder().encode(said));
