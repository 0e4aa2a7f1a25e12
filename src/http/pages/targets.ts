/**
 * The addresses of a call: read, brought into one spelling, duplicates of a list put together.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";

/** An address that was given, perhaps several times. */
export interface Address {
  /** Where it stands among what was given. */
  indices: number[];
  /** The address without a fragment; undefined if it is none. A string, because a list may be long. */
  href: string | undefined;
  /** What was given, for errors. */
  given: string;
}

/** An address that is under way. */
export interface Target {
  readonly indices: number[];
  readonly url: URL;
}

/** The addresses of a list, each once; or those of a stream as they come. */
export function addressesOf(
  urls: Iterable<string | URL> | AsyncIterable<string | URL>,
): { addresses: Iterable<Address> | AsyncIterable<Address>; total: number | undefined } {
  if (Symbol.asyncIterator in urls) return { addresses: streamed(urls), total: undefined };
  const grouped = new Map<string, Address>();
  let total = 0;
  for (const given of urls) {
    const address = read(given, total++);
    const key = address.href ?? `\0${total}`;
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, address);
    else known.indices.push(...address.indices);
  }
  return { addresses: grouped.values(), total };
}

async function* streamed(urls: AsyncIterable<string | URL>): AsyncGenerator<Address> {
  let index = 0;
  for await (const given of urls) yield read(given, index++);
}

function read(given: unknown, index: number): Address {
  const text = given instanceof URL ? given.href : given;
  const url = typeof text === "string" ? URL.parse(text) : null;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === null || !isWeb) return { indices: [index], href: undefined, given: shown(given) };
  url.hash = "";
  return { indices: [index], href: url.href, given: url.href };
}
