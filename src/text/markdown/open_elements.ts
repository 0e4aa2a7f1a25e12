/**
 * The parser's stack of open elements. For each entry it knows the nearest barriers below, and for each name its
 * topmost entry, so that no tag costs a search, however deep the nesting. Twin: `open_elements.rs`.
 *
 * @module
 */

import { BUTTON, DIV, P, SCOPE, SPECIAL, TABLE_TAG, TEMPLATE } from "./tags.ts";

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(array.length * 2);
  more.set(array);
  return more;
}

/** The stack; its first entry is no element. */
export class OpenElements {
  /** Number of the top entry. */
  top = 0;
  /** Of each name the number of its topmost entry, 0 if there is none. */
  last = new Int32Array(256);
  /** The node of each entry. */
  node = new Int32Array(64);
  /** The name of each entry. */
  tag = new Int32Array(64);
  /** The nearest entry, itself included, that bounds blocks. */
  scope = new Int32Array(64);
  /** The same for list items. */
  item = new Int32Array(64);
  /** The same for parts of tables. */
  table = new Int32Array(64);
  /** The same for ordinary elements. */
  special = new Int32Array(64);
  #before = new Int32Array(64);

  /** Whether there is an open paragraph that a block would end. */
  get paragraph(): boolean {
    const place = this.last[P]!;
    return place > this.scope[this.top]! && place > this.last[BUTTON]!;
  }

  /** Opens an element. */
  push(tag: number, node: number, rules: number): void {
    const place = ++this.top;
    if (place === this.node.length) this.#grow();
    while (tag >= this.last.length) this.last = grown(this.last);
    this.node[place] = node;
    this.tag[place] = tag;
    this.#before[place] = this.last[tag]!;
    this.last[tag] = place;
    const special = (rules & SPECIAL) !== 0;
    const below = place - 1;
    this.scope[place] = (rules & SCOPE) !== 0 ? place : this.scope[below]!;
    this.item[place] = special && tag !== P && tag !== DIV ? place : this.item[below]!;
    this.table[place] = tag === TABLE_TAG || tag === TEMPLATE ? place : this.table[below]!;
    this.special[place] = special ? place : this.special[below]!;
  }

  /** Closes the top element; its name is returned. */
  pop(): number {
    const place = this.top--;
    const tag = this.tag[place]!;
    this.last[tag] = this.#before[place]!;
    return tag;
  }

  #grow(): void {
    this.node = grown(this.node);
    this.tag = grown(this.tag);
    this.scope = grown(this.scope);
    this.item = grown(this.item);
    this.table = grown(this.table);
    this.special = grown(this.special);
    this.#before = grown(this.#before);
  }
}
