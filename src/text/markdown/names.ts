/**
 * Looks up known names of elements, attributes and words in a text, whatever the case of their ASCII letters, without
 * making a string. Twin: `names.rs`.
 *
 * @module
 */

const SLOTS = 1024;

/** A fixed set of names; the number of a name is its place in the list, from 1 on. */
export class Names {
  readonly #names: readonly string[];
  readonly #slots = new Int16Array(SLOTS);
  readonly #longest: number;

  /** Takes the names, in lower case, separated by spaces. */
  constructor(list: string) {
    this.#names = list.split(" ");
    let longest = 0;
    for (let index = 0; index < this.#names.length; index++) {
      const name = this.#names[index]!;
      longest = Math.max(longest, name.length);
      let hash = 0;
      for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) | 0;
      let slot = hash & (SLOTS - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.#slots[slot] = index + 1;
    }
    this.#longest = longest;
  }

  /** The number of the name that is at a place of a text; 0 if it is none of these. */
  find(text: string, from: number, to: number): number {
    if (to - from > this.#longest) return 0;
    let hash = 0;
    for (let at = from; at < to; at++) {
      let code = text.charCodeAt(at);
      if (code >= 65 && code <= 90) code |= 32;
      hash = (hash * 31 + code) | 0;
    }
    let slot = hash & (SLOTS - 1);
    for (;;) {
      const id = this.#slots[slot]!;
      if (id === 0 || this.#is(id, text, from, to)) return id;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  /** The number of a name of the list. */
  id(name: string): number {
    return this.#names.indexOf(name) + 1;
  }

  #is(id: number, text: string, from: number, to: number): boolean {
    const name = this.#names[id - 1]!;
    if (name.length !== to - from) return false;
    for (let at = 0; at < name.length; at++) {
      let code = text.charCodeAt(from + at);
      if (code >= 65 && code <= 90) code |= 32;
      if (code !== name.charCodeAt(at)) return false;
    }
    return true;
  }
}
