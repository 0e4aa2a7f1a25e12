/**
 * Publishes the package to registries of its own and adds it to an empty project, so that its import is measured as
 * users have it: a program for each entry lies there, and all that they import is downloaded.
 *
 * Arguments: the folder, which is made anew; it has `project/` and Deno's own `deno/`. Writes the address of the
 * registry, which is gone when this ends, to standard output.
 */

import { packPlatform } from "../../../scripts/lib/release/packages.ts";
import { JSR, NPM, stage } from "../../../scripts/lib/release/stage.ts";
import { versionOf } from "../../../scripts/lib/release/versions.ts";
import { platformOf } from "../../../src/native/platform.ts";
import { startRegistries } from "../../../tests/support/package_registries.ts";
import { ROOT } from "../programs.ts";

const [folder = ""] = Deno.args;
await Deno.remove(folder, { recursive: true }).catch((error) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
const packages = `${folder}/packages`;
const project = `${folder}/project`;
const version = versionOf(ROOT);
packPlatform(ROOT, platformOf()!, version, `${ROOT}target/release/`, `${packages}/${NPM}`);
await stage(ROOT, version, "", packages);

const { name, exports } = JSON.parse(await Deno.readTextFile(`${packages}/${JSR}/deno.json`)) as {
  name: string;
  exports: Record<string, string>;
};
await Deno.mkdir(project);
await Deno.writeTextFile(
  `${project}/deno.json`,
  JSON.stringify({ imports: { [name]: `jsr:${name}@${version}` } }),
);
const programs = Object.keys(exports).filter((path) => !path.startsWith("./data/"));
for (const path of programs) {
  const file = `${project}/${fileOf(path)}`;
  await Deno.writeTextFile(file, `import ${JSON.stringify(name + path.slice(1))};\n`);
}

await using registries = startRegistries(`${packages}/${JSR}`, `${packages}/${NPM}`);
await Deno.writeTextFile(`${project}/.npmrc`, `@agent:registry=${registries.npm}\n`);
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["cache", "--quiet", ...programs.map(fileOf)],
  cwd: project,
  env: { JSR_URL: registries.jsr, DENO_DIR: `${folder}/deno` },
}).output();
if (!success) throw new Error(new TextDecoder().decode(stderr));
Deno.stdout.writeSync(new TextEncoder().encode(registries.jsr));

/** The program that imports an entry. */
function fileOf(path: string): string {
  return `${path === "." ? "mod" : path.slice(2).replaceAll("/", "_")}.ts`;
}
