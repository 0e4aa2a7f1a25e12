/**
 * The program behind `scripts/release`.
 *
 * Everything that a release does is here and in the modules beside this one; a workflow of a host only calls it.
 */

import { AGENT_FFI_ABI_VERSION } from "../../../src/native/generated/ffi.ts";
import { platformOf } from "../../../src/native/platform.ts";
import { entryOf } from "./changelog.ts";
import { packPlatform, PLATFORMS, WRAPPER } from "./packages.ts";
import { JSR, NPM, stage } from "./stage.ts";
import { versionOf, writeVersion } from "./versions.ts";

const ROOT = new URL("../../../", import.meta.url).pathname.replace(/\/$/, "");
const OUT = `${ROOT}/target/packages`;
const LIBRARIES = [
  "agent-core-utils",
  "agent-container-orchestrator",
  "agent-security-tools",
  "agent-performance-monitor",
];
const PROXY = "agent-egress-proxy";

const HELP = `Usage: scripts/release COMMAND

  version X.Y.Z      Write a version into every place that has it
  check [TAG]        Is all ready: versions, changelog, ABI, a clean tree, and is it what the tag says
  prepare [PLATFORM] Get what building for a platform needs (rustup's target, musl's C library)
  build [PLATFORM]   Build the native libraries of a platform (this one by default)
  pack [PLATFORM [FOLDER]]  Write its package into target/packages, from what was built or a folder
  stage              Write what leads to the packed platforms, and the package of JSR
  publish --dry-run  Show what would be published of what is staged
  publish --yes      Publish it: the platforms, then what leads to them, then JSR's
  tag                Tag this commit as the version (git tag)
  help               Print this

PLATFORM: ${Object.keys(PLATFORMS).join(", ")}

A release is: version, check, tag; then build and pack on each platform, and stage and publish once
all are packed. RELEASE.md has the whole.
`;

/** A fault of the caller's, which needs no stack. */
class Refusal extends Error {}

function say(line: string): void {
  // deno-lint-ignore no-console -- a script for a person
  console.log(line);
}

function run(line: readonly string[], cwd = ROOT, env: Record<string, string> = {}): void {
  say(`> ${line.join(" ")}`);
  const { success, code } = new Deno.Command(line[0]!, {
    args: line.slice(1),
    cwd,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (!success) throw new Refusal(`${line.join(" ")} ended with code ${code}`);
}

function git(...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("git", { args, cwd: ROOT }).outputSync();
  if (!success) {
    throw new Refusal(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return new TextDecoder().decode(stdout).trim();
}

/** What names a build in its libraries: the commit that they were built from. */
function buildId(): string {
  return git("rev-parse", "--short=12", "HEAD");
}

function platformIn(name: string | undefined): string {
  const platform = name ?? platformOf();
  if (platform !== undefined && platform in PLATFORMS) return platform;
  throw new Refusal(
    `"${platform}" is no platform: it must be one of ${Object.keys(PLATFORMS).join(", ")}`,
  );
}

function check(tag: string | undefined): string {
  const version = versionOf(ROOT);
  const { abi, date } = entryOf(Deno.readTextFileSync(`${ROOT}/CHANGELOG.md`), version);
  if (abi !== AGENT_FFI_ABI_VERSION) {
    throw new Refusal(
      `CHANGELOG.md gives ${version} the ABI ${abi}; it is ${AGENT_FFI_ABI_VERSION}`,
    );
  }
  const changed = git("status", "--porcelain");
  if (changed !== "") throw new Refusal(`The tree is not clean:\n${changed}`);
  if (tag !== undefined && tag !== `v${version}`) {
    throw new Refusal(`The tag is ${tag}, and the version ${version}: its tag is v${version}`);
  }
  const tagged = commitOf(`refs/tags/v${version}`);
  if (tagged !== undefined && tagged !== commitOf("HEAD")) {
    throw new Refusal(`v${version} is the tag of another commit, ${tagged}: take another version`);
  }
  say(`${version} of ${date}, ABI ${abi}: ready`);
  return version;
}

/** The commit of a name, if there is such a name. */
function commitOf(name: string): string | undefined {
  return git("for-each-ref", "--count=1", "--format=%(objectname)", name) === "" && name !== "HEAD"
    ? undefined
    : git("rev-parse", `${name}^{commit}`);
}

function prepare(platform: string): void {
  const { target, only } = PLATFORMS[platform]!;
  run(["rustup", "target", "add", target]);
  if (only.libc === "musl") run(["sudo", "apt-get", "install", "--yes", "musl-tools"]);
}

function build(platform: string): void {
  const { target, os, only } = PLATFORMS[platform]!;
  const env: Record<string, string> = { AGENT_BUILD_ID: buildId() };
  // Rust links musl statically by itself, of which no library that is opened at run time can be made.
  if (only.libc === "musl") env["RUSTFLAGS"] = "-C target-feature=-crt-static";
  const packages = LIBRARIES.flatMap((library) => ["--package", library]);
  const common = ["--release", "--locked", "--target", target];
  run(["cargo", "build", ...common, ...packages], ROOT, env);
  if (os !== "linux") return;
  const proxy = ["--package", PROXY, "--bin", PROXY, "--", "-C", "target-feature=+crt-static"];
  // Its own flag stands behind those of the environment, and so holds.
  run(["cargo", "rustc", ...common, ...proxy], ROOT, env);
}

function pack(platform: string, folder: string | undefined): void {
  const from = folder ?? `${ROOT}/target/${PLATFORMS[platform]!.target}/release`;
  const packed = packPlatform(ROOT, platform, versionOf(ROOT), from, `${OUT}/${NPM}`);
  for (const [name, { bytes, sha256 }] of Object.entries(packed)) {
    say(`${sha256}  ${bytes}  ${name}`);
  }
}

function publish(how: string | undefined): void {
  if (how !== "--dry-run" && how !== "--yes") {
    throw new Refusal("publish needs --dry-run, which shows, or --yes, which does it");
  }
  const names = staged();
  // What leads to the others comes after them, so that nobody is led to what is not there yet.
  names.sort((one, other) => Number(one === WRAPPER) - Number(other === WRAPPER));
  const dry = how === "--dry-run";
  for (const name of names) {
    const flags = dry ? ["--dry-run"] : ["--provenance"];
    run(["npm", "publish", "--access", "public", ...flags], `${OUT}/${NPM}/${name}`);
  }
  const flags = dry ? ["--dry-run", "--allow-dirty"] : [];
  run([Deno.execPath(), "publish", ...flags], `${OUT}/${JSR}`);
}

/** The packages of npm, if all that lead to each other are there. */
function staged(): string[] {
  let names: string[];
  let needed: string[];
  try {
    names = [...Deno.readDirSync(`${OUT}/${NPM}/@agent`)].map(({ name }) => `@agent/${name}`);
    const manifest = Deno.readTextFileSync(`${OUT}/${NPM}/${WRAPPER}/package.json`);
    needed = Object.keys(JSON.parse(manifest).optionalDependencies);
    Deno.statSync(`${OUT}/${JSR}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Refusal(`Not all of it is in ${OUT}: pack each platform, and then stage`);
  }
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length === 0) return names;
  throw new Refusal(`${WRAPPER} leads to what was not packed: ${missing.join(", ")}; stage anew`);
}

/** How many arguments each command takes at most. */
const MOST: Readonly<Record<string, number>> = {
  ...{ version: 1, check: 1, prepare: 1, build: 1, pack: 2, publish: 1 },
};

async function main([command, ...rest]: readonly string[]): Promise<void> {
  const surplus = rest.slice(MOST[command ?? ""] ?? 0);
  if (surplus.length > 0) throw new Refusal(`${command} takes no ${JSON.stringify(surplus[0])}`);
  switch (command) {
    case "version":
      if (rest[0] === undefined) throw new Refusal("version needs a version, such as 1.2.3");
      say(`changed: ${writeVersion(ROOT, rest[0]).join(", ") || "nothing"}`);
      say("Give what is under [Unreleased] in CHANGELOG.md the version's heading, and commit");
      return;
    case "check":
      check(rest[0]);
      return;
    case "prepare":
      return prepare(platformIn(rest[0]));
    case "build":
      return build(platformIn(rest[0]));
    case "pack":
      return pack(platformIn(rest[0]), rest[1]);
    case "stage": {
      const { platforms } = await stage(ROOT, versionOf(ROOT), buildId(), OUT);
      say(`staged with ${Object.keys(platforms).join(", ")} in ${OUT}`);
      return;
    }
    case "publish":
      return publish(rest[0]);
    case "tag":
      run([
        "git",
        "tag",
        "--annotate",
        "--message",
        `Version ${check(undefined)}`,
        `v${versionOf(ROOT)}`,
      ]);
      return;
    case "help":
    case "--help":
      say(HELP.trimEnd());
      return;
    default:
      throw new Refusal(`${command ?? "Nothing"} is no command\n\n${HELP.trimEnd()}`);
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // deno-lint-ignore no-console -- a script for a person
    console.error(`release: ${error.message}`);
    Deno.exit(error instanceof Refusal ? 2 : 1);
  }
}
