/**
 * Space of mounted file systems, by the system's own call. A server that does not answer holds up nothing: it is asked again only when it
 * answered.
 *
 * @module
 */

import { nodeFs } from "../../shared/builtin.ts";
import type { FilesystemFigures } from "../types.ts";
import type { Mount } from "./derive/mounts.ts";

/** Milliseconds until a file system that does not answer is given up for this reading. */
const ANSWER_MS = 2_000;
/** File systems of one reading. */
const MOST = 512;

/** What is used of `statfs`. */
export interface Space {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** Asks for the space of a file system. */
export type AskSpace = (mount: string) => Promise<Space>;

type Sizes = Omit<FilesystemFigures, "device" | "mount" | "type" | "readOnly">;

/** Asks, and remembers who has not answered yet. */
export class Filesystems {
  readonly #ask: AskSpace;
  readonly #pending = new Set<string>();

  /** `ask` is the system's call; tests have their own. */
  constructor(ask: AskSpace = (mount) => nodeFs().promises.statfs(mount)) {
    this.#ask = ask;
  }

  /** The figures of mounts. */
  async read(
    mounts: readonly Pick<Mount, "mount">[],
    unavailable: Record<string, string>,
    answerMs = ANSWER_MS,
  ): Promise<Sizes[]> {
    const asked = mounts.slice(0, MOST);
    return await Promise.all(asked.map(async ({ mount }) => {
      try {
        return sizesOf(await this.#answer(mount, answerMs));
      } catch (error) {
        unavailable[`filesystems[${mount}]`] = (error as Error).message;
        return { total: null, free: null, available: null, inodes: null, inodesFree: null };
      }
    }));
  }

  async #answer(mount: string, answerMs: number): Promise<Space> {
    if (this.#pending.has(mount)) throw new Error("it has not answered an earlier question yet");
    this.#pending.add(mount);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`it gave no answer in ${answerMs} ms`)),
      answerMs,
    );
    try {
      const answer = this.#ask(mount);
      const forget = (): void => void this.#pending.delete(mount);
      answer.then(forget, forget);
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function sizesOf({ bsize, blocks, bfree, bavail, files, ffree }: Space): Sizes {
  // Some kinds make files as they are wanted and count none.
  const counts = files > 0;
  return {
    total: blocks * bsize,
    free: bfree * bsize,
    available: bavail * bsize,
    inodes: counts ? files : null,
    inodesFree: counts ? ffree : null,
  };
}
