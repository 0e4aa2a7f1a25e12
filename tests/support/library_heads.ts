/** Beginnings of libraries as the linkers of each platform write them, with nothing behind. */

const ELF: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const MACH: Readonly<Record<string, number>> = { x64: 0x0100_0007, arm64: 0x0100_000c };

/** What a file begins with that is built for a platform, and the name of its C library. */
export function headFor(platform: string): Uint8Array<ArrayBuffer> {
  const [system, cpu, libc] = platform.split("-");
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  if (system === "darwin") {
    view.setUint32(0, 0xfeed_facf, true);
    view.setUint32(4, MACH[cpu!]!, true);
  } else if (system === "win32") {
    bytes.set(new TextEncoder().encode("MZ"));
    view.setUint32(60, 128, true);
    bytes.set(new TextEncoder().encode("PE\0\0"), 128);
    view.setUint16(132, 0x8664, true);
  } else {
    bytes.set([0x7f, ...new TextEncoder().encode("ELF"), 2, 1, 1]);
    view.setUint16(16, 3, true);
    view.setUint16(18, ELF[cpu!]!, true);
    const name = libc === "gnu" ? "libc.so.6\0" : "libc.so\0";
    bytes.set(new TextEncoder().encode(name), 300);
  }
  return bytes;
}
