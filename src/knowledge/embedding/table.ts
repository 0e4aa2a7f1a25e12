/**
 * The table of the default embedder: a vector for each of 30,522 word pieces. The file is made by
 * scripts/embedding/distil.py.
 *
 * @module
 */
import { AgentError } from "../../shared/errors.ts";
import { type DataFile, dataFile } from "../../native/data_file.ts";

/** The file as it was made. */
export const TABLE: DataFile = {
  file: "minilm_256.emb",
  what: "embedding table",
  bytes: 8167248,
  sha256: "bdd53e880a87a20a943f00ab334d628527a3c5d2f0d8f734fa5821bc56baacaf",
};

/** The vectors of word pieces. */
export interface PieceTable {
  /** How long a vector is. */
  dimensions: number;
  /** The row of each piece. */
  rows: ReadonlyMap<string, number>;
  /** What the numbers of a row are multiplied by. */
  scales: Float32Array;
  /** The numbers, row after row. */
  numbers: Int8Array;
  /** The file that all of it came from, and that `numbers` is a part of. */
  file: Uint8Array<ArrayBuffer>;
}

let loaded: Promise<PieceTable> | undefined;

/** Reads the table, once a process. */
export function loadTable(): Promise<PieceTable> {
  loaded ??= dataFile(TABLE).then(readTable).catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** Reads a table's bytes. */
export function readTable(bytes: Uint8Array<ArrayBuffer>): PieceTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, pieces, dimensions, named] = [4, 8, 12, 16].map((at) => view.getUint32(at, true));
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== "AGEM" || version !== 1) {
    throw new AgentError(
      "UNSUPPORTED",
      "The embedding table is of another version: get the package again",
      {
        what: "embedding table",
      },
    );
  }
  const start = 20;
  const names = new TextDecoder().decode(bytes.subarray(start, start + named!)).split("\n");
  const scalesAt = start + named! + (4 - named! % 4) % 4;
  const scales = new Float32Array(pieces!);
  for (let row = 0; row < pieces!; row++) scales[row] = view.getFloat32(scalesAt + row * 4, true);
  const numbersAt = scalesAt + pieces! * 4;
  return {
    dimensions: dimensions!,
    rows: new Map(names.map((name, row) => [name, row])),
    scales,
    numbers: new Int8Array(bytes.buffer, bytes.byteOffset + numbersAt, pieces! * dimensions!),
    file: bytes,
  };
}
