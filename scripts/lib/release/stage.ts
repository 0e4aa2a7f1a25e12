/**
 * Lays out what is published: the packages of npm are there already, the package of JSR is a copy of the tree's
 * published files, in which `src/native/released.ts` names the libraries that were packed and files of data are modules
 * of text.
 */

import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Released, ReleasedFile } from "../../../src/native/released.ts";
import { bundle } from "./bundle.ts";
import { packData } from "./data.ts";
import { packWrapper, PLATFORMS, releasedModule, WRAPPER } from "./packages.ts";

/** Where things are below the folder for what is published. */
export const NPM = "npm";
/** The package of JSR in it. */
export const JSR = "jsr";

/**
 * Writes the wrapper and the package of JSR.
 *
 * @param root The tree.
 * @param version The version.
 * @param build What names the build in the libraries; empty if nothing does.
 * @param to The folder for what is published, in which the platforms were packed.
 * @returns What the published package knows of its libraries.
 * @throws {Error} If no platform was packed, or one of another version.
 */
export async function stage(
  root: string,
  version: string,
  build: string,
  to: string,
): Promise<Released> {
  const platforms = Object.keys(PLATFORMS).filter((platform) =>
    readManifest(`${to}/${NPM}/${WRAPPER}-${platform}`) !== undefined
  );
  if (platforms.length === 0) {
    throw new Error(
      `No platform is packed below ${to}/${NPM}: run scripts/release pack PLATFORM first`,
    );
  }
  const released: Released = {
    package: `npm:${WRAPPER}@${version}`,
    version: build === "" ? version : `${version}+${build}`,
    platforms: Object.fromEntries(
      platforms.map((
        platform,
      ) => [platform, packed(`${to}/${NPM}/${WRAPPER}-${platform}`, version)]),
    ),
    data: packData(root, version, `${to}/${NPM}`),
  };
  packWrapper(root, version, platforms, `${to}/${NPM}`);
  await stageJsr(root, `${to}/${JSR}`, releasedModule(root, released));
  return released;
}

function readManifest(folder: string): { version: string; files: string[] } | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function packed(folder: string, version: string): Record<string, ReleasedFile> {
  const manifest = readManifest(folder)!;
  if (manifest.version !== version) {
    throw new Error(`${folder} is of version ${manifest.version}, not ${version}: pack it anew`);
  }
  return Object.fromEntries(
    manifest.files.filter((name) => name !== "index.js").map((name) => {
      const bytes = Deno.readFileSync(`${folder}/${name}`);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return [name, { bytes: bytes.length, sha256 }];
    }),
  );
}

/** What is needed of deno.json; the rest of it is kept as it is. */
interface Config {
  exports: Record<string, string>;
  publish: { include: string[] };
}

/** Files of data that are published as text: a module of text needs no permission and is downloaded once. */
const DATA = /^data\/(.+)\.(voc|emb)$/;

async function stageJsr(root: string, to: string, released: string): Promise<void> {
  const config = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`)) as Config;
  try {
    Deno.removeSync(to, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const path of globSync(config.publish.include, { cwd: root }).sort()) {
    const target = `${to}/${path}`;
    Deno.mkdirSync(dirname(target), { recursive: true });
    const data = DATA.exec(path);
    if (data === null) {
      Deno.copyFileSync(`${root}/${path}`, target);
      continue;
    }
    const [, name, ending] = data;
    // Smaller by a fifth, so that the whole package has room below the registry's limit.
    const zipped = new Uint8Array(gzipSync(Deno.readFileSync(`${root}/${path}`), { level: 9 }));
    Deno.writeTextFileSync(`${target}.txt`, zipped.toBase64());
    Deno.writeTextFileSync(`${to}/data/${name}.ts`, dataModule(`${name}.${ending}`));
    config.exports[`./data/${name}`] = `./data/${name}.ts`;
  }
  Deno.writeTextFileSync(`${to}/src/native/released.ts`, released);
  Deno.mkdirSync(`${to}/dist`);
  config.publish.include.push("data/*", "dist/**/*");
  config.exports = await bundle(to, config.exports);
  Deno.writeTextFileSync(`${to}/deno.json`, `${JSON.stringify(config, null, 2)}\n`);
}

/** A module that gives a file of data to its isolate, for programs that are bundled. */
function dataModule(file: string): string {
  return `/**
 * Gives \`${file}\` to a program that is bundled. One that is not needs no import of it.
 *
 * @module
 */

import base64 from "./${file}.txt" with { type: "text" };
import { provideData } from "../dist/provide_data.js";

provideData("${file}", base64);
`;
}
