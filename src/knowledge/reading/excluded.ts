/**
 * Which files are left out: by patterns that are given, and by the `.gitignore` files of a folder, each for its folder and
 * those below, as git reads them.
 *
 * @module
 */

import type { Ignore } from "npm:ignore@7.0.17";

/** A longer file of patterns is none that a person wrote. */
const MAX_BYTES = 1_000_000;

/** The patterns that hold in a folder. */
interface Rules {
  /** The folder, with a separator at its end. */
  folder: string;
  patterns: Ignore;
}

/** What is left out below one folder. */
export class Excluded {
  readonly #root: string;
  readonly #separator: string;
  #given: Rules | undefined;
  /** By folder. */
  readonly #rules = new Map<string, Rules>();

  /**
   * Makes it.
   *
   * @param root The folder.
   * @param separator What stands between the names of a path.
   */
  constructor(root: string, separator: string) {
    this.#separator = separator;
    this.#root = this.#folder(root);
  }

  /** Takes patterns from the root on, which go before all others. */
  async give(patterns: readonly string[]): Promise<void> {
    if (patterns.length === 0) return;
    this.#given = { folder: this.#root, patterns: await patternsOf(patterns) };
  }

  /** Takes the patterns of a folder; what cannot be read counts as empty. */
  async enter(folder: string, name: string): Promise<void> {
    const path = this.#folder(folder);
    let text: string;
    try {
      const { size } = await Deno.stat(path + name);
      if (size > MAX_BYTES) return;
      text = await Deno.readTextFile(path + name);
    } catch {
      return; // the folder itself can be read, so what it holds is told of one by one
    }
    this.#rules.set(path, { folder: path, patterns: await patternsOf(text) });
  }

  /** Why a path is left out, or undefined. */
  reason(path: string, isFolder: boolean): string | undefined {
    if (this.#given !== undefined) {
      const { ignored, unignored } = this.#test(this.#given, path, isFolder);
      if (ignored) return "Left out by what was given as exclude";
      if (unignored) return undefined;
    }
    if (this.#rules.size === 0) return undefined;
    // The nearest file of patterns that says anything decides.
    let folder = path;
    do {
      folder = folder.slice(0, folder.lastIndexOf(this.#separator, folder.length - 2) + 1);
      const rules = this.#rules.get(folder);
      if (rules === undefined) continue;
      const { ignored, unignored } = this.#test(rules, path, isFolder);
      if (ignored) return `Left out by "${folder}.gitignore"`;
      if (unignored) return undefined;
    } while (folder.length > this.#root.length);
    return undefined;
  }

  #test({ folder, patterns }: Rules, path: string, isFolder: boolean): ReturnType<Ignore["test"]> {
    const name = path.slice(folder.length).replaceAll(this.#separator, "/");
    return patterns.test(isFolder ? `${name}/` : name);
  }

  #folder(path: string): string {
    return path.endsWith(this.#separator) ? path : path + this.#separator;
  }
}

/** Only who has patterns needs the package. */
async function patternsOf(patterns: string | readonly string[]): Promise<Ignore> {
  const { default: ignore } = await import("npm:ignore@7.0.17");
  return ignore().add(patterns);
}
