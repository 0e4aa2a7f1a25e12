/**
 * The built-in rules: their names, their order (which decides between matches of equal start and length), their bounds.
 *
 * @module
 */

/** The name of a rule that needs no configuration; each is described at `BUILT_IN_RULES`. */
export type BuiltInRule =
  | "private-key"
  | "jwt"
  | "api-key"
  | "iban"
  | "credit-card"
  | "email"
  | "phone"
  | "ipv4"
  | "ipv6"
  | "high-entropy"
  | "hex-token";

/**
 * Every built-in rule, in order of priority. All grammars are ASCII; "word" means a letter, digit or underscore. No match
 * begins inside a word, and none ends inside one.
 *
 * - `private-key`: a PEM block whose label ends in `PRIVATE KEY` or `PRIVATE KEY BLOCK` (RFC 7468, RFC 4880), also
 *   on one line with `\n` escapes. Without its END line the block ends with the last line of base64. At most 65,536
 *   characters, the rest of a longer block stays.
 * - `jwt`: three base64url parts (five: an encrypted one), the first of which decodes to a JSON object with a string
 *   member `alg` (RFC 7519). At most 16,384 characters; a longer one is cut there.
 * - `api-key`: a known prefix with a body of the right characters and length: see `scan/api_key.ts` for the list
 *   (OpenAI, Anthropic, AWS, GitHub, GitLab, Slack, Google, npm, PyPI, SendGrid, Hugging Face, Stripe and others).
 * - `iban`: country code and length of the SWIFT registry, checksum modulo 97; compact, or in groups of four with a space
 *   or a hyphen.
 * - `credit-card`: 12 to 19 digits with the prefix and length of a card network and a valid Luhn digit; between digits one
 *   space or hyphen, always the same.
 * - `email`: 1 to 64 of letters, digits and `._%+-` from the first letter, digit or underscore, `@`, and a domain of at
 *   least two labels (63 each, 253 in all) whose last is of two or more letters, or begins with `xn--`.
 * - `phone`: E.164 (`+`, 8 to 15 digits, +1 exactly 11, groups of two or more); North America (`NXX-NXX-XXXX`, `(NXX)
 *   NXX-XXXX`, with `-`, `.` or space, with or without a leading `1`); national with trunk 0 (9 to 12 digits in groups
 *   divided by the same space, dot or hyphen, area code in parentheses or before a slash). Plain runs of digits are none.
 * - `ipv4`: four decimal numbers to 255 without leading zeros, not part of a longer dotted number.
 * - `ipv6`: the text forms of RFC 4291, `::` and a trailing IPv4 included, with three groups or more, or a decimal digit.
 * - `high-entropy`: 20 to 512 characters of letters, digits, `+`, `/`, `_`, `-` (and up to two `=`) between other characters,
 *   with an upper-case and a lower-case letter and a digit, whose Shannon entropy is at least 3.75 bits a
 *   character (from 28 characters on 4.1, from 40 on 4.4, from 64 on 4.7).
 * - `hex-token`: 32 to 512 hexadecimal digits, a letter and a digit among them, of at least 3 bits of entropy a digit. Not a
 *   default: commit ids and checksums look the same.
 */
export const BUILT_IN_RULES: readonly BuiltInRule[] = [
  "private-key",
  "jwt",
  "api-key",
  "iban",
  "credit-card",
  "email",
  "phone",
  "ipv4",
  "ipv6",
  "high-entropy",
  "hex-token",
];

/** The rules that hold where `rules` is not given: all but `hex-token`. */
export const DEFAULT_RULES: readonly BuiltInRule[] = BUILT_IN_RULES.slice(0, 10);

/** Places of the rules in `BUILT_IN_RULES`, which are their bits in a plan. */
export const Rule = {
  PRIVATE_KEY: 0,
  JWT: 1,
  API_KEY: 2,
  IBAN: 3,
  CREDIT_CARD: 4,
  EMAIL: 5,
  PHONE: 6,
  IPV4: 7,
  IPV6: 8,
  HIGH_ENTROPY: 9,
  HEX_TOKEN: 10,
} as const;

/** The longest PEM block. */
export const PEM_MAX = 65_536;
/** The longest JSON web token. */
export const JWT_MAX = 16_384;
/** The longest token of the entropy rules. */
export const TOKEN_MAX = 512;
/** The longest match of a pattern, in UTF-16 units. */
export const PATTERN_MAX = 4096;
/** The longest literal, in UTF-16 units. */
export const LITERAL_MAX = 16_384;
/** The most units of all literals. */
export const LITERALS_MAX = 1 << 22;

/** A rule's label: its name in capitals, `_` for `-`. */
export function labelOf(rule: string): string {
  return rule.toUpperCase().replaceAll("-", "_");
}
