/**
 * Compiles modules to JavaScript, each for itself, and tells what each imports and exports. esbuild does it: what it
 * writes of a module alone has all imports first and one list of exports last.
 */

import * as esbuild from "esbuild";

/** An import of a module. */
export interface Imported {
  /** The path of the module or file, or what is imported of others, such as `npm:...`. */
  readonly path: string;
  /** What is imported, and what it is called here. */
  readonly names: readonly (readonly [name: string, local: string])[];
  /** What the whole of it is called here. */
  readonly namespace?: string | undefined;
}

/** A compiled module. */
export interface Compiled {
  /** What it imports at once. */
  readonly imports: readonly Imported[];
  /** What it imports later, by the paths of the modules. */
  readonly later: readonly string[];
  /** Its text without imports and exports. */
  readonly body: string;
  /** What it exports, and what that is called in it. */
  readonly exports: readonly (readonly [exported: string, local: string])[];
  /** The modules all of whose exports it exports. */
  readonly stars: readonly string[];
}

/**
 * Compiles modules and all that they reach: sources, JSON and texts.
 *
 * @param root The folder of the package.
 * @param entries The paths of the modules to begin with.
 * @param define What stands for an expression, as esbuild takes it.
 * @param changes What changes sources before, by their paths.
 * @returns The modules by their paths.
 */
export async function compile(
  root: string,
  entries: readonly string[],
  define: Record<string, string>,
  changes: Readonly<Record<string, (text: string) => string>>,
): Promise<Map<string, Compiled>> {
  const modules = new Map<string, Compiled>();
  try {
    for (let waiting = [...entries]; waiting.length > 0;) {
      const sources = waiting.filter((path) => path.endsWith(".ts"));
      for (const path of waiting) if (!path.endsWith(".ts")) modules.set(path, data(path));
      for (const [path, text] of await compileAll(root, sources, define, changes)) {
        modules.set(path, taken(path, text));
      }
      const next = waiting.map((path) => modules.get(path)!).flatMap(({ imports, later }) => [
        ...imports.map(({ path }) => path).filter((path) => path.startsWith("/")),
        ...later,
      ]);
      waiting = [...new Set(next)].filter((path) => !modules.has(path));
    }
  } finally {
    await esbuild.stop();
  }
  return modules;
}

async function compileAll(
  root: string,
  paths: readonly string[],
  define: Record<string, string>,
  changes: Readonly<Record<string, (text: string) => string>>,
): Promise<[path: string, text: string][]> {
  if (paths.length === 0) return [];
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [...paths],
    bundle: true,
    write: false,
    outdir: "/",
    outbase: root,
    format: "esm",
    platform: "neutral",
    ...LANGUAGE,
    minifySyntax: true,
    define,
    plugins: [{
      name: "alone",
      setup(build) {
        build.onResolve({ filter: /./ }, ({ path, importer, kind }) => {
          if (kind === "entry-point") return undefined;
          const own = path.startsWith(".");
          return {
            path: own ? new URL(path, `file://${importer}`).pathname : path,
            external: true,
          };
        });
        build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
          const text = Deno.readTextFileSync(path);
          return { contents: changes[path]?.(text) ?? text, loader: "ts" };
        });
      },
    }],
  });
  return outputFiles.map(({ path, text }) => [`${root}${path.replace(/\.js$/, ".ts")}`, text]);
}

/**
 * Leaves out of scripts what engines do not need: comments, and spaces between words.
 *
 * @param texts The scripts.
 * @returns Each on a line of its own, or on several where a text in it has several.
 */
export async function shortened(texts: readonly string[]): Promise<string[]> {
  try {
    const all = await Promise.all(
      texts.map((text) => esbuild.transform(text, { ...LANGUAGE, minifyWhitespace: true })),
    );
    return all.map(({ code }) => inAscii(withNames(code.trimEnd())));
  } finally {
    await esbuild.stop();
  }
}

/** esbuild leaves other characters in regular expressions alone, where an escape means the same. */
function inAscii(text: string): string {
  if (/String\.raw`[^`]*[\u0080-\uffff]/.test(text)) {
    throw new Error(`A raw text has what is not ASCII: ${text.slice(0, 100)}`);
  }
  return text.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const LANGUAGE = {
  target: "esnext",
  // A text of ASCII alone is half as large in memory, and is taken as it is.
  charset: "ascii",
  logLevel: "error",
  legalComments: "none",
} as const satisfies esbuild.CommonOptions;

const IMPORT = new RegExp(
  String
    .raw`^import (?:(\w+)(?:, )?)?(?:\* as (\w+)|\{([^}]*)\})?(?: from )?"([^"]+)"(?: with \{[^}]*\})?;\n`,
);
const STAR = /^export \* from "([^"]+)";\n/;
const EXPORTS = /^export \{\n([^}]*)\};\n$/m;

/** Takes what esbuild wrote apart. */
function taken(path: string, text: string): Compiled {
  const imports: Imported[] = [];
  const stars: string[] = [];
  let rest = text.replace(/^\/\/ .*\n/, "");
  for (;;) {
    const star = STAR.exec(rest);
    const found = star ?? IMPORT.exec(rest);
    if (found === null) break;
    rest = rest.slice(found[0].length);
    if (star !== null) {
      stars.push(star[1]!);
      imports.push({ path: star[1]!, names: [] });
      continue;
    }
    const [, whole, namespace, names = "", from] = found;
    imports.push({
      path: from!,
      namespace,
      names: [...(whole === undefined ? [] : [["default", whole] as const]), ...pairs(names)],
    });
  }
  const listed = EXPORTS.exec(rest);
  const body = listed === null ? rest : rest.slice(0, listed.index);
  checkNames(path, body);
  const later = Array.from(body.matchAll(/\bimport\("(\/[^"]+)"\)/g), ([, path]) => path!);
  return {
    imports,
    later,
    body: body.trimEnd(),
    exports: listed === null ? [] : pairs(listed[1]!).map(([local, exported]) => [exported, local]),
    stars,
  };
}

function pairs(list: string): [string, string][] {
  return list.split(",").map((one) => one.trim()).filter((one) => one !== "").map((one) => {
    const [name, other = name] = one.split(" as ");
    return [name!, other!];
  });
}

const NAMED = /\b(\w+) ?= ?class (_\1\d*)\b/g;

/** Refuses a class that names itself where what esbuild calls it within has a meaning already. */
function checkNames(path: string, body: string): void {
  const source = Deno.readTextFileSync(path);
  for (const [, name, inner] of body.matchAll(NAMED)) {
    if (new RegExp(`\\b${inner}\\b`).test(source)) {
      throw new Error(`${path} has the name ${inner}, which its class ${name} gets meanwhile`);
    }
  }
}

/** Gives classes that name themselves their own names again; esbuild writes `Name = class _Name`. */
function withNames(text: string): string {
  let result = text;
  for (const [, name, inner] of text.matchAll(NAMED)) {
    result = result.replaceAll(new RegExp(`\\b${inner}\\b`, "g"), name!);
  }
  return result;
}

/** A file of JSON or text as a module. */
function data(path: string): Compiled {
  const text = Deno.readTextFileSync(path);
  const value = path.endsWith(".json") ? JSON.stringify(JSON.parse(text)) : JSON.stringify(text);
  return {
    imports: [],
    later: [],
    body: `const value = ${value};`,
    exports: [["default", "value"]],
    stars: [],
  };
}
