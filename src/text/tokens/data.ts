/**
 * Finds a vocabulary's file among the package's data.
 *
 * @module
 */
import { dataFile } from "../../native/data_file.ts";
import type { VocabularyFacts } from "./vocabularies.ts";

/** The bytes of a vocabulary's file; `base` as `dataFile` takes it. */
export function vocabularyFile(
  name: string,
  facts: VocabularyFacts,
  base?: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes, sha256 } = facts;
  return dataFile({ file: `${name}.voc`, what: "vocabulary", bytes, sha256 }, base);
}
