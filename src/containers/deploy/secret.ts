/**
 * The secret of a deployment: random, made for it alone, and hidden wherever output of it is shown.
 *
 * @module
 */

const HIDDEN = "[hidden]";
/** Shorter values are words that anybody could write; hiding them would only make a log unreadable. */
const SHORTEST = 6;

/** A token of 256 random bits, in 43 characters that need no quoting anywhere. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** An identifier: 12 hexadecimal digits. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(6)).toHex();
}

/**
 * Hides secrets in a text, also as URLs, JSON and base64 write them; who encodes them in another way is not stopped.
 *
 * @param text What is shown.
 * @param secrets What must not be.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const part of [secret, ...secret.split(/\r?\n/)]) {
      if (part.length < SHORTEST) continue;
      forms.add(part);
      forms.add(encodeURIComponent(part));
      forms.add(JSON.stringify(part).slice(1, -1));
      // Of whole groups only: the last one depends on what comes after it.
      const bytes = new TextEncoder().encode(part);
      forms.add(bytes.subarray(0, bytes.length - bytes.length % 3).toBase64());
    }
  }
  // The longest first: a part of it may be another one.
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  return sorted.reduce((shown, form) => shown.replaceAll(form, HIDDEN), text);
}

/** A line without what steers a terminal: what programs say is anybody's. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu, "").replace(/\p{Cc}+/gu, " ").trimEnd();
}
