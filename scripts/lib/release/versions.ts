/**
 * The version of the package. It is written in deno.json; the other places follow it, since what reads them cannot
 * read deno.json.
 */

/** A place that repeats the version, once or often. */
interface Place {
  readonly file: string;
  /** The text before the version, the version, and the text after it; `g` where it stands more than once. */
  readonly pattern: RegExp;
}

const FIRST: Place = {
  file: "deno.json",
  pattern: /^(\{\s*"name": "[^"]*",\s*"version": ")([^"]*)(")/,
};
const OTHERS: readonly Place[] = [
  { file: "Cargo.toml", pattern: /(\[workspace\.package\]\nversion = ")([^"]*)(")/ },
  // Packages of the workspace are those that come from no other place.
  {
    file: "Cargo.lock",
    pattern: /(\[\[package\]\]\nname = "[^"]*"\nversion = ")([^"]*)("\n(?!source))/g,
  },
  { file: "src/native/libraries.ts", pattern: /(export const VERSION = ")([^"]*)(";)/ },
];

/** Versions as they are released: three numbers, and perhaps what makes it an early one. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

function read(root: string, place: Place): { text: string; version: string } {
  const text = Deno.readTextFileSync(`${root}/${place.file}`);
  const pattern = new RegExp(place.pattern, "g");
  const versions = new Set(Array.from(text.matchAll(pattern), ([, , version]) => version!));
  const [version] = versions;
  if (version === undefined) {
    throw new Error(`${place.file} has no version where one is looked for`);
  }
  // Several are as wrong as another one.
  return { text, version: versions.size === 1 ? version : [...versions].join(" and ") };
}

/**
 * The version of a tree.
 *
 * @param root Its folder.
 * @returns What deno.json says.
 * @throws {Error} If another place says another.
 */
export function versionOf(root: string): string {
  const { version } = read(root, FIRST);
  for (const place of OTHERS) {
    const other = read(root, place).version;
    if (other === version) continue;
    throw new Error(
      `deno.json is of version ${version} and ${place.file} of ${other}: run ` +
        `scripts/release version ${version}`,
    );
  }
  return version;
}

/**
 * Writes a version into every place.
 *
 * @param root The tree.
 * @param version The version.
 * @returns The files that were changed.
 * @throws {Error} If it is no version.
 */
export function writeVersion(root: string, version: string): string[] {
  if (!VERSION.test(version)) {
    throw new Error(`"${version}" is no version: three numbers as in 1.2.3, perhaps with -beta.1`);
  }
  const changed: string[] = [];
  for (const place of [FIRST, ...OTHERS]) {
    const { text, version: former } = read(root, place);
    if (former === version) continue;
    const written = text.replace(
      place.pattern,
      (_, before, _former, after) => before + version + after,
    );
    Deno.writeTextFileSync(`${root}/${place.file}`, written);
    changed.push(place.file);
  }
  return changed;
}
