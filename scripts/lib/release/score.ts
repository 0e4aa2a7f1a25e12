/**
 * What JSR measures of a package, as far as its files decide it: the README, what is said of each module and symbol,
 * and the size. That types need no inference is `deno publish --dry-run`'s to say, the rest stands in RELEASE.md.
 */

/** JSR takes no package that is larger, unpacked. */
export const MOST_BYTES = 20 * 1024 * 1024;
/** From this share of documented symbols on, JSR gives all points for them. */
export const DOCUMENTED = 0.8;

/** What `deno doc --json` says of a function: its parameters, and whether it is more than a signature. */
interface Callable {
  readonly params?: readonly { readonly kind: string }[];
  readonly hasBody?: boolean;
}

/** What it says of a declaration, as far as it counts. */
interface Declaration {
  readonly declarationKind: string;
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly unknown[] };
  readonly def?: Callable & {
    readonly constructors?: readonly Callable[];
    readonly methods?: readonly {
      readonly name: string;
      readonly accessibility?: string;
      readonly functionDef: Callable;
    }[];
  };
}

/** What `deno doc --json` says of modules. */
export interface Documented {
  readonly nodes: Readonly<
    Record<string, {
      readonly module_doc?: { readonly doc?: string };
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly Declaration[];
      }[];
    }>
  >;
}

/**
 * The share of symbols with a comment, by JSR's way to count: a name that a module exports by itself from another one,
 * which an earlier module has too, is one without; with `export *` it has the comment of its declaration.
 */
export function documentedShare({ nodes }: Documented): number {
  let all = 0;
  let documented = 0;
  for (const { symbols } of Object.values(nodes)) {
    for (const { declarations } of symbols) {
      const open = declarations.filter(({ declarationKind }) => declarationKind !== "private");
      const overloads = open.length > 1 && open.every(({ kind }) => kind === "function");
      for (const { jsDoc, def } of open) {
        // What overloads have in common is not shown.
        if (overloads && def?.hasBody === true) continue;
        all++;
        if (jsDoc?.doc || jsDoc?.tags?.length) documented++;
      }
    }
  }
  return all === 0 ? 1 : documented / all;
}

/**
 * Finds functions of which `deno doc` says that a parameter must be given although it has a default. `options?:` in the
 * signature, or in one above the function, says how it is.
 */
export function wronglyRequired({ nodes }: Documented): string[] {
  const found = new Set<string>();
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      const functions = declarations.filter(({ kind }) => kind === "function");
      const classes = declarations.filter(({ kind }) => kind === "class");
      const calls: [string, Callable][] = [
        ...functions.map(({ def }): [string, Callable] => [name, def ?? {}]),
        ...classes.flatMap(({ def }): [string, Callable][] => [
          ...(def?.constructors ?? []).map((call): [string, Callable] => [`new ${name}`, call]),
          ...(def?.methods ?? []).filter(({ accessibility }) => accessibility !== "private")
            .map((
              { name: own, functionDef },
            ): [string, Callable] => [`${name}.${own}`, functionDef]),
        ]),
      ];
      for (const [called, { params = [], hasBody }] of calls) {
        const isOne = calls.filter(([other]) => other === called).length === 1;
        if (!isOne && hasBody === true) continue;
        if (params.some(({ kind }) => kind === "assign")) found.add(called);
      }
    }
  }
  return [...found];
}

/**
 * Says what a package lacks.
 *
 * @param folder The package as it is published.
 * @returns The faults; none if all is there.
 */
export function faultsOfPackage(folder: string): string[] {
  const faults: string[] = [];
  const { exports } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)) as {
    exports: Record<string, string>;
  };
  const readme = Deno.readTextFileSync(`${folder}/README.md`);
  if (!readme.includes("```")) faults.push("README.md has no example");
  const documented = documentedIn(folder, Object.values(exports));
  for (const [url, { module_doc }] of Object.entries(documented.nodes)) {
    if (!module_doc?.doc) faults.push(`${url} is an export without a comment with @module`);
  }
  for (const name of wronglyRequired(documented)) {
    faults.push(`${name}: deno doc shows a parameter that has a default as one that must be given`);
  }
  const share = documentedShare(documented);
  if (share < DOCUMENTED) {
    const percent = (share * 100).toFixed(1);
    faults.push(`${percent} % of symbols have a comment, ${DOCUMENTED * 100} % are wanted`);
  }
  const bytes = sizeOf(folder);
  if (bytes > MOST_BYTES) faults.push(`it has ${bytes} bytes, JSR takes ${MOST_BYTES}`);
  return faults;
}

function documentedIn(folder: string, modules: readonly string[]): Documented {
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...modules],
    cwd: folder,
  }).outputSync();
  if (!success) throw new Error(`deno doc: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Documented;
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? sizeOf(path) : Deno.statSync(path).size;
  }
  return bytes;
}
