/**
 * Keys from the bytes that a terminal sends: names such as `up`, `enter`, `ctrl-c`, or the character itself.
 *
 * @module
 */

const SEQUENCES: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "OA": "up",
  "OB": "down",
  "OC": "right",
  "OD": "left",
  "[H": "home",
  "[F": "end",
  "OH": "home",
  "OF": "end",
  "[1~": "home",
  "[4~": "end",
  "[7~": "home",
  "[8~": "end",
  "[5~": "page-up",
  "[6~": "page-down",
};
const CONTROLS: Readonly<Record<string, string>> = {
  "\x03": "ctrl-c",
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x15": "ctrl-u",
  "\x0c": "ctrl-l",
};

/** Reads keys as bytes come in; what is cut in the middle waits for its rest. */
export class KeyReader {
  readonly #decoder = new TextDecoder();

  /** The keys of some bytes. A lone escape byte at their end is the key Esc: terminals send sequences whole. */
  read(bytes: Uint8Array): string[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const keys: string[] = [];
    for (let at = 0; at < text.length;) {
      if (text[at] === "\x1b") {
        // deno-lint-ignore no-control-regex
        const [sequence] = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])?/.exec(text.slice(at))!;
        const key = sequence.length === 1 ? "escape" : SEQUENCES[sequence.slice(1)];
        if (key !== undefined) keys.push(key);
        at += sequence.length;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(at)!);
      at += character.length;
      const control = CONTROLS[character];
      if (control !== undefined) keys.push(control);
      else if (!/\p{C}/u.test(character)) keys.push(character);
    }
    return keys;
  }
}
