/**
 * Numbers with a check digit: bank accounts and payment cards. Twin: `rust/areas/redact/src/numbers.rs`.
 *
 * @module
 */

import { ALNUM, CLASS, classAt, digitAt, MORE, NONE, unitAt, WORD } from "./chars.ts";

const SPACE = 32;
const PLUS = 43;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;

/** Country codes and lengths of the SWIFT IBAN registry. */
export const IBAN_LENGTHS = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22" +
  "DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27" +
  "JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28" +
  "PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/** The lengths by country code. Made at first use, like the tables below: importing costs nothing. */
let ibanLengths: Uint8Array | undefined;

function makeIbanLengths(): Uint8Array {
  const table = new Uint8Array(26 * 26);
  for (let i = 0; i < IBAN_LENGTHS.length; i += 4) {
    const place = (IBAN_LENGTHS.charCodeAt(i) - 65) * 26 + IBAN_LENGTHS.charCodeAt(i + 1) - 65;
    table[place] = Number(IBAN_LENGTHS.slice(i + 2, i + 4));
  }
  return table;
}

/** The value of a letter, 0 to 25, whatever its case; 26 for anything else. */
function letter(unit: number): number {
  const value = (unit | 32) - 97;
  return value >= 0 && value < 26 && unit < 128 ? value : 26;
}

/** The account number that begins at `i`, where a word begins with a letter. */
export function ibanAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  const first = letter(text.charCodeAt(i));
  if (i + 1 === n) return more;
  const second = letter(text.charCodeAt(i + 1));
  if (first > 25 || second > 25) return NONE;
  ibanLengths ??= makeIbanLengths();
  const length = ibanLengths[first * 26 + second]!;
  if (length === 0) return NONE;
  for (let k = 2; k < 4; k++) {
    if (i + k === n) return more;
    if (!digitAt(text, i + k)) return NONE;
  }
  let p = i + 4;
  if (p === n) return more;
  const separator = unitAt(text, p);
  const grouped = separator === SPACE || separator === HYPHEN;
  let remainder = 0;
  for (let count = 4; count < length; count++, p++) {
    if (grouped && count % 4 === 0) {
      if (p === n) return more;
      if (text.charCodeAt(p++) !== separator) return NONE;
    }
    if (p === n) return more;
    const unit = text.charCodeAt(p);
    if ((CLASS[unit]! & ALNUM) === 0) return NONE;
    remainder = fold(remainder, unit);
  }
  if (p === n && !last) return MORE;
  if ((classAt(text, p) & WORD) !== 0) return NONE;
  for (let k = 0; k < 4; k++) remainder = fold(remainder, text.charCodeAt(i + k));
  return remainder === 1 ? p : NONE;
}

function fold(remainder: number, unit: number): number {
  return unit < 58 ? (remainder * 10 + unit - 48) % 97 : (remainder * 100 + letter(unit) + 10) % 97;
}

/** Card networks: first prefix, last prefix (of as many digits), lengths as bits. */
const bits = (...lengths: number[]): number => lengths.reduce((all, one) => all | 1 << one, 0);
const TO_19 = bits(16, 17, 18, 19);
const FROM_12 = bits(12, 13, 14, 15, 16, 17, 18, 19);
const FROM_14 = bits(14, 15, 16, 17, 18, 19);
/** The networks in order: Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Maestro, Mir, Troy. */
const NETWORKS: readonly (readonly [number, number, number])[] = [
  [4, 4, bits(13, 16, 19)],
  [51, 55, bits(16)],
  [2221, 2720, bits(16)],
  [34, 34, bits(15)],
  [37, 37, bits(15)],
  [300, 305, FROM_14],
  [3095, 3095, FROM_14],
  [36, 36, FROM_14],
  [38, 39, FROM_14],
  [6011, 6011, TO_19],
  [644, 649, TO_19],
  [65, 65, TO_19],
  [3528, 3589, TO_19],
  [62, 62, TO_19],
  [81, 81, TO_19],
  [5018, 5018, FROM_12],
  [5020, 5020, FROM_12],
  [5038, 5038, FROM_12],
  [5893, 5893, FROM_12],
  [6304, 6304, FROM_12],
  [6759, 6759, FROM_12],
  [6761, 6763, FROM_12],
  [2200, 2204, TO_19],
  [9792, 9792, bits(16)],
];

interface Prefixes {
  /** The lengths that a card may have, by its first four digits. */
  lengths: Uint32Array;
  /** Whether a card may begin with up to three digits: index 1ddd with the digits at the right. */
  viable: Uint8Array;
}

let cardPrefixes: Prefixes | undefined;

function makePrefixes(): Prefixes {
  const lengths = new Uint32Array(10_000);
  const viable = new Uint8Array(2000);
  for (const [low, high, bits] of NETWORKS) {
    const scale = 10 ** (4 - String(low).length);
    for (let prefix = low * scale; prefix < (high + 1) * scale; prefix++) {
      lengths[prefix]! |= bits;
      viable[10 + Math.floor(prefix / 1000)] = 1;
      viable[100 + Math.floor(prefix / 100)] = 1;
      viable[1000 + Math.floor(prefix / 10)] = 1;
    }
  }
  return { lengths, viable };
}

const MOST = 19;
const digits = new Uint8Array(MOST);
const ends = new Uint32Array(MOST + 1);

/** The card number that begins at `i`, where a word begins with a digit. */
export function cardAt(text: string, i: number, last: boolean): number {
  const before = unitAt(text, i - 1);
  if (before === DOT || before === HYPHEN || before === PLUS) return NONE;
  const prefixes = cardPrefixes ??= makePrefixes();
  const n = text.length;
  let count = 0;
  let separator = 0;
  let marked = 1;
  let lengths = 0;
  let most = MOST;
  let p = i;
  for (; p < n; p++) {
    const unit = text.charCodeAt(p);
    if (unit >= 48 && unit < 58) {
      if (count === most) break;
      digits[count++] = unit - 48;
      ends[count] = p + 1;
      if (count < 5) {
        marked = marked * 10 + unit - 48;
        if (count < 4 && prefixes.viable[marked] === 0) return NONE;
        if (count === 4) {
          lengths = prefixes.lengths[marked - 10_000]!;
          if (lengths === 0) return NONE;
          most = 31 - Math.clz32(lengths);
        }
      }
    } else if ((unit === SPACE || unit === HYPHEN) && (separator === 0 || separator === unit)) {
      if (p + 1 < n && !digitAt(text, p + 1)) break;
      if (p + 1 === n && last) break;
      separator = unit;
    } else {
      break;
    }
  }
  if (p === n && !last && (count < most || ends[count] === n)) return MORE;
  for (let length = count; length >= 12; length--) {
    if ((lengths & 1 << length) === 0 || (classAt(text, ends[length]!) & WORD) !== 0) continue;
    if (luhn(length)) return ends[length]!;
  }
  return NONE;
}

function luhn(length: number): boolean {
  let sum = 0;
  for (let k = 0; k < length; k++) {
    const digit = digits[length - 1 - k]!;
    sum += (k & 1) === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/** The social security number that begins at `i`, where a word begins with a digit: with hyphens. */
export function ssnAt(text: string, i: number, last: boolean): number {
  const before = unitAt(text, i - 1);
  if (before === DOT || before === HYPHEN || before === PLUS || before === SLASH) return NONE;
  const end = ssnDigits(text, i, HYPHEN, last);
  if (end <= 0) return end;
  if (unitAt(text, end) !== HYPHEN) return end;
  if (end + 1 === text.length) return last ? end : MORE;
  return (classAt(text, end + 1) & WORD) === 0 ? end : NONE;
}

/** Three digits, two and four, parted by a separator (0 for none), that can have been given. */
export function ssnDigits(text: string, i: number, separator: number, last: boolean): number {
  const n = text.length;
  let p = i;
  let area = 0;
  for (let k = 0; k < 9; k++) {
    if (separator !== 0 && (k === 3 || k === 5)) {
      if (p === n) return last ? NONE : MORE;
      if (text.charCodeAt(p++) !== separator) return NONE;
    }
    if (p === n) return last ? NONE : MORE;
    if (!digitAt(text, p)) return NONE;
    const digit = text.charCodeAt(p++) - 48;
    if (k === 0 || k === 3 || k === 5) area = 0;
    area = area * 10 + digit;
    if (k === 2 && (area === 0 || area === 666 || area > 899)) return NONE;
    if ((k === 4 || k === 8) && area === 0) return NONE;
  }
  if (p === n && !last) return MORE;
  return (classAt(text, p) & WORD) === 0 ? p : NONE;
}
