/**
 * Makes encodings: chooses the twin, loads each vocabulary once for the isolate (pure) or the process (native). Imported
 * at the first use of a token function, so that the text tools cost nothing of it before.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { tokensLoad } from "../../native/generated/tokens.ts";
import { vocabularyFile } from "./data.ts";
import { TwinEncoding } from "./encoding.ts";
import { NativeTokens } from "./native.ts";
import { PureTokens } from "./pure.ts";
import type { Encoding, EncodingName, LoadEncodingOptions, TokenTwin } from "./types.ts";
import { VOCABULARIES } from "./vocabularies.ts";
import { Vocabulary } from "./vocabulary.ts";

const built = new Map<EncodingName, Promise<Vocabulary>>();
const loading = new Map<EncodingName, Promise<void>>();

/** Makes an encoding; the arguments are checked. */
export async function load(name: EncodingName, options: LoadEncodingOptions): Promise<Encoding> {
  // Counting is faster natively from the first character on.
  const isNative = pick("text", Infinity, 0, options.implementation);
  const twin = isNative ? nativeTwin(name) : pureTwin(name);
  return new TwinEncoding(
    { name, ...VOCABULARIES[name] },
    await unlessAborted(twin, options.signal),
  );
}

/** Makes an encoding of a `tokenizer.json`; the other arguments are checked. */
export async function loadFile(
  file: string | URL,
  options: LoadEncodingOptions,
): Promise<Encoding> {
  const isNative = pick("text", Infinity, 0, options.implementation);
  const { loadTokenizer } = await import("./tokenizer/load.ts");
  const parts = loadTokenizer(file, isNative);
  // What the file says comes with the twin.
  const twin = await unlessAborted(parts.then((made) => made.twin), options.signal);
  return new TwinEncoding((await parts).facts, twin);
}

async function pureTwin(name: EncodingName): Promise<TokenTwin> {
  let vocabulary = built.get(name);
  if (vocabulary === undefined) {
    vocabulary = vocabularyFile(name, VOCABULARIES[name]).then((file) => new Vocabulary(file));
    built.set(name, vocabulary);
    // What failed may succeed later: a permission, a network.
    vocabulary.catch(() => built.delete(name));
  }
  const encoder = new TextEncoder();
  const specials = Object.entries(VOCABULARIES[name].specials);
  return new PureTokens(
    await vocabulary,
    new Map(specials.map(([text, id]) => [id, encoder.encode(text)])),
  );
}

async function nativeTwin(name: EncodingName): Promise<TokenTwin> {
  const open = NativeTokens.open(name);
  if (open !== undefined) return open;
  let load = loading.get(name);
  if (load === undefined) {
    load = vocabularyFile(name, VOCABULARIES[name]).then((file) => tokensLoad(file));
    loading.set(name, load);
    load.finally(() => loading.delete(name)).catch(() => {});
  }
  await load;
  return NativeTokens.open(name)!;
}

/** The twin, unless the signal comes first; then a twin that comes late is closed. */
function unlessAborted(twin: Promise<TokenTwin>, signal?: AbortSignal): Promise<TokenTwin> {
  if (signal === undefined) return twin;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      twin.then((late) => late.close(), () => {});
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    twin.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
