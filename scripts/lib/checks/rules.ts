/**
 * Rules for single files: where the boundary may be touched, how long a file may be, and that nothing in it belongs to
 * one machine.
 */

/** A file of the repository. */
export interface SourceFile {
  /** Its path from the root. */
  path: string;
  /** Its text; undefined if it is no UTF-8 text. */
  text?: string;
}

const MAX_LINES = 500;
/** Written by programs, or by a rule of their own. */
const UNLIMITED =
  /(^|\/)(generated|include|golden|vectors)\/|\.lock$|\/package-lock\.json$|^CHANGELOG\.md$|^bench\/REPORT|\.svg$|_data\.ts$/;

/** What a line must not hold, outside of the files that may. */
const FORBIDDEN: readonly { rule: string; pattern: RegExp; files: RegExp; except?: RegExp }[] = [
  {
    rule: "Deno.dlopen and Deno.Unsafe* belong into src/native/",
    pattern: /\bDeno\s*\.\s*(dlopen\s*\(|Unsafe[A-Z]\w*)/,
    files: /^(mod\.ts$|src\/)/,
    except: /^src\/native\//,
  },
  {
    // Code compiled for a processor's feature can only be called with `unsafe`, after the feature
    // was detected: a function named `with_<feature>` is the one exception, and the vector code of
    // the matcher's lanes and of the sentence encoder's kernel, which loads and reinterprets registers.
    rule: "unsafe belongs into the exports of a library or the toolkit agent-ffi",
    pattern: /\bunsafe\s*(\{(?! with_(avx2|avx512|neon)\b)|fn\b|impl\b|extern\b)/,
    files: /^rust\/areas\/.*\.rs$/,
    except:
      /^rust\/areas\/(text\/src\/(.*\/)?lanes(\.rs$|\/)|embedding\/src\/encoder\/kernel\.rs$)/,
  },
  {
    rule: "a path of one machine",
    pattern: /(?<![\w.~$})])\/(home|Users|root|work)\/[A-Za-z0-9._-]/,
    files: /^(?!scripts\/lib\/checks\/)/,
  },
  {
    rule: "packages are named, not the hosts of their registries",
    pattern: /\b(npmjs\.(com|org)|jsr\.io|crates\.io|pypi\.org)\b/,
    files: /^/,
    except: /^scripts\/lib\/checks\/|\.lock$|\/package-lock\.json$/,
  },
  {
    rule: "all permissions at once",
    pattern: /\bdeno\b.*\s(-A|--allow-all)\b/,
    files: /^(scripts\/|\.ci\/|deno\.json$|README\.md$|docs\/)/,
    except: /^scripts\/lib\/checks\//,
  },
  {
    rule: "unfinished work",
    pattern: /\b(TODO|FIXME|XXX|HACK)\b|\b(todo|unimplemented)!\s*\(/,
    files: /\.(ts|rs|sh|md|json|toml)$|^scripts\//,
    except: /^scripts\/lib\/checks\//,
  },
  {
    rule: "a skipped test says why: testNeeding() of tests/support/needs.ts",
    // Not the option of rankings, which is a list.
    pattern: /\bignore:(?! (?:\[|Ignored|wrong\())|\btest\.ignore\(/,
    files: /^tests\/.*_test\.ts$/,
    except: /^tests\/checks\//,
  },
  {
    rule: "only npm: and node: imports",
    pattern: /from\s+"(jsr:|https?:)|import\(\s*"(jsr:|https?:)/,
    files: /\.ts$/,
  },
];

/** A broken rule. */
export interface Fault {
  /** The file, with the line where there is one. */
  place: string;
  /** The rule. */
  rule: string;
}

/**
 * Finds what is against the rules.
 *
 * @param files The files of the repository.
 * @returns The faults, in the order of the files.
 */
export function findFaults(files: readonly SourceFile[]): Fault[] {
  const faults: Fault[] = [];
  for (const { path, text } of files) {
    if (text === undefined) continue;
    const lines = text.split("\n");
    const length = countedLines(path, lines);
    if (length > MAX_LINES && !UNLIMITED.test(path)) {
      faults.push({ place: path, rule: `${length} lines, over ${MAX_LINES}` });
    }
    for (const { rule, pattern, files: which, except } of FORBIDDEN) {
      if (!which.test(path) || except?.test(path)) continue;
      const at = lines.findIndex((line) => pattern.test(line));
      if (at >= 0) faults.push({ place: `${path}:${at + 1}`, rule });
    }
  }
  return faults;
}

/** How long a file is; the tests at the end of a Rust file do not count. */
function countedLines(path: string, lines: readonly string[]): number {
  const tests = path.endsWith(".rs")
    ? lines.findIndex((line) => /^#\[cfg\(.*\btest\b/.test(line))
    : -1;
  return tests < 0 ? lines.length - 1 : tests;
}
