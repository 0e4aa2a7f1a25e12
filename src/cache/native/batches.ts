/**
 * Batches of the native twin: how keys and values are made of what comes back for many at once.
 *
 * @module
 */

import { CONTENTS, RESULT } from "../../native/call.ts";
import { type Packed, StringPacker } from "../../native/pack.ts";
import type { Codec, Stored } from "../codec.ts";
import type { LocalCopies } from "./local_copies.ts";
import { readStored } from "./result.ts";

/** What a key takes in the columns in front of the values. */
const COLUMNS_BYTES = 20;
/** In place of a length: there is no entry. In place of a place: there is no more. */
const MISSING = 0xffff_ffff;
/**
 * Texts are decoded together up to so many bytes and then cut, which is several times as fast as one by
 * one. A piece keeps the whole in memory, so the whole is not long.
 */
const TOGETHER_BYTES = 8_192;
/** Longer ones are decoded alone. */
const ALONE_BYTES = 1_024;

/** Takes keys out of the result and adds them to `found`; from which place to go on, if there are more. */
export function takeKeys(found: string[]): number | undefined {
  const { words } = RESULT;
  const next = words[0] as number;
  let at = 8;
  for (let left = words[1] as number; left > 0; left--) {
    const length = words[at >> 2] as number;
    found.push(RESULT.text(at + 4, length));
    at += 4 + ((length + 3) & ~3);
  }
  return next === MISSING ? undefined : next;
}

/**
 * Takes texts out of the result into their places. One that is fetched for the second time is kept as a
 * local copy, a string of its own; what comes in bulk drives nothing out that is read one by one.
 */
export function takeTexts(
  copies: LocalCopies<unknown>,
  keys: readonly string[],
  places: readonly number[],
  found: unknown[],
): void {
  const { floats, words } = RESULT;
  const count = keys.length;
  let at = COLUMNS_BYTES * count;
  /** Texts that were decoded together: up to which key, and from which character on they are left. */
  let until = 0;
  let together = "";
  let from = 0;
  for (let i = 0; i < count; i++) {
    const length = words[3 * count + i] as number;
    if (length === MISSING) continue;
    const units = words[4 * count + i] as number;
    if (i >= until && length <= ALONE_BYTES) {
      let bytes = 0;
      for (until = i; until < count; until++) {
        const next = words[3 * count + until] as number;
        if (next === MISSING) continue;
        if (next > ALONE_BYTES || bytes + next > TOGETHER_BYTES) break;
        bytes += next;
      }
      together = RESULT.text(at, bytes);
      from = 0;
    }
    const slot = words[2 * count + i] as number;
    const version = floats[i] as number;
    let text: string;
    if (length > ALONE_BYTES) {
      text = RESULT.text(at, length);
    } else {
      text = together.slice(from, from + units);
      from += units;
    }
    const again = copies.fetchedBefore(slot, version);
    if (again || length > ALONE_BYTES) {
      const own = length > ALONE_BYTES ? text : RESULT.text(at, length);
      const key = (keys[i] as string).toWellFormed();
      copies.put(key, own, slot, version, key.length + length, false);
    }
    found[places[i] as number] = text;
    at += length;
  }
}

/** Takes values that are no texts out of the result into their places, and keeps local copies. */
export function takeOthers<V>(
  copies: LocalCopies<V>,
  codec: Codec<V>,
  keys: readonly string[],
  places: readonly number[],
  found: (V | undefined)[],
): void {
  const { floats, words } = RESULT;
  const count = keys.length;
  let at = COLUMNS_BYTES * count;
  for (let i = 0; i < count; i++) {
    const length = words[3 * count + i] as number;
    if (length === MISSING) continue;
    const value = codec.decode(readStored(codec.name, at, length));
    at += length;
    const key = (keys[i] as string).toWellFormed();
    const slot = words[2 * count + i] as number;
    copies.put(key, value, slot, floats[i] as number, key.length + length, false);
    found[places[i] as number] = codec.forReader(value);
  }
}

const textValues = new StringPacker();

/** Packs many values: texts as keys are packed, bytes one behind the other. */
export function packValues(stored: readonly Stored[], binary: boolean): Packed {
  return binary ? CONTENTS.pack(stored) : textValues.pack(stored as readonly string[]);
}

/** Lets go of large buffers of the last {@linkcode packValues}. */
export function releaseValues(): void {
  textValues.release();
  CONTENTS.release();
}
