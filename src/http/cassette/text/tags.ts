/**
 * The tags of HTML and XML, found one by one, with their attributes: no tree, so that a piece of a page and a page in a
 * string are read too.
 *
 * @module
 */

import { unescaped } from "./named.ts";
import type { Span } from "../rules.ts";

/** An attribute; its value without quotes. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly span: Span;
}

/** A tag. */
export interface Tag {
  /** Its name without a prefix, in lower case. */
  readonly name: string;
  /** As it is written. */
  readonly written: string;
  readonly start: number;
  readonly end: number;
  readonly closes: boolean;
  readonly isEmpty: boolean;
  readonly attributes: readonly Attribute[];
}

const BEGIN = /<(\\?\/)?([A-Za-z_][\w:.-]{0,127})/g;
const ATTRIBUTE = /[\s/]*([^\s=>"'/\\<]{1,128})(?:\s{0,64}=\s{0,64}(?:(\\*["'])|([^\s>"'`\\]*)))?/y;
const END = /[\s/\\]*(\/?)>/y;
const MOST_ATTRIBUTES = 256;

/** The tags of a text. */
export function* tagsOf(text: string): Generator<Tag> {
  BEGIN.lastIndex = 0;
  for (let found = BEGIN.exec(text); found !== null; found = BEGIN.exec(text)) {
    const [whole, slash, written] = found as unknown as [string, string | undefined, string];
    const attributes: Attribute[] = [];
    let at = found.index + whole.length;
    let isEmpty = false;
    for (let count = 0; count < MOST_ATTRIBUTES; count++) {
      END.lastIndex = at;
      const end = END.exec(text);
      if (end !== null) {
        at = END.lastIndex;
        isEmpty = end[1] === "/";
        break;
      }
      const next = attributeAt(text, at);
      if (next === undefined) break;
      attributes.push(next.attribute);
      at = next.end;
    }
    const resume = Math.max(at, found.index + whole.length);
    yield {
      name: written.slice(written.indexOf(":") + 1).toLowerCase(),
      written,
      start: found.index,
      end: resume,
      closes: slash !== undefined,
      isEmpty,
      attributes,
    };
    BEGIN.lastIndex = resume;
  }
}

function attributeAt(text: string, at: number): { attribute: Attribute; end: number } | undefined {
  ATTRIBUTE.lastIndex = at;
  const found = ATTRIBUTE.exec(text);
  if (found === null) return undefined;
  const [, name, quote, bare] = found as unknown as [string, string, string?, string?];
  const end = ATTRIBUTE.lastIndex;
  if (quote === undefined) {
    const start = end - (bare ?? "").length;
    return {
      attribute: { name: name.toLowerCase(), value: plain(bare ?? ""), span: [start, end] },
      end,
    };
  }
  const close = text.indexOf(quote, end);
  // One without an end is no reason to hide a page: it goes as far as the tag may.
  const last = close >= 0 ? close : end + Math.max(0, text.slice(end, end + 4_096).search(/>|$/));
  return {
    attribute: { name: name.toLowerCase(), value: plain(text.slice(end, last)), span: [end, last] },
    end: close >= 0 ? close + quote.length : last,
  };
}

function plain(value: string): string {
  return value.length > 256 ? value : unescaped(value).trim();
}
