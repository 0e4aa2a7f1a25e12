/**
 * The digest by which a library is told apart that was built from other headers. `rust/headers` computes the same and
 * puts it into the library.
 */

/** FNV-1a, 32 bits, over the texts without comments and white space. */
export function digestOf(headers: readonly string[]): number {
  const text = headers.map((header) =>
    header.replace(/\/\*[^]*?\*\//g, "").replace(/[ \t\r\n]/g, "")
  ).join("");
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
