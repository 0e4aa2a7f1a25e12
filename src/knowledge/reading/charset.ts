/**
 * Bytes as text: by the mark at their beginning, as UTF-8 where they are, by what the document declares, else by what
 * its letters look like.
 *
 * @module
 */

/** So much at the front is looked at to tell text from other bytes. */
export const HEAD_BYTES = 8_000;
/** So much of what is not ASCII is enough to tell an encoding. */
const SAMPLE_BYTES = 20_000;
/** Below this `chardet` guesses. */
const LEAST_CONFIDENCE = 15;
/** Western letters are the most common by far: they win where they are this near to the best. */
const NEARLY = 0.65;
/** Where an encoding is declared. */
const DECLARATIONS = [
  /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})/i,
  /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})/i,
  /^@charset "([\w.:-]{2,40})"/i,
  /^(?:[^\n]*\n)?[^\n]{0,200}?coding[:=][ \t]*([\w.:-]{2,40})/i,
];

/** What bytes are: text, no text, or text in an encoding that only its letters tell. */
export type Decoded =
  | { readonly text: string }
  | { readonly text: undefined; readonly sample?: Uint8Array<ArrayBuffer> };

/** Decodes what tells how it is to be read. */
export function decodeMarked(bytes: Uint8Array): Decoded {
  const marked = markOf(bytes);
  if (marked !== undefined) return { text: new TextDecoder(marked).decode(bytes) };
  if (!isTextHead(bytes.subarray(0, HEAD_BYTES))) return { text: undefined };
  const utf8 = new TextDecoder().decode(bytes);
  const wrong = utf8.split("\ufffd", 1_000).length - 1;
  const hasShifts = utf8.includes("\x1b$") || utf8.includes("\x1b(");
  if (wrong === 0 && !hasShifts) return { text: utf8 };
  const declared = declaredOf(bytes);
  if (declared !== undefined && !(wrong === 0 && declared === "utf-8")) {
    return { text: new TextDecoder(declared).decode(bytes) };
  }
  if (wrong > 0) {
    // A broken byte in UTF-8 or another encoding? UTF-8 if most of what is beyond ASCII is sound.
    // deno-lint-ignore no-control-regex
    const beyond = utf8.slice(0, 1_000_000).replace(/[\x00-\x7f\ufffd]+/g, "").length;
    if (beyond >= wrong * 4) return { text: utf8 };
  }
  const sample = wrong === 0 ? bytes.slice(0, SAMPLE_BYTES) : sampleOf(bytes);
  return { text: undefined, sample };
}

/**
 * Decodes bytes.
 *
 * @param bytes A whole file.
 * @returns Its text, or undefined if the bytes are none.
 */
export async function decodeBytes(bytes: Uint8Array): Promise<string | undefined> {
  const { text, sample } = decodeMarked(bytes) as { text?: string; sample?: Uint8Array };
  if (sample === undefined) return text;
  const { analyse } = await import("npm:chardet@2.2.0");
  const matches = analyse(sample);
  const western = matches.find(({ name }) => name === "windows-1252" || name === "ISO-8859-1");
  const { name: best = "", confidence: most = 0 } = matches[0] ?? {};
  const isLatin = /^(?:windows-125[0247]|ISO-8859-(?:1|2|9))$/.test(best);
  if (western !== undefined && isLatin && western.confidence > most * NEARLY) {
    return westernText(bytes);
  }
  for (const { name, confidence } of matches) {
    if (confidence < LEAST_CONFIDENCE) break;
    if (name === "UTF-8" || name === "ASCII" || !isLabel(name)) continue;
    const decoded = new TextDecoder(name).decode(bytes);
    if (isWritten(decoded)) return decoded;
  }
  return westernText(bytes);
}

/** Bytes as the letters of Western Europe, if they can be; undefined if most would be letters beyond ASCII. */
export function westernText(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  let high = 0;
  for (const byte of head) if (byte > 127) high++;
  return high * 10 > head.length * 3 ? undefined : new TextDecoder("windows-1252").decode(bytes);
}

/** By a mark at the beginning, or as zero bytes stand in each second place. */
export function markOf(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe && !(third === 0 && fourth === 0)) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const head = bytes.subarray(0, Math.min(HEAD_BYTES, bytes.length & ~1));
  if (head.length < 8) return undefined;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < head.length; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  const pairs = head.length / 2;
  const label = odd > pairs * 0.6 && even === 0
    ? "utf-16le"
    : even > pairs * 0.6 && odd === 0
    ? "utf-16be"
    : undefined;
  if (label === undefined) return undefined;
  const isText = isWritten(new TextDecoder(label).decode(head));
  return isText ? label : undefined;
}

/** Whether bytes at the front have hardly any control characters. */
export function isTextHead(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  }
  // A short text may have one or two, such as those of a terminal.
  return controls * 50 <= head.length + 100;
}

function declaredOf(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 2_048));
  for (const declaration of DECLARATIONS) {
    const label = declaration.exec(head)?.[1];
    if (label !== undefined && isLabel(label)) {
      const { encoding } = new TextDecoder(label);
      // What was read up to here as ASCII is no UTF-16, whatever it says.
      if (!encoding.startsWith("utf-")) return encoding;
    }
  }
  return undefined;
}

function isLabel(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "replacement";
  } catch {
    return false;
  }
}

/** The words with a byte beyond ASCII: the others only tell that there is English, too. */
function sampleOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sample = new Uint8Array(Math.min(bytes.length, SAMPLE_BYTES));
  let size = 0;
  let begin = 0;
  let isBeyond = false;
  for (let at = 0; at <= bytes.length && size < sample.length; at++) {
    const byte = bytes[at] ?? 32;
    if (byte > 127) isBeyond = true;
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) continue;
    if (isBeyond) {
      const word = bytes.subarray(begin, Math.min(at + 1, begin + sample.length - size));
      sample.set(word, size);
      size += word.length;
    }
    begin = at + 1;
    isBeyond = false;
  }
  return sample.slice(0, size);
}

/** Whether a text consists of what people write: hardly any controls, unknown or private characters, nor one letter alone. */
function isWritten(text: string): boolean {
  const head = text.slice(0, HEAD_BYTES);
  // deno-lint-ignore no-control-regex
  const strange = head.replace(/[^\ufffd\p{Cc}\p{Cn}\p{Co}]|[\t\n\f\r\x1b]/gu, "").length;
  // deno-lint-ignore no-control-regex
  const letters = new Set(head.replace(/[\x00-\x7f]+/g, "")).size;
  return strange * 100 <= head.length && (letters > 1 || head.length < 50);
}
