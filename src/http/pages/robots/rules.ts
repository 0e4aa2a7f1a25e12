/**
 * The Robots Exclusion Protocol (RFC 9309): reads a robots.txt for one crawler, and says what it may fetch. Linear in the
 * file; a look is linear in the rules and the address.
 *
 * @module
 */

/** A rule of the group that counts. */
interface Rule {
  readonly allow: boolean;
  /** As the file has it, for messages. */
  readonly line: string;
  /** Normalised, without a `$` at its end. */
  readonly parts: readonly string[];
  /** Whether the address must end where the pattern does. */
  readonly anchored: boolean;
  /** Octets of the pattern: the longest match counts. */
  readonly length: number;
}

/** What a path may be told. */
export interface Verdict {
  readonly allowed: boolean;
  /** The rule that decided; undefined if none did. */
  readonly rule: string | undefined;
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** What may stand for itself in a query, and stands there encoded as well. */
const QUERY_MARKS = /[:/?[\]@]/;

/** The rules of one robots.txt for one crawler. */
export class RobotsRules {
  readonly #rules: readonly Rule[];
  /** Seconds that the file asks for between two requests; 0 if it asks for nothing. */
  readonly crawlDelay: number;

  private constructor(rules: readonly Rule[], crawlDelay: number) {
    // The longest first, and of those that are as long the allowing ones.
    this.#rules = rules.toSorted((a, b) =>
      b.length - a.length || Number(b.allow) - Number(a.allow)
    );
    this.crawlDelay = crawlDelay;
  }

  /** No rules: everything may be fetched. */
  static readonly none: RobotsRules = new RobotsRules([], 0);

  /**
   * Reads a file.
   *
   * @param text The file.
   * @param token The crawler's product token.
   */
  static read(text: string, token: string): RobotsRules {
    const wanted = token.toLowerCase();
    const own = new Group();
    const others = new Group();
    let named = false;
    // The groups that the lines being read belong to, and whether their agents are still being named.
    let current: Group[] = [];
    let naming = false;
    for (const line of text.replace(/^\ufeff/, "").split(/\r\n?|\n/)) {
      const [key, value] = record(line);
      if (key === "user-agent") {
        if (!naming) current = [];
        naming = true;
        const group = value === "*" ? others : productToken(value) === wanted ? own : undefined;
        if (group === own) named = true;
        if (group !== undefined && !current.includes(group)) current.push(group);
      } else if (key === "allow" || key === "disallow") {
        naming = false;
        const rule = value === "" ? undefined : ruleOf(key === "allow", value);
        if (rule !== undefined) { for (const group of current) group.rules.push(rule); }
      } else if (key === "crawl-delay") {
        const seconds = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : 0;
        for (const group of current) group.crawlDelay = Math.max(group.crawlDelay, seconds);
      }
    }
    const { rules, crawlDelay } = named ? own : others;
    return new RobotsRules(rules, crawlDelay);
  }

  /** Whether an address may be fetched; only its path and query are looked at. */
  check(url: URL): Verdict {
    if (url.pathname === "/robots.txt" || this.#rules.length === 0) {
      return { allowed: true, rule: undefined };
    }
    const path = verbatim(normalised(url.pathname + url.search));
    const rule = this.#rules.find((rule) => matches(rule, path));
    return { allowed: rule?.allow ?? true, rule: rule?.line };
  }
}

/** The rules of all groups of a name, together. */
class Group {
  readonly rules: Rule[] = [];
  crawlDelay = 0;
}

/** Key (in lower case) and value of a line; empty for what is none. */
function record(line: string): [key: string, value: string] {
  const comment = line.indexOf("#");
  const text = comment < 0 ? line : line.slice(0, comment);
  const colon = text.indexOf(":");
  if (colon < 0) return ["", ""];
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

/** The token that a name begins with, as in `ExampleBot/1.0`. */
function productToken(value: string): string {
  return /^[A-Za-z_-]*/.exec(value)![0].toLowerCase();
}

function ruleOf(allow: boolean, value: string): Rule | undefined {
  if (!/^[/*]/.test(value)) return undefined;
  const anchored = value.endsWith("$");
  const pattern = normalised(anchored ? value.slice(0, -1) : value);
  return {
    allow,
    line: `${allow ? "Allow" : "Disallow"}: ${value}`,
    parts: pattern.split(/\*+/).map(verbatim),
    anchored,
    length: pattern.length + Number(anchored),
  };
}

/** Whether a pattern matches from the beginning of a path on. */
function matches({ parts, anchored }: Rule, path: string): boolean {
  const first = parts[0]!;
  if (!path.startsWith(first)) return false;
  if (parts.length === 1) return !anchored || path.length === first.length;
  let at = first.length;
  const last = parts.length - 1;
  for (let index = 1; index < last; index++) {
    const found = path.indexOf(parts[index]!, at);
    if (found < 0) return false;
    at = found + parts[index]!.length;
  }
  const end = parts[last]!;
  return anchored ? path.length - end.length >= at && path.endsWith(end) : path.includes(end, at);
}

/**
 * A path or pattern as it is compared (RFC 9309, section 2.2.2): what is not ASCII percent-encoded, what was encoded
 * without need as itself, the others in upper case. In a query also the marks that may stand there as they are.
 */
function normalised(path: string): string {
  const query = path.indexOf("?");
  return query < 0
    ? inPath(path)
    : inPath(path.slice(0, query + 1)) + inQuery(path.slice(query + 1));
}

/** What is special in patterns and means itself here: as `%2A` and `%24`, which is how patterns write it. */
function verbatim(text: string): string {
  return text.replaceAll("*", "%2A").replaceAll("$", "%24");
}

function inPath(text: string): string {
  return encoded(text).replace(
    /%[0-9A-Fa-f]{2}/g,
    (code) => plain(code, UNRESERVED) ?? code.toUpperCase(),
  );
}

function inQuery(text: string): string {
  return inPath(text).replace(/%[0-9A-F]{2}/g, (code) => plain(code, QUERY_MARKS) ?? code);
}

function plain(code: string, allowed: RegExp): string | undefined {
  const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
  return allowed.test(character) ? character : undefined;
}

/** What no address has as it is, percent-encoded. */
function encoded(text: string): string {
  return text.toWellFormed().replace(
    /[^\x21-\x7e]+|["<>\\^`{|}]/g,
    (characters) => encodeURIComponent(characters),
  );
}
