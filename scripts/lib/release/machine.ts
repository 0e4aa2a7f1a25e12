/**
 * Which platform a built file is for, as its first bytes say: what is packed for another would be taken for the truth
 * by everyone.
 */

/** The name of GNU's C library, which a file that is linked to it holds; musl's is called otherwise. */
const GNU = new TextEncoder().encode("libc.so.6\0");

const ELF: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const MACH: Readonly<Record<string, number>> = { x64: 0x0100_0007, arm64: 0x0100_000c };
const PE: Readonly<Record<string, number>> = { x64: 0x8664, arm64: 0xaa64 };

/**
 * Why a file is not for a platform.
 *
 * @param platform Its name, such as `linux-x64-gnu`.
 * @param name What the file is called.
 * @param bytes The file.
 * @returns The reason, or undefined if nothing speaks against it.
 */
export function faultFor(
  platform: string,
  name: string,
  bytes: Uint8Array,
): string | undefined {
  const [system = "", cpu = "", libc] = platform.split("-");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 256) return "it has no more than its first bytes";
  if (system === "darwin") {
    if (view.getUint32(0, true) !== 0xfeed_facf) return "it is not a Mach-O file";
    return view.getUint32(4, true) === MACH[cpu] ? undefined : "it is for another processor";
  }
  if (system === "win32") {
    const at = view.getUint32(60, true);
    if (view.getUint16(0, true) !== 0x5a4d || at + 6 > bytes.length) return "it is not a PE file";
    if (view.getUint32(at, true) !== 0x4550) return "it is not a PE file";
    return view.getUint16(at + 4, true) === PE[cpu] ? undefined : "it is for another processor";
  }
  if (view.getUint32(0) !== 0x7f45_4c46) return "it is not an ELF file";
  if (view.getUint16(18, true) !== ELF[cpu]) return "it is for another processor";
  if (libc === "musl" && holds(bytes, GNU)) return "it is linked to GNU's C library";
  // A program may be linked to none.
  const isLibrary = name.endsWith(".so");
  if (libc === "gnu" && isLibrary && !holds(bytes, GNU)) return "it is linked to another C library";
  return undefined;
}

function holds(bytes: Uint8Array, name: Uint8Array): boolean {
  for (let at = bytes.indexOf(name[0]!); at >= 0; at = bytes.indexOf(name[0]!, at + 1)) {
    if (name.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
