/**
 * The packages of npm that carry files of data which are too large for the package of JSR (20 MB, with all that is in
 * it): one for each file, as text in base64, because Deno imports text without a permission.
 */

import { begin, writeManifest } from "./packages.ts";

/** A file of `data/` that is a package. */
interface DataPackage {
  /** The file's name. */
  readonly file: string;
  /** The package's name. */
  readonly name: string;
  /** The folder of `npm/` that it is made from. */
  readonly template: string;
  readonly description: string;
  /** The licence of the data, and the file of `data/` that has its text. */
  readonly license: string;
  readonly text: string;
}

const PACKAGES: readonly DataPackage[] = [{
  file: "minilm_l6.enc",
  name: "@agent/minilm-l6",
  template: "minilm",
  description: "Weights of the re-ranking model of AGENT, an agent runtime for Deno",
  license: "Apache-2.0",
  text: "LICENSE-APACHE",
}];

/**
 * Writes the packages.
 *
 * @param root The tree, with its `data` and `npm`.
 * @param version The version.
 * @param to The folder that holds a folder for each package.
 * @returns How the package of each file is imported, by the file's name.
 */
export function packData(root: string, version: string, to: string): Record<string, string> {
  return Object.fromEntries(PACKAGES.map(({ file, name, template, description, license, text }) => {
    const folder = `${to}/${name}`;
    begin(`${root}/npm/${template}`, folder);
    const files = ["index.js", `${file}.txt`, "NOTICE"];
    writeManifest(root, folder, { name, version, description, license, files });
    Deno.copyFileSync(`${root}/data/${text}`, `${folder}/LICENSE`);
    Deno.copyFileSync(`${root}/data/NOTICE`, `${folder}/NOTICE`);
    const bytes = Deno.readFileSync(`${root}/data/${file}`);
    Deno.writeTextFileSync(`${folder}/${file}.txt`, bytes.toBase64());
    return [file, `npm:${name}@${version}`];
  }));
}
