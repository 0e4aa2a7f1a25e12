/**
 * Keys that providers mark with a prefix. Twin: `rust/agent-core-utils/src/redact/api_key.rs`, with the same list.
 *
 * @module
 */

import { ALNUM, CLASS, classAt, DIGIT, HEX, MORE, NONE, UNDER, UPPER, WORD } from "./chars.ts";

/** Characters of a key's body. */
type Alphabet = "alnum" | "word" | "token" | "hex" | "upper" | "hyphen";

/** Prefix, characters of the body, its fewest and most, whether a digit must be among them, length of a part after a dot. */
type Key = readonly [string, Alphabet, number, number, boolean?, number?];

/** The list, by provider. Sources: the providers' documentation of their key formats. */
export const KEYS: readonly Key[] = [
  // AWS access key ids
  ["AKIA", "upper", 16, 16],
  ["ASIA", "upper", 16, 16],
  ["ABIA", "upper", 16, 16],
  ["ACCA", "upper", 16, 16],
  // OpenAI, Anthropic, OpenRouter and others that begin alike
  ["sk-", "token", 20, 256, true],
  // Stripe
  ["sk_live_", "alnum", 16, 247],
  ["sk_test_", "alnum", 16, 247],
  ["rk_live_", "alnum", 16, 247],
  ["rk_test_", "alnum", 16, 247],
  ["whsec_", "alnum", 24, 247],
  // GitHub
  ["ghp_", "alnum", 36, 251],
  ["gho_", "alnum", 36, 251],
  ["ghu_", "alnum", 36, 251],
  ["ghs_", "alnum", 36, 251],
  ["ghr_", "alnum", 36, 251],
  ["github_pat_", "word", 50, 244],
  // GitLab
  ["glpat-", "token", 20, 128],
  ["gldt-", "token", 20, 128],
  ["glrt-", "token", 20, 128],
  ["glptt-", "token", 20, 128],
  ["glcbt-", "token", 20, 128],
  ["glsoat-", "token", 20, 128],
  // Slack
  ["xoxb-", "hyphen", 10, 250],
  ["xoxp-", "hyphen", 10, 250],
  ["xoxa-", "hyphen", 10, 250],
  ["xoxr-", "hyphen", 10, 250],
  ["xoxs-", "hyphen", 10, 250],
  ["xoxe-", "hyphen", 10, 250],
  ["xapp-", "hyphen", 10, 250],
  // Google
  ["AIza", "token", 35, 35],
  ["GOCSPX-", "token", 28, 28],
  // Hugging Face, Groq, Replicate, Perplexity, xAI
  ["hf_", "alnum", 34, 40],
  ["gsk_", "alnum", 52, 52],
  ["r8_", "alnum", 37, 37],
  ["pplx-", "alnum", 48, 48],
  ["xai-", "alnum", 80, 80],
  // npm, PyPI, RubyGems, Docker
  ["npm_", "alnum", 36, 36],
  ["pypi-", "token", 50, 256],
  ["rubygems_", "hex", 48, 48],
  ["dckr_pat_", "token", 27, 27],
  // SendGrid, Twilio, Mailgun, Postman
  ["SG.", "token", 22, 22, false, 43],
  ["SK", "hex", 32, 32],
  ["key-", "hex", 32, 32],
  ["PMAK-", "hyphen", 59, 59],
  // DigitalOcean, Shopify, Supabase, Databricks
  ["dop_v1_", "hex", 64, 64],
  ["doo_v1_", "hex", 64, 64],
  ["dor_v1_", "hex", 64, 64],
  ["shpat_", "hex", 32, 32],
  ["shpca_", "hex", 32, 32],
  ["shppa_", "hex", 32, 32],
  ["shpss_", "hex", 32, 32],
  ["sbp_", "hex", 40, 40],
  ["dapi", "hex", 32, 32],
  // Linear, Notion, Grafana, New Relic, Sentry, Vault, age
  ["lin_api_", "alnum", 40, 40],
  ["ntn_", "alnum", 40, 50],
  ["glsa_", "word", 41, 41],
  ["NRAK-", "upper", 27, 27],
  ["sntryu_", "hex", 64, 64],
  ["hvs.", "token", 24, 256],
  ["AGE-SECRET-KEY-1", "upper", 58, 58],
];

const OWN: Readonly<Record<Alphabet, [number, boolean]>> = {
  alnum: [ALNUM, false],
  word: [ALNUM | UNDER, false],
  token: [ALNUM | UNDER, true],
  hex: [HEX, false],
  upper: [UPPER | DIGIT, false],
  hyphen: [ALNUM, true],
};

// The keys by the first unit of their prefix.
const BY_FIRST: Key[][] = Array.from({ length: 128 }, () => []);
// Which two units a prefix begins with.
const PAIRS = new Uint8Array(128 * 128);
for (const key of KEYS) {
  BY_FIRST[key[0].charCodeAt(0)]!.push(key);
  PAIRS[key[0].charCodeAt(0) * 128 + key[0].charCodeAt(1)] = 1;
}

/** Whether a key may begin at `i`, where a word begins. */
export function mayBeKey(text: string, i: number): boolean {
  if (i + 1 === text.length) return true;
  const second = text.charCodeAt(i + 1);
  return second < 128 && PAIRS[text.charCodeAt(i) * 128 + second] === 1;
}

/** The key that begins at `i`, where a word begins with a letter: the longest. */
export function apiKeyAt(text: string, i: number, last: boolean): number {
  const keys = BY_FIRST[text.charCodeAt(i)]!;
  let best: number = NONE;
  for (let k = 0; k < keys.length; k++) {
    const end = keyAt(text, i, keys[k]!, last);
    if (end === MORE) return MORE;
    if (end > best) best = end;
  }
  return best;
}

function keyAt(text: string, i: number, key: Key, last: boolean): number {
  const [prefix, alphabet, least, most, withDigit, tail] = key;
  const n = text.length;
  for (let k = 1; k < prefix.length; k++) {
    if (i + k === n) return last ? NONE : MORE;
    if (text.charCodeAt(i + k) !== prefix.charCodeAt(k)) return NONE;
  }
  const s = i + prefix.length;
  let p = bodyEnd(text, s, alphabet, most);
  if (p - s > most) return NONE;
  if (p === n && !last) return MORE;
  if (p - s < least) return NONE;
  if (withDigit === true && !hasDigit(text, s, p)) return NONE;
  if (tail !== undefined) {
    if (p === n || text.charCodeAt(p) !== 46) return NONE;
    const t = p + 1;
    p = bodyEnd(text, t, alphabet, tail);
    if (p - t > tail) return NONE;
    if (p === n && !last) return MORE;
    if (p - t < tail) return NONE;
  }
  return (classAt(text, p) & WORD) === 0 ? p : NONE;
}

/** The end of a run of an alphabet, one past `most` characters at the latest. */
function bodyEnd(text: string, s: number, alphabet: Alphabet, most: number): number {
  const [mask, hyphen] = OWN[alphabet];
  const limit = Math.min(text.length, s + most + 1);
  let p = s;
  while (p < limit) {
    const unit = text.charCodeAt(p);
    if ((CLASS[unit]! & mask) === 0 && !(hyphen && unit === 45)) break;
    p++;
  }
  return p;
}

function hasDigit(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if ((CLASS[text.charCodeAt(p)]! & DIGIT) !== 0) return true;
  }
  return false;
}
