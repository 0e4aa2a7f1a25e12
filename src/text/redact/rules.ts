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
  | "url-credentials"
  | "authorization"
  | "iban"
  | "credit-card"
  | "us-ssn"
  | "email"
  | "phone"
  | "ipv4"
  | "ipv6"
  | "mac-address"
  | "assigned-secret"
  | "high-entropy"
  | "hex-token";

/**
 * Every built-in rule, in order of priority. "Word" means a letter, digit or underscore of ASCII; but for e-mail, no match
 * begins inside a word and none ends inside one. The rules look at what a text stands for: an escape of JSON, JavaScript,
 * a shell, a URL or HTML is the character that it means, several levels deep, and a terminal's colours are nothing. What is
 * replaced are whole escapes.
 *
 * - `private-key`: a PEM block whose label ends in `PRIVATE KEY` or `PRIVATE KEY BLOCK` (RFC 7468, RFC 4880), whatever
 *   stands before and behind the base64 of its lines (quotes, indentation, time stamps), or all on one line. Without its
 *   END line the block ends with the last line of base64. At most 65,536 characters, the rest of a longer block stays.
 * - `jwt`: three base64url parts (five: an encrypted one), the first of which decodes to a JSON object with a string
 *   member `alg` (RFC 7519). At most 16,384 characters; a longer one is cut there.
 * - `api-key`: what the providers' published formats say, a known prefix mostly: see `keys.json` for the list with
 *   sources and dates.
 * - `url-credentials`: user and password of a URL (`redis://ann:pa55@cache`), or a token in the user's place; the password
 *   behind `-u` or `--user` of curl and the like, in a line of `.pgpass` and in a JDBC URL of Oracle.
 * - `authorization`: what an `Authorization` header or `Bearer` says behind the scheme, in a pair of a name and a value, too.
 * - `iban`: country code and length of the SWIFT registry, checksum modulo 97; compact, or in groups of four with a space
 *   or a hyphen.
 * - `credit-card`: 12 to 19 digits with the prefix and length of a card network and a valid Luhn digit; between digits one
 *   space or hyphen, always the same.
 * - `us-ssn`: `123-45-6789` but for numbers that are never given (area 000, 666 and from 900 on, group 00, number 0000);
 *   with spaces or without anything only behind the word SSN or "social security".
 * - `email`: 1 to 64 letters of any script, digits, `._%+-` and apostrophes between letters, `@`, and a domain of at
 *   least two labels (63 each, 253 in all) whose last is of two or more letters, or begins with `xn--`.
 * - `phone`: international (`+`, `00` or `011`, then 8 to 15 digits, behind +1 exactly 10, in groups); North America
 *   (`NXX-NXX-XXXX`, `(NXX) NXX-XXXX`, with `-`, `.` or space, with or without a leading `1`); national with trunk 0 (9 to
 *   12 digits in groups divided by the same space, dot or hyphen, area code in parentheses or before a slash). Plain runs
 *   of digits are none.
 * - `ipv4`: four decimal numbers to 255 without leading zeros, not part of a longer dotted number.
 * - `ipv6`: the text forms of RFC 4291, `::` and a trailing IPv4 included, with three groups or more, or a decimal digit.
 * - `mac-address`: six bytes with `:` or `-`, or three groups of four with `.`; not all zeros, not all ones.
 * - `assigned-secret`: what stands behind a name such as `password`, `api_key` or `X-Auth-Token`: in code, configuration,
 *   JSON, YAML, XML, headers, queries (signatures, too), connection strings, forms, SQL, sentences in several languages and
 *   options of a command, those of one letter of commands that are known included; in the columns of tables whose heading
 *   is such a name (CSV, Markdown, rows of SQL; names of at most 32 columns, up to 120 characters before the name); what
 *   lines of FTP, POP3, IRC, NNTP, SMTP, IMAP and Redis, pipes into commands that read a password and functions that log in
 *   have for one; and hashes of password files. A name of what may be anything (`key`, `session`, `signature`) needs a value that looks random, and what
 *   looks like a word, a type, a variable or a placeholder is no secret; a password of small letters alone (`letmein`) is
 *   one where settings files, environments and commands write values.
 * - `high-entropy`: 20 to 512 characters of letters, digits, `+`, `/`, `_`, `-` (and up to two `=`) between other characters,
 *   with an upper-case and a lower-case letter and a digit, whose Shannon entropy is at least 3.75 bits a
 *   character (from 28 characters on 4.1, from 40 on 4.4, from 64 on 4.7), and which are no words: identifiers, paths,
 *   digests that say so (`sha512-...`), public keys of SSH and lines of base64 are none.
 * - `hex-token`: 32 to 512 hexadecimal digits, a letter and a digit among them, of at least 3 bits of entropy a digit. Not a
 *   default: commit ids and checksums look the same.
 */
export const BUILT_IN_RULES: readonly BuiltInRule[] = [
  "private-key",
  "jwt",
  "api-key",
  "url-credentials",
  "authorization",
  "iban",
  "credit-card",
  "us-ssn",
  "email",
  "phone",
  "ipv4",
  "ipv6",
  "mac-address",
  "assigned-secret",
  "high-entropy",
  "hex-token",
];

/** The rules that hold where `rules` is not given: all but `hex-token`. */
export const DEFAULT_RULES: readonly BuiltInRule[] = BUILT_IN_RULES.slice(0, 15);

/** Places of the rules in `BUILT_IN_RULES`, which are their bits in a plan. */
export const Rule = {
  PRIVATE_KEY: 0,
  JWT: 1,
  API_KEY: 2,
  URL_CREDENTIALS: 3,
  AUTHORIZATION: 4,
  IBAN: 5,
  CREDIT_CARD: 6,
  US_SSN: 7,
  EMAIL: 8,
  PHONE: 9,
  IPV4: 10,
  IPV6: 11,
  MAC_ADDRESS: 12,
  ASSIGNED_SECRET: 13,
  HIGH_ENTROPY: 14,
  HEX_TOKEN: 15,
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
