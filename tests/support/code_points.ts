/** The code points that the engine knows; those that only a newer Unicode has, it cannot know. */

const UNASSIGNED = /\p{Cn}/u;

/** Each known code point as a string, surrogates left out. */
export const KNOWN: readonly string[] = known();

/** The same with only one block of private use, which is all of the same behaviour. */
export const DISTINCT: readonly string[] = KNOWN.filter((character) =>
  character < "\u{e000}" || character < "\u{f0000}"
);

/** A text as a person can tell it apart in a message: its code points. */
export function escaped(text: string): string {
  return Array.from(text, (c) => `U+${c.codePointAt(0)!.toString(16)}`).join(" ");
}

function known(): string[] {
  const characters: string[] = [];
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    if (!UNASSIGNED.test(character)) characters.push(character);
  }
  return characters;
}
