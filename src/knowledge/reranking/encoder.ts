/**
 * The model that comes with the package, all-MiniLM-L6-v2 in eight bits: the vector of a text, by the native library
 * alone, since plain JavaScript would take minutes for what is asked here.
 *
 * @module
 */
import { type DataFile, dataFile } from "../../native/data_file.ts";
import {
  embeddingEncode,
  embeddingLoadEncoder,
  embeddingOpenEncoder,
} from "../../native/generated/embedding.ts";
import { NativeHandle } from "../../native/handle.ts";
import { AgentError } from "../../shared/errors.ts";

/** The file as scripts/embedding/encoder.py makes it. */
export const WEIGHTS: DataFile = {
  file: "minilm_l6.enc",
  what: "weights of the re-ranking model",
  bytes: 23058436,
  sha256: "566782d0b7dee159b3609deee048ec23d3c41fde9c2e23377d8d69290ae99613",
};

/** A sentence encoder in native memory, one for all isolates of the process. */
export class NativeEncoder extends NativeHandle {
  private constructor(name: string) {
    super("core-utils", embeddingOpenEncoder(name), "sentence encoder");
  }

  /**
   * Opens the encoder of a file, and reads the file if no isolate has.
   *
   * @param name What it is called in the process.
   * @param read The bytes of the file.
   */
  static async open(
    name: string = WEIGHTS.sha256,
    read: () => Promise<Uint8Array<ArrayBuffer>> = () => dataFile(WEIGHTS),
  ): Promise<NativeEncoder> {
    try {
      return new NativeEncoder(name);
    } catch (error) {
      if (!AgentError.is(error, "NOT_FOUND")) throw error;
    }
    await embeddingLoadEncoder(name, await read());
    return new NativeEncoder(name);
  }

  /**
   * The vector of each text: the mean of what the model makes of its pieces.
   *
   * @param texts The numbers of the pieces of each text.
   * @param signal Ends the work.
   */
  async encode(texts: readonly Uint32Array[], signal?: AbortSignal): Promise<Float32Array[]> {
    const lengths = Uint32Array.from(texts, ({ length }) => length);
    const pieces = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const text of texts) {
      pieces.set(text, at);
      at += text.length;
    }
    const words = await embeddingEncode(this.handle, bytesOf(pieces), bytesOf(lengths), { signal });
    const numbers = new Float32Array(words.buffer, words.byteOffset, words.length);
    const width = numbers.length / Math.max(1, texts.length);
    return texts.map((_, text) => numbers.subarray(text * width, (text + 1) * width));
  }
}

function bytesOf(words: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
