/**
 * Bundles the sources of the package of JSR: a program that imports several hundred modules spends most of its start on
 * finding, reading and evaluating them, and uses few.
 *
 * A part has many modules, each as a function that evaluates it when something of it is first asked for, so that V8 does
 * not even compile the others. An entry is a small file of functions that ask; classes and other values cannot be had
 * later, so their modules are evaluated at once. What is imported later by `import()` is in parts of its own, by area.
 *
 * The sources stay in the package: the entries' types and documentation are theirs, and Workers start from them.
 */

import { relative } from "node:path";
import { compile, type Compiled, type Imported, shortened } from "./compile.ts";

/** What a part calls its own address. */
const HERE = "$here";
/**
 * What stands for `npm:` in a part. Deno asks the registry for every package that it finds in the imports of a program,
 * in tasks of the event loop; a program that waits for its native libraries before those are done would wait in vain.
 */
const NPM = "$npm";
/** What a part calls the function that has the packages which its modules import at once. */
const READY = "$ready";
/** The part that has `src/shared/place.ts`, which tells it from a bundle of somebody else's by this name. */
const FIRST = "agent_runtime";
/** Where parts are, below `dist/`. */
const PARTS = "parts";

/** The entries whose modules are loaded before those of all others. */
const LIGHT = /^\.\/(errors|text(\/\w+)?)$/;
/** Entries that few programs import: their modules are not worth the time of all others. */
const RARE = /^\.\/(server|mcp|testing)$/;
/** Entries that are run, or are data. */
const LEFT = /^\.\/(cli$|data\/)/;

/** An entry of the package. */
interface Entry {
  readonly name: string;
  /** The path of its module. */
  readonly module: string;
  /** What is found there. */
  readonly values: Values;
}

/** The modules, and where each is. */
interface Graph {
  readonly root: string;
  readonly modules: ReadonlyMap<string, Compiled>;
  /** The part of each module. */
  readonly parts: ReadonlyMap<string, string>;
  /** The name of the function that evaluates a module. */
  functionOf(path: string): string;
  /** What other files ask of each part. */
  readonly asked: Map<string, Set<string>>;
  /** What the imports of modules that are evaluated with an entry have: such a module does not evaluate them at once. */
  readonly light: Map<string, ReadonlyMap<string, Values>>;
}

/** What a module exports. */
type Values = Readonly<Record<string, unknown>>;

/**
 * Writes the parts and the entries below `dist/`.
 *
 * @param root The folder of the package, complete but for them.
 * @param exports The entries and their modules, as deno.json has them.
 * @returns The entries with their new files.
 */
export async function bundle(
  root: string,
  exports: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const bundled = Object.entries(exports).filter(([name]) => !LEFT.test(name));
  const entries = await Promise.all(bundled.map(async ([name, path]): Promise<Entry> => {
    const module = `${root}/${path.slice(2)}`;
    return { name, module, values: await import(`file://${module}`) };
  }));
  const modules = await compile(
    root,
    entries.map(({ module }) => module),
    { "import.meta.url": HERE },
    { [`${root}/src/shared/place.ts`]: (text) => placed(text) },
  );
  const parts = partsOf(root, modules, entries);
  const numbers = new Map([...modules.keys()].sort().map((path, at) => [path, `$${at}`]));
  const graph: Graph = {
    root,
    modules,
    parts,
    functionOf: (path) => numbers.get(path)!,
    asked: new Map(),
    light: new Map(),
  };
  for (const path of evaluatedAtOnce(graph, entries)) {
    graph.light.set(path, await valuesOf(graph, path));
  }
  const written: Record<string, string> = { ...exports };
  Deno.mkdirSync(`${root}/dist/${PARTS}`, { recursive: true });
  for (const entry of entries) {
    const file = `dist/${entry.name === "." ? "mod" : entry.name.slice(2).replaceAll("/", "_")}.js`;
    Deno.writeTextFileSync(`${root}/${file}`, entryModule(graph, entry, entries));
    written[entry.name] = `./${file}`;
  }
  Deno.writeTextFileSync(`${root}/dist/provide_data.js`, dataEntry(graph));
  const bodies = Map.groupBy(modules.keys(), (path) => parts.get(path)!);
  const texts = Array.from(
    bodies,
    ([part, paths]) => [part, partTexts(graph, part, paths)] as const,
  );
  for (const [part, { begin, functions }] of texts) {
    const asked = [...graph.asked.get(part) ?? []].sort();
    const lines = [...begin, ...await shortened(functions), `export { ${asked.join(", ")} };`, ""];
    Deno.writeTextFileSync(`${root}/dist/${PARTS}/${part}.js`, lines.join("\n"));
  }
  return written;
}

/** The modules of the classes and other values that entries have. */
function evaluatedAtOnce(graph: Graph, entries: readonly Entry[]): Set<string> {
  return new Set(entries.flatMap(({ module, values }) =>
    Object.entries(values)
      .filter(([, value]) => !isCallable(value) && !isPlain(value))
      .filter(([, value]) => !entries.some(({ values }) => values === value))
      .map(([name]) => definitionOf(graph, module, name).path)
  ));
}

async function valuesOf(graph: Graph, path: string): Promise<Map<string, Values>> {
  const own = graph.modules.get(path)!.imports.map(({ path }) => path)
    .filter((path) => path.endsWith(".ts") && graph.modules.has(path));
  return new Map(
    await Promise.all(own.map(async (path) => [path, await import(`file://${path}`)] as const)),
  );
}

/** `src/shared/place.ts` for where it is in a part. */
function placed(text: string): string {
  const own = 'const OWN_PLACE = "/src/shared/place.ts";';
  if (!text.includes(own)) throw new Error(`src/shared/place.ts has no line ${own}`);
  return text.replace(own, `const OWN_PLACE = "/dist/${PARTS}/${FIRST}.js";`);
}

/** The part of each module: its area, what entries need at once apart from what comes later. */
function partsOf(
  root: string,
  modules: ReadonlyMap<string, Compiled>,
  entries: readonly Entry[],
): Map<string, string> {
  const of = (names: (name: string) => boolean): string[] =>
    entries.filter(({ name }) => names(name)).map(({ module }) => module);
  const first = reachedFrom(modules, [
    ...of((name) => LIGHT.test(name)),
    `${root}/src/shared/place.ts`,
  ]);
  const atOnce = reachedFrom(modules, of((name) => !RARE.test(name)));
  for (const path of reachedFrom(modules, of(() => true))) {
    const npm = modules.get(path)!.imports.find(({ path }) => path.startsWith("npm:"));
    if (npm !== undefined) throw new Error(`An entry needs ${npm.path} at once, by ${path}`);
  }
  return new Map(Array.from(modules.keys(), (path) => {
    // `mod.ts` stands above the areas, other files of the root below them.
    const own = relative(root, path);
    const area = own.split("/")[1] ?? (own === "mod.ts" ? "root" : "shared");
    if (first.has(path)) return [path, FIRST];
    if (["shared", "native"].includes(area)) return [path, "shared"];
    return [path, `${atOnce.has(path) ? "" : "later_"}${area.replace(/\W.*/, "")}`];
  }));
}

/** The modules that are evaluated with some. */
function reachedFrom(
  modules: ReadonlyMap<string, Compiled>,
  chosen: readonly string[],
): Set<string> {
  const found = new Set<string>();
  const waiting = [...chosen];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    waiting.push(
      ...modules.get(path)!.imports.map(({ path }) => path).filter((path) => modules.has(path)),
    );
  }
  return found;
}

function partTexts(
  graph: Graph,
  part: string,
  paths: readonly string[],
): { begin: string[]; functions: string[] } {
  const imports = new Map<string, Set<string>>();
  const packages = new Map<string, string>();
  const builtIn = new Map<string, string>();
  /** The function of a module, which is imported if it is in another part. */
  const have = (path: string): string => {
    const name = graph.functionOf(path);
    const from = graph.parts.get(path)!;
    if (from !== part) {
      if (!imports.has(from)) imports.set(from, new Set());
      imports.get(from)!.add(name);
      ask(graph, path);
    }
    return name;
  };
  const given = (path: string): string => {
    if (graph.modules.has(path)) return `${have(path)}()`;
    const of = path.startsWith("npm:") ? packages : builtIn;
    if (!of.has(path)) of.set(path, `$${of === builtIn ? "builtin" : "package"}${of.size}`);
    return of.get(path)!;
  };
  const functions = [...paths].sort().map((path) => moduleText(graph, part, path, given));
  const begin = [
    ...Array.from(builtIn, ([path, name]) => `import * as ${name} from "${path}";`),
    ...importLines(imports, "./"),
    `const ${HERE} = import.meta.url;`,
    `const ${NPM} = "npm:";`,
    ...Array.from(packages.values(), (name) => `let ${name};`),
    ...packages.size === 0 ? [] : [
      `async function ${READY}() {`,
      ...Array.from(
        packages,
        ([path, name]) => `${name} ??= await import(${NPM} + ${JSON.stringify(path.slice(4))});`,
      ),
      "}",
    ],
  ];
  return { begin, functions };
}

function importLines(imports: ReadonlyMap<string, ReadonlySet<string>>, folder: string): string[] {
  return Array.from(
    imports,
    ([part, names]) => `import { ${[...names].sort().join(", ")} } from "${folder}${part}.js";`,
  );
}

function ask(graph: Graph, path: string): void {
  const part = graph.parts.get(path)!;
  if (!graph.asked.has(part)) graph.asked.set(part, new Set());
  graph.asked.get(part)!.add(graph.functionOf(path));
}

/** A module as a function. */
function moduleText(
  graph: Graph,
  part: string,
  path: string,
  given: (path: string) => string,
): string {
  const { imports, body, exports, stars } = graph.modules.get(path)!;
  const name = graph.functionOf(path);
  const later = body.replaceAll(/\bimport\("npm:/g, `import(${NPM} + "`)
    .replaceAll(/\bimport\("(\/[^"]+\.ts)"\)/g, (_, path: string) => {
      const [asked, from] = [graph.functionOf(path), graph.parts.get(path)!];
      if (from === part) return `Promise.resolve().then(${asked})`;
      ask(graph, path);
      const ready = needsPackages(graph, path);
      if (ready) graph.asked.get(from)!.add(READY);
      return `import("./${from}.js").then(async (part) => ` +
        `{ ${ready ? `await part.${READY}(); ` : ""}return part.${asked}(); })`;
    });
  const fields = [
    ...stars.map((path) => `...${given(path)}`),
    ...exports.map(([exported, local]) => exported === local ? local : `${exported}: ${local}`),
  ];
  return [
    `let ${name}_;`,
    `function ${name}() { return ${name}_ ??= ${name}make(); }`,
    `function ${name}make() {`,
    ...imports.filter(({ path }) => !stars.includes(path)).map((one) =>
      importText(one, () => given(one.path), graph.light.get(path)?.get(one.path))
    ),
    later,
    `return { ${fields.join(", ")} };`,
    "}",
  ].join("\n");
}

/** Whether a module, or what it imports at once, imports a package of npm at once; then all that do are in its part. */
function needsPackages(graph: Graph, path: string): boolean {
  const reached = reachedFrom(graph.modules, [path]);
  const needing = [...reached].filter((path) =>
    graph.modules.get(path)!.imports.some(({ path }) => path.startsWith("npm:"))
  );
  const other = needing.find((one) => graph.parts.get(one) !== graph.parts.get(path));
  if (other !== undefined) throw new Error(`${path} needs packages at once, by ${other}`);
  return needing.length > 0;
}

/**
 * An import of a module.
 *
 * @param given What evaluates the imported module.
 * @param values What that has, if it is evaluated no sooner than a function of it is called.
 */
function importText(
  { names, namespace }: Imported,
  given: () => string,
  values?: Values,
): string {
  if (namespace !== undefined) return `const ${namespace} = ${given()};`;
  if (names.length === 0) return `${given()};`;
  const atOnce: string[] = [];
  const lines: string[] = [];
  for (const [name, local] of names) {
    const value = values?.[name];
    if (isCallable(value)) {
      lines.push(`function ${local}(...given) { return ${given()}.${name}(...given); }`);
    } else if (typeof value === "number" || typeof value === "string") {
      lines.push(`const ${local} = ${JSON.stringify(value)};`);
    } else {
      atOnce.push(name === local ? name : `${name}: ${local}`);
    }
  }
  if (atOnce.length > 0) lines.unshift(`const { ${atOnce.join(", ")} } = ${given()};`);
  return lines.join("\n");
}

function entryModule(graph: Graph, entry: Entry, entries: readonly Entry[]): string {
  const lines: string[] = [];
  const imports = new Map<string, Set<string>>();
  const eager = new Map<string, string[]>();
  const have = (path: string): string => {
    const [from, name] = [graph.parts.get(path)!, graph.functionOf(path)];
    if (!imports.has(from)) imports.set(from, new Set());
    imports.get(from)!.add(name);
    ask(graph, path);
    return name;
  };
  for (const [name, value] of Object.entries(entry.values)) {
    const namespace = entries.find(({ values }) => values === value);
    if (namespace !== undefined) {
      lines.push(`export * as ${name} from "./${namespace.name.slice(2)}.js";`);
      continue;
    }
    const { path, exported } = definitionOf(graph, entry.module, name);
    if (isCallable(value)) {
      lines.push(
        `export function ${name}(...given) { return ${have(path)}().${exported}(...given); }`,
      );
    } else if (isPlain(value)) {
      const text = JSON.stringify(value);
      lines.push(
        `export const ${name} = ${Object.isFrozen(value) ? `Object.freeze(${text})` : text};`,
      );
    } else {
      const field = exported === name ? name : `${exported}: ${name}`;
      eager.set(path, [...eager.get(path) ?? [], field]);
    }
  }
  for (const [path, names] of eager) {
    lines.push(`export const { ${names.join(", ")} } = ${have(path)}();`);
  }
  return [
    `/* @ts-self-types="../${relative(graph.root, entry.module)}" */`,
    ...importLines(imports, `./${PARTS}/`),
    ...lines,
    "",
  ].join("\n");
}

/** What the modules below `data/` import: the one that the entries have, too. */
function dataEntry(graph: Graph): string {
  const path = `${graph.root}/src/native/data_file.ts`;
  ask(graph, path);
  const name = graph.functionOf(path);
  return [
    '/* @ts-self-types="../src/native/data_file.ts" */',
    ...importLines(new Map([[graph.parts.get(path)!, new Set([name])]]), `./${PARTS}/`),
    `export function provideData(...given) { return ${name}().provideData(...given); }`,
    "",
  ].join("\n");
}

/** Where something that a module exports is defined, and what it is called there. */
function definitionOf(
  graph: Graph,
  path: string,
  name: string,
): { path: string; exported: string } {
  const { imports, exports, stars } = graph.modules.get(path)!;
  const own = exports.find(([exported]) => exported === name);
  if (own !== undefined) {
    for (const { path: from, names } of imports) {
      const imported = names.find(([, local]) => local === own[1]);
      if (imported !== undefined && graph.modules.has(from)) {
        return definitionOf(graph, from, imported[0]);
      }
    }
    return { path, exported: name };
  }
  for (const from of stars) {
    if (!exportsOf(graph, from).has(name)) continue;
    return definitionOf(graph, from, name);
  }
  throw new Error(`${path} does not export ${name}`);
}

function exportsOf(graph: Graph, path: string): Set<string> {
  const { exports, stars } = graph.modules.get(path)!;
  return new Set([
    ...exports.map(([exported]) => exported),
    ...stars.flatMap((from) => [...exportsOf(graph, from)]),
  ]);
}

/** Functions, but not classes, which a function cannot stand for. */
function isCallable(value: unknown): boolean {
  return typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value));
}

/** Numbers, words and lists of them, which can stand in an entry themselves. */
function isPlain(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every(isPlain)
    : ["number", "string", "boolean"].includes(typeof value);
}
