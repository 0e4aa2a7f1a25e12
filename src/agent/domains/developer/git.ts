/**
 * Runs git in one folder, without a shell. The repository is not trusted: what its settings and attributes could start (hooks,
 * pagers, watchers, filters, drivers of diffs, helpers of remotes) is off, and the settings of the machine and its user are not
 * read.
 *
 * @module
 */

import { withDeadline } from "../../../shared/deadline.ts";
import { partsOf } from "../../tools/inside.ts";

const TIMEOUT_MS = 30_000;
/** Of what git writes, in bytes. */
const MOST_OUTPUT = 400_000;
const MOST_ERROR = 2_000;
/** Of a repository's settings. */
const MOST_DRIVERS = 200;
/** Parts of a repository, none of which may be a link. */
const PARTS = ["/HEAD", "/config", "/index", "/objects", "/objects/pack", "/refs", "/packed-refs"];
/** Files of a repository that name another. */
const ELSEWHERE = ["/commondir", "/objects/info/alternates"];
const NOTHING = Deno.build.os === "windows" ? "NUL" : "/dev/null";

const SETTINGS: readonly string[] = [
  "core.fsmonitor=false",
  `core.hooksPath=${NOTHING}`,
  `core.attributesFile=${NOTHING}`,
  `core.excludesFile=${NOTHING}`,
  "core.pager=cat",
  "core.quotePath=false",
  "core.preloadIndex=false",
  "core.untrackedCache=false",
  "core.alternateRefsCommand=",
  "log.showSignature=false",
  "log.mailmap=false",
  `mailmap.file=${NOTHING}`,
  "mailmap.blob=",
  "diff.external=",
  `diff.orderFile=${NOTHING}`,
  "diff.submodule=short",
  "diff.ignoreSubmodules=all",
  "blame.ignoreRevsFile=",
  "color.ui=false",
];

const ENVIRONMENT: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: NOTHING,
  GIT_ATTR_NOSYSTEM: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  // No kind of remote has this name.
  GIT_ALLOW_PROTOCOL: "none",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_PAGER: "cat",
  LC_ALL: "C",
};

/** What git wrote, and whether that is not all. */
export interface GitOutput {
  readonly text: string;
  readonly cut: boolean;
}

/** Whether a text may stand where git expects a revision. */
export function checkRevision(revision: string): string {
  if (revision.length > 200 || revision.startsWith("-") || !/^[\w./~^@{}-]+$/.test(revision)) {
    throw new Error(
      `${
        JSON.stringify(revision.slice(0, 60))
      } is no revision: give a commit, a branch, a tag, or a range such as HEAD~3..HEAD`,
    );
  }
  return revision;
}

/** A path as git takes it behind `--`; it need not be there any more. */
export function gitPath(path: string): string {
  return partsOf(path).join("/") || ".";
}

/** Runs git with arguments in a folder that holds a repository. */
export async function git(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<GitOutput> {
  const root = await Deno.realPath(folder);
  await checkRepository(root);
  return await withDeadline(
    { operation: `git ${args[0]}`, timeoutMs: TIMEOUT_MS, signal },
    async (signal) => {
      const drivers = await driversOf(root, signal);
      return await start(root, [...SETTINGS, ...drivers], args, signal);
    },
  );
}

/** What belongs to a repository must lie in its folder: no file or link in it may lead to another. */
async function checkRepository(root: string): Promise<void> {
  const kindOf = (name: string) => Deno.lstat(`${root}/.git${name}`).catch(() => undefined);
  const [top, ...parts] = await Promise.all(["", ...PARTS].map(kindOf));
  if (top === undefined) throw new Error("the folder is no git repository: it has no .git");
  const elsewhere = await Promise.all(ELSEWHERE.map(kindOf));
  if (
    !top.isDirectory || parts.some((part) => part?.isSymlink === true) ||
    elsewhere.some((part) => part !== undefined)
  ) {
    throw new Error(
      "the folder's .git leads elsewhere (as in a linked worktree or a clone that shares objects); " +
        "give the folder of a repository that has its own",
    );
  }
}

/** Programs that the repository names for files of a kind, each set to nothing. */
async function driversOf(root: string, signal: AbortSignal): Promise<string[]> {
  const { text, cut } = await start(
    root,
    SETTINGS,
    ["config", "--null", "--name-only", "--list"],
    signal,
  );
  const names = text.split("\0").map((name) => /^(filter|diff)\.(.+)\.[^.]+$/s.exec(name))
    .filter((found) => found !== null).map(([, kind, driver]) => `${kind}.${driver}`);
  const drivers = [...new Set(names)];
  if (cut || drivers.length > MOST_DRIVERS || drivers.some((name) => /[=\n]/.test(name))) {
    throw new Error("the repository's settings name programs in a way that cannot be switched off");
  }
  return drivers.flatMap((name) =>
    name.startsWith("filter.")
      ? [`${name}.clean=`, `${name}.smudge=`, `${name}.process=`, `${name}.required=false`]
      : [`${name}.command=`, `${name}.textconv=`]
  );
}

async function start(
  root: string,
  settings: readonly string[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<GitOutput> {
  // With the place given, the repository's own word for it (core.worktree) does not count.
  const place = [`--git-dir=${root}/.git`, `--work-tree=${root}`, "--no-pager"];
  const child = new Deno.Command("git", {
    args: [...place, ...settings.flatMap((setting) => ["-c", setting]), ...args],
    cwd: root,
    clearEnv: true,
    env: { ...ENVIRONMENT },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const [out, error, status] = await Promise.all([
    firstOf(child.stdout, MOST_OUTPUT, () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }),
    firstOf(child.stderr, MOST_ERROR),
    child.status,
  ]);
  signal.throwIfAborted();
  if (!status.success && !out.cut) {
    throw new Error(`git ${args[0]} failed: ${error.text.trim() || `exit code ${status.code}`}`);
  }
  return out;
}

/** The first bytes of a stream as text; the rest is read and dropped unless `full` ends it. */
async function firstOf(
  stream: ReadableStream<Uint8Array>,
  most: number,
  full?: () => void,
): Promise<GitOutput> {
  const decoder = new TextDecoder();
  let text = "";
  let left = most;
  let cut = false;
  for await (const part of stream) {
    if (part.length > left && !cut) {
      cut = true;
      full?.();
    }
    text += decoder.decode(part.subarray(0, left), { stream: true });
    left -= Math.min(left, part.length);
  }
  return { text: text + (cut ? "" : decoder.decode()), cut };
}
