/**
 * Writes `src/native/generated/` from the C headers under `rust/`: the symbols of each library, the status codes, and a
 * module of typed calls for each header. `deno task bindings` writes; `deno task bindings:check` writes nothing, names
 * the files that differ and exits 1. The headers themselves come from `cargo run -p headers`.
 */

import { emitAll } from "./bindings/emit.ts";
import { HeaderError, parseHeader } from "./bindings/header.ts";
import { type Module, MODULES } from "./bindings/modules.ts";

/** Where the modules go, from the root of the repository. */
const TARGET = "src/native/generated";

/**
 * Makes the files from the headers on disk.
 *
 * @param root The repository's folder.
 * @param modules What to generate.
 * @returns File name to content, formatted.
 */
export async function generate(
  root: string,
  modules: readonly Module[] = MODULES,
): Promise<Map<string, string>> {
  const files = emitAll(modules.map((module) => {
    const text = Deno.readTextFileSync(`${root}/${module.header}`);
    return { module, header: parseHeader(module.header, text), text };
  }));
  for (const [name, content] of files) files.set(name, await formatted(content));
  return files;
}

/** A file as `deno fmt` lays it out, so that the formatter has nothing to change. */
export async function formatted(source: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--no-config", "--line-width=100", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`deno fmt: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/**
 * Compares generated files with those in a folder.
 *
 * @param files File name to content.
 * @param folder Where they should be.
 * @returns The names that are missing, different, or in the folder but not generated; sorted.
 */
export function differing(files: ReadonlyMap<string, string>, folder: string): string[] {
  const names = new Set<string>();
  for (const [name, content] of files) {
    if (readIfThere(`${folder}/${name}`) !== content) names.add(name);
  }
  for (const entry of Deno.readDirSync(folder)) {
    if (!files.has(entry.name)) names.add(entry.name);
  }
  return [...names].sort();
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** One line on stderr: this is a program, and what it says is its result. */
function say(line: string): void {
  // deno-lint-ignore no-console
  console.error(line);
}

async function main(args: readonly string[]): Promise<number> {
  const check = args.length === 1 && args[0] === "--check";
  if (args.length > 0 && !check) {
    say("usage: deno task bindings | deno task bindings:check");
    return 2;
  }
  try {
    const files = await generate(".");
    const names = differing(files, TARGET);
    for (const name of names) {
      const content = files.get(name);
      if (check) say(`${TARGET}/${name} differs from what the headers give`);
      else if (content === undefined) Deno.removeSync(`${TARGET}/${name}`);
      else Deno.writeTextFileSync(`${TARGET}/${name}`, content);
    }
    if (check && names.length > 0) say('Run "deno task bindings" and commit the result');
    return check && names.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof HeaderError || error instanceof Deno.errors.NotFound)) throw error;
    say(error.message);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
