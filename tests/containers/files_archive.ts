/** Archives made by hand, block by block, so that they can be as wrong as a hostile container would have them. */

/** A header of 512 bytes and what follows it. */
export interface HandEntry {
  name?: string | Uint8Array;
  type?: string;
  link?: string;
  content?: string | Uint8Array;
  /** What the header says, if not the length of the content. */
  size?: number | string | Uint8Array;
  mode?: string;
  prefix?: string;
  magic?: string;
  /** Added to the right checksum. */
  checksum?: number;
}

const encoder = new TextEncoder();

/** Bytes of text, or bytes. */
function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** One entry with its content, filled to whole blocks. */
export function handEntry(entry: HandEntry): Uint8Array {
  const content = bytesOf(entry.content ?? "");
  const { size = content.length } = entry;
  const block = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const put = (value: string | Uint8Array, at: number): void => block.set(bytesOf(value), at);
  put(entry.name ?? "", 0);
  put(entry.mode ?? "0000644", 100);
  put("0000000", 108);
  put("0000000", 116);
  put(typeof size === "number" ? size.toString(8).padStart(11, "0") : size, 124);
  put("00000000000", 136);
  put(entry.type ?? "0", 156);
  put(entry.link ?? "", 157);
  put(entry.magic ?? "ustar\x0000", 257);
  put(entry.prefix ?? "", 345);
  block.fill(0x20, 148, 156);
  const sum = block.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  put((sum + (entry.checksum ?? 0)).toString(8).padStart(6, "0") + "\0 ", 148);
  block.set(content, 512);
  return block;
}

/** Entries and the end of an archive. */
export function handArchive(...entries: (HandEntry | Uint8Array)[]): Uint8Array {
  const parts = entries.map((entry) => entry instanceof Uint8Array ? entry : handEntry(entry));
  return joined([...parts, new Uint8Array(1024)]);
}

/** A pax header with records that are counted as they should be. */
export function paxEntry(records: Record<string, string>, type = "x"): Uint8Array {
  const text = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = encoder.encode(rest).length;
    while (String(length).length + encoder.encode(rest).length !== length) length++;
    return `${length}${rest}`;
  }).join("");
  return handEntry({ name: "pax", type, content: text });
}

/** Pieces as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes in pieces of a size, as a stream brings them. */
export async function* inPieces(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  await Promise.resolve();
}
