/**
 * The proxy's program: a static one of Linux, which `scripts/setup` builds beside the native libraries and which is
 * looked for where those are. It runs in the engine, not in this process, and is only read here.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";
import { AgentError } from "../../shared/errors.ts";
import { nativeFolders } from "../../native/locate.ts";
import { isGranted } from "../../native/permissions.ts";

/** Its file. */
export const PROGRAM = "agent-egress-proxy";

/** A program that was found. */
export interface Program {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The beginning of its SHA-256, which names its image. */
  readonly digest: string;
}

/** The number of a processor in a program's head, by the words that engines have for it. */
const MACHINES: Readonly<Record<string, number>> = {
  x86_64: 62,
  amd64: 62,
  aarch64: 183,
  arm64: 183,
};

/**
 * Finds the program.
 *
 * @param arch The processor of the engine, in its own word; null if it does not say.
 * @throws {AgentError} `NATIVE_REQUIRED` if there is none, or none for this engine; `PERMISSION` if it may not be read.
 */
export async function findProgram(arch: string | null): Promise<Program> {
  const paths = nativeFolders().map((folder) => `${folder}${PROGRAM}`);
  let denied: string | undefined;
  for (const path of paths) {
    if (!isGranted({ name: "read", path })) {
      denied ??= path;
      continue;
    }
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw missing(`${path} cannot be read: ${(error as Error).message}`, "denied");
    }
    checkMachine(path, bytes, arch);
    const digest = nodeCrypto().createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return { path, bytes, digest };
  }
  if (denied !== undefined) {
    const message = `Looking for ${denied} is not allowed, without which a box reaches no host: ` +
      `run with --allow-read=${denied}`;
    throw new AgentError("PERMISSION", message, { permission: "read", target: denied });
  }
  throw missing(`${PROGRAM} is in none of ${paths.join(", ")}`, "absent");
}

function checkMachine(path: string, bytes: Uint8Array, arch: string | null): void {
  const isElf = bytes.length > 64 && bytes[0] === 127 && bytes[1] === 69 && bytes[2] === 76 &&
    bytes[3] === 70 && bytes[4] === 2 && bytes[5] === 1;
  if (!isElf) throw missing(`${path} is no program of Linux`, "incompatible");
  if (arch !== null && (bytes[18]! | bytes[19]! << 8) !== MACHINES[arch]) {
    throw missing(
      `${path} is built for another processor than the engine's ${arch}`,
      "incompatible",
    );
  }
  if (hasInterpreter(bytes)) {
    throw missing(
      `${path} is not linked statically, as a plain cargo build leaves it`,
      "incompatible",
    );
  }
}

/** The kind of a program header that names a loader, which the image does not have. */
const PT_INTERP = 3;

function hasInterpreter(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, size] = [Number(view.getBigUint64(32, true)), view.getUint16(54, true)];
  for (let at = start, left = view.getUint16(56, true); left > 0; left--, at += size) {
    if (at + 4 > bytes.length) return false;
    if (view.getUint32(at, true) === PT_INTERP) return true;
  }
  return false;
}

function missing(reason: string, state: string): AgentError<"NATIVE_REQUIRED"> {
  const message = `A box reaches named hosts through the program ${PROGRAM}, which is not there: ` +
    `${reason}. Build it with scripts/setup (needs cargo), or set AGENT_NATIVE_DIR to its folder`;
  return new AgentError("NATIVE_REQUIRED", message, { library: PROGRAM, state });
}
