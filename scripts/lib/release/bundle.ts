/**
 * Bundles the sources of the package of JSR: a program that imports the package of several hundred modules spends most
 * of its start on finding, reading and evaluating them, and uses few.
 *
 * Three files have all of it. `text.js` has text and what all areas stand on, `core.js` what else the entries import,
 * `more.js` what is imported later, or by few. In all of them a module is evaluated when something of it is first asked
 * for, and in the first two not even compiled before. An entry is a small file of functions that ask. The sources stay in the package: the entries' types and documentation are
 * theirs, Workers start from them, and the command line runs from them.
 */

import * as esbuild from "esbuild";
import { dirname, relative } from "node:path";

/** The bundles' names. A module of one imports at once only from those before it. */
const TEXT = "text_core.js";
const CORE = "core.js";
const MORE = "more.js";

/** What the bundles call their own address; esbuild leaves a name that it does not know as it is. */
const HERE = "bundleAddress";

/** Entries that few programs import, and those after the root: their modules are not worth the time of all others. */
const RARE = /^\.\/(server|mcp|testing)$/;
/** What most entries must have at once, since a class cannot be had later: these are few, and alone. */
const EAGER = /\/src\/(shared\/errors|text\/redact\/(rules|vault))\.ts$/;
/** Entries that are run, or are data. */
const LEFT = /^\.\/(cli$|data\/)/;

/** What an entry gives: the path of its module, and what is found there. */
interface Entry {
  readonly name: string;
  readonly module: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The modules and how they import each other. */
interface Graph {
  /** Every module below `src/`, and `mod.ts`. */
  readonly modules: ReadonlySet<string>;
  /** The bundle that has a module. */
  fileOf(module: string): string;
  /** A module's number: the name of the function that gives it. */
  numberOf(module: string): string;
}

/**
 * Writes the bundles and the entries.
 *
 * @param root The folder of the package, complete but for them.
 * @param exports The entries and their modules, as deno.json has them.
 * @returns The entries with their new files.
 */
export async function bundle(
  root: string,
  exports: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const entries: Entry[] = [];
  for (const [name, path] of Object.entries(exports)) {
    if (LEFT.test(name)) continue;
    const module = `${root}/${path.slice(2)}`;
    entries.push({ name, module, values: await import(`file://${module}`) });
  }
  try {
    const graph = await graphOf(root, entries);
    await writeGroups(root, graph, TEXT);
    await writeGroups(root, graph, CORE);
    await writeMore(root, graph);
    const written = { ...exports };
    for (const entry of entries) {
      const file = `dist/${
        entry.name === "." ? "mod" : entry.name.slice(2).replaceAll("/", "_")
      }.js`;
      Deno.writeTextFileSync(`${root}/${file}`, entryModule(root, graph, entry, entries));
      written[entry.name] = `./${file}`;
    }
    return written;
  } finally {
    await esbuild.stop();
  }
}

async function graphOf(root: string, entries: readonly Entry[]): Promise<Graph> {
  const { metafile } = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: entries.map(({ module }) => module),
    outdir: `${root}/dist`,
    splitting: true,
    write: false,
    metafile: true,
    plugins: [texts],
  });
  const statically = new Map<string, string[]>();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    if (!path.endsWith(".ts")) continue;
    statically.set(
      `${root}/${path}`,
      imports.filter(({ kind, external }) => kind === "import-statement" && external !== true)
        .map(({ path }) => `${root}/${path}`).filter((path) => path.endsWith(".ts")),
    );
  }
  const core = new Set<string>();
  const waiting = entries.filter(({ name }) => !RARE.test(name)).map(({ module }) => module);
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (core.has(module)) continue;
    core.add(module);
    waiting.push(...statically.get(module) ?? []);
  }
  const modules = new Set(statically.keys());
  const fileOf = (module: string): string =>
    IN_TEXT.has(groupOf(root, module)) ? TEXT : core.has(module) ? CORE : MORE;
  const numbers = new Map([...modules].sort().map((module, at) => [module, `m${at}`]));
  return { modules, fileOf, numberOf: (module) => numbers.get(module)! };
}

const OPTIONS = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "esnext",
  charset: "utf8",
  external: ["npm:*", "node:*"],
  logLevel: "error",
  legalComments: "none",
  // Names stay: they are what a stack of an error tells.
  minifyWhitespace: true,
  minifySyntax: true,
} as const satisfies esbuild.BuildOptions;

/** The groups that are in `text_core.js`. */
const IN_TEXT: ReadonlySet<string> = new Set(["eager", "base", "text"]);

/** The part of `src/` that a module is compiled with, at the first use of something in it. */
function groupOf(root: string, module: string): string {
  if (EAGER.test(module)) return "eager";
  const [, part = ""] = relative(root, module).split("/");
  return part === "native" || part === "shared" || part === "areas.ts" ? "base" : part || "root";
}

/**
 * Writes a bundle of groups: a function for each, which V8 does not compile before it is called, and one for each
 * module, which evaluates it and gives what it exports.
 */
async function writeGroups(root: string, graph: Graph, file: string): Promise<void> {
  const modules = [...graph.modules].filter((module) => graph.fileOf(module) === file);
  const lines = [`const ${HERE}=import.meta.url;`];
  const foreign = new Set<string>();
  for (const [group, own] of Map.groupBy(modules, (module) => groupOf(root, module))) {
    const name = group.replace(/\W/g, "_");
    const { outputFiles } = await esbuild.build({
      ...OPTIONS,
      format: "iife",
      globalName: "bundle",
      absWorkingDir: root,
      stdin: { contents: functionsOf(graph, own), resolveDir: root, sourcefile: `${group}.js` },
      write: false,
      plugins: [texts, sources(root, graph, new Set(own), file, foreign)],
    });
    const text = withoutPlace(root, outputFiles[0]!.text.trim());
    const begin = "var bundle=(";
    const end = ")();";
    if (!text.startsWith(begin) || !text.endsWith(end)) {
      throw new Error(`The bundle of ${group} is not of the shape that was expected`);
    }
    lines.push(`const make_${name}=${text.slice(begin.length, -end.length)};`, `let ${name};`);
    for (const module of own) {
      const number = graph.numberOf(module);
      lines.push(`export const ${number}=()=>(${name}??=make_${name}()).${number}();`);
    }
  }
  if (foreign.size > 0) lines.unshift(`import{${[...foreign].join(",")}}from"./${TEXT}";`);
  Deno.writeTextFileSync(`${root}/dist/${file}`, `${lines.join("\n")}\n`);
}

/** Writes `more.js`. */
async function writeMore(root: string, graph: Graph): Promise<void> {
  const own = [...graph.modules].filter((module) => graph.fileOf(module) === MORE);
  const { outputFiles } = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    stdin: { contents: functionsOf(graph, own), resolveDir: root, sourcefile: MORE },
    write: false,
    banner: { js: `const ${HERE}=import.meta.url;` },
    plugins: [texts, sources(root, graph, new Set(own), MORE, new Set())],
  });
  Deno.writeTextFileSync(`${root}/dist/${MORE}`, withoutPlace(root, outputFiles[0]!.text));
}

/** A bundle's text whose modules are called by their paths in the package, and not on this machine. */
function withoutPlace(root: string, text: string): string {
  return text.replaceAll(`${root}/`, "");
}

function functionsOf(graph: Graph, own: readonly string[]): string {
  return own.map((module) =>
    `export const ${graph.numberOf(module)} = () => require(${JSON.stringify(module)});\n`
  ).join("");
}

/** Modules that are text. */
const texts: esbuild.Plugin = {
  name: "texts",
  setup(build) {
    build.onResolve(
      { filter: /./ },
      ({ path, importer, with: attributes }) =>
        attributes["type"] === "text"
          ? { path: new URL(path, `file://${importer}`).pathname, namespace: "text" }
          : undefined,
    );
    build.onLoad({ filter: /./, namespace: "text" }, ({ path }) => ({
      contents: `export default ${JSON.stringify(Deno.readTextFileSync(path))}`,
    }));
  },
};

/**
 * How sources import each other.
 *
 * @param own The modules of the group or bundle that is built.
 * @param file The bundle that it will be in.
 * @param foreign Takes the numbers of modules of another bundle that groups import at once.
 */
function sources(
  root: string,
  graph: Graph,
  own: ReadonlySet<string>,
  file: string,
  foreign: Set<string>,
): esbuild.Plugin {
  return {
    name: "sources",
    setup(build) {
      build.onResolve({ filter: /^\.\/\w+\.js$/ }, ({ path }) => ({ path, external: true }));
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer }) => {
        const module = new URL(path, `file://${importer}`).pathname;
        return own.has(module) ? undefined : { path: module, namespace: "other" };
      });
      build.onLoad({ filter: /\.ts$/, namespace: "file" }, ({ path }) => ({
        contents: rewritten(root, graph, own, file, path),
        loader: "ts",
      }));
      build.onLoad({ filter: /./, namespace: "other" }, async ({ path }) => ({
        contents: await standIn(graph, path, file, foreign),
        resolveDir: dirname(path),
      }));
    },
  };
}

/** A source whose own place is that of its file, and which finds what it imports later. */
function rewritten(
  root: string,
  graph: Graph,
  own: ReadonlySet<string>,
  file: string,
  path: string,
): string {
  return Deno.readTextFileSync(path)
    .replaceAll(
      /\bimport\.meta\.url\b/g,
      `new URL(${JSON.stringify(`../${relative(root, path)}`)}, ${HERE}).href`,
    )
    .replaceAll(/(?<!typeof )\bimport\("(\.[^"]+\.ts)"\)/g, (whole, specifier: string) => {
      const module = new URL(specifier, `file://${path}`).pathname;
      if (own.has(module)) return whole;
      const number = graph.numberOf(module);
      return graph.fileOf(module) === file
        ? `Promise.resolve().then(() => ${number}())`
        : `import("./${graph.fileOf(module)}").then((bundle) => bundle.${number}())`;
    });
}

/** Stands for a module of another group or bundle that is imported at once. */
async function standIn(
  graph: Graph,
  path: string,
  file: string,
  foreign: Set<string>,
): Promise<string> {
  const [number, from] = [graph.numberOf(path), graph.fileOf(path)];
  const order = [TEXT, CORE, MORE];
  if (order.indexOf(from) > order.indexOf(file)) {
    throw new Error(`${file} would need ${path} at once, which is in ${from}`);
  }
  // One without a value at first is set while its module is evaluated, which is before it is asked for.
  if (/^export let [^;]*[^=]=[^=>]/m.test(Deno.readTextFileSync(path))) {
    throw new Error(`${path} exports what changes, and is imported over a border of bundles`);
  }
  const names = Object.keys(await import(`file://${path}`));
  if (file !== MORE && from !== file) foreign.add(number);
  return [
    // In a bundle of groups the function is in scope; esbuild leaves a name that it does not know as it is.
    file === MORE ? `import { ${number} } from "./${from}";` : "",
    `const module = ${number}();`,
    ...names.map((name) => `export const ${name} = module.${name};`),
    "",
  ].join("\n");
}

function entryModule(
  root: string,
  graph: Graph,
  entry: Entry,
  entries: readonly Entry[],
): string {
  const lines: string[] = [];
  const eager = new Map<string, string[]>();
  const imports = new Map<string, Set<string>>();
  const given = (module: string): string => {
    const from = graph.fileOf(module);
    if (!imports.has(from)) imports.set(from, new Set());
    imports.get(from)!.add(graph.numberOf(module));
    return graph.numberOf(module);
  };
  for (const [name, value] of Object.entries(entry.values)) {
    const namespace = entries.find(({ values }) => values === value);
    if (namespace !== undefined) {
      lines.push(`export * as ${name} from "./${namespace.name.slice(2)}.js";`);
    } else if (typeof value === "function" && !isClass(value)) {
      // The root's functions are asked of their areas, so that no other area is evaluated for them.
      const module = given(narrowest(entries, name, value));
      lines.push(
        `let ${name}_;`,
        `export function ${name}(...given) { return (${name}_ ??= ${module}().${name})(...given); }`,
      );
    } else if (isPlain(value)) {
      const text = JSON.stringify(value);
      lines.push(
        `export const ${name} = ${Object.isFrozen(value) ? `Object.freeze(${text})` : text};`,
      );
    } else {
      const module = definedIn(graph, name);
      eager.set(module, [...eager.get(module) ?? [], name]);
    }
  }
  for (const [module, names] of eager) {
    lines.push(`export const { ${names.join(", ")} } = ${given(module)}();`);
  }
  return [
    `/* @ts-self-types="../${relative(root, entry.module)}" */`,
    ...Array.from(
      imports,
      ([from, names]) => `import { ${[...names].join(", ")} } from "./${from}";`,
    ),
    ...lines,
    "",
  ].join("\n");
}

/** The module of the entry with the fewest names that has this one. */
function narrowest(entries: readonly Entry[], name: string, value: unknown): string {
  const having = entries.filter(({ values }) => values[name] === value);
  const size = ({ values }: Entry): number => Object.keys(values).length;
  return having.reduce((best, entry) => size(entry) < size(best) ? entry : best).module;
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Numbers, words and lists of them, which can stand in an entry themselves. */
function isPlain(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every(isPlain)
    : ["number", "string", "boolean"].includes(typeof value);
}

/** The module that defines a class or an object which an entry must have at once. */
function definedIn(graph: Graph, name: string): string {
  const defining = new RegExp(`^export (abstract )?(class|const) ${name}\\b`, "m");
  for (const module of graph.modules) {
    if (defining.test(Deno.readTextFileSync(module))) return module;
  }
  throw new Error(`No module below src/ defines ${name}`);
}
