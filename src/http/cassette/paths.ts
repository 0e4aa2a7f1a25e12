/**
 * Secrets in paths: the part behind one that names a secret, as in `/reset/token/...`. What is a word of the way itself
 * (`/token/refresh`) stays, so that requests are told apart.
 *
 * @module
 */

import { isPlainName, isSecretName } from "./names.ts";
import type { Span } from "./rules.ts";

/** Parts of paths behind such names that are no secrets. */
const ROUTES = new Set([
  ...["login", "logout", "signin", "signout", "signup", "register", "reset", "forgot", "forgotten"],
  ...[
    "refresh",
    "revoke",
    "rotate",
    "renew",
    "verify",
    "validate",
    "confirm",
    "introspect",
    "info",
  ],
  ...[
    "change",
    "update",
    "create",
    "delete",
    "remove",
    "new",
    "edit",
    "set",
    "unset",
    "get",
    "list",
  ],
  ...["check", "strength", "policy", "policies", "request", "requests", "callback", "status", "me"],
  ...["settings", "config", "metadata", "data", "keys", "user", "users", "admin", "api", "oauth"],
  ...["oauth2", "authorize", "exchange", "generate", "send", "resend", "email", "sms", "recover"],
  ...[
    "recovery",
    "count",
    "count_tokens",
    "usage",
    "session",
    "sessions",
    "health",
    "docs",
    "help",
  ],
  ...["index", "search", "all", "current", "self", "lookup", "lookup-self", "renew-self", "public"],
]);

/** Names of parts behind which there are more ways than secrets. */
const WEAK =
  /^(?:auth|authorization|session|pass|cookie|nonce|pin|assertion|sig|signature|credentials?)$/i;

const SEVERAL = /^(?:[a-z]+[-_])?(?:tokens|passwords|secrets|api[-_]?keys|sessions|credentials)$/i;

/** Parts behind such a name that have a secret behind them: `/password/reset/...`. */
const LEADS =
  /^(?:reset|verify|validate|confirm|change|forgot|recover|recovery|refresh|revoke|check|set|new|v\d{1,3})$/i;

/** Whether a part of a path is a secret, by the part before it and the one before that. */
export function isSecretPart(before: string, part: string, first = ""): boolean {
  if (part === "" || before.includes("=")) return false;
  const isWord = /^[a-z]+(?:[-_][a-z]+)*$/.test(part) && part.length <= 32;
  // Things of a kind have names, which are no secrets where they are words.
  const isFile = /\.[a-z]{1,5}$/.test(part);
  if (SEVERAL.test(before) && !isWord && !isFile && !ROUTES.has(part.toLowerCase())) return true;
  const isLed = LEADS.test(before) && isSecretName(first) && !WEAK.test(first);
  if (!isLed && !isSecretName(before)) return false;
  if (isPlainName(part) || ROUTES.has(part.toLowerCase()) || /^v\d{1,3}$/.test(part)) return false;
  // A file; the place of a part in the pattern of a path.
  if (/^[A-Za-z_-]{1,32}\.[a-z]{1,5}$/.test(part) || /^(?:[:{$<*]|\[[a-z])/.test(part)) {
    return false;
  }
  return !WEAK.test(before) || !isWord;
}

const PART =
  /(\\{0,2}\/|(?<![\w/.%-]))([A-Za-z][\w.-]{1,63})\\{0,2}\/(?=(\[[A-Z][A-Z_ -]*(?::[0-9a-f]{4})?\]|[^\s/"'`<>?#&;,)\]}\\]+))/g;

/** The secret parts of paths in a text. */
export function pathSpans(text: string): Span[] {
  const spans: Span[] = [];
  let last = { name: "", end: -1 };
  PART.lastIndex = 0;
  for (let found = PART.exec(text); found !== null; found = PART.exec(text)) {
    const [whole, slash, name, part] = found as unknown as [string, string, string, string];
    const start = found.index + whole.length;
    // The part may be a name itself.
    PART.lastIndex = found.index + slash.length + name.length;
    const before = last.end === found.index ? last.name : "";
    last = { name, end: PART.lastIndex };
    if (!isSecretPart(name, part, before)) continue;
    // Without a slash before it, two words with one between are more likely just that.
    if (slash === "" && !/\d/.test(part) && part.length < 16) continue;
    spans.push([start, start + part.length]);
  }
  return spans;
}
