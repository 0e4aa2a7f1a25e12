/**
 * Jobs as they cross the boundary: numbers in one list, texts in another, many at a time.
 *
 * @module
 */

import { cut, RESULT } from "../../../native/call.ts";
import type { NewJob, TakenJob } from "../../store.ts";

/** Numbers of a job that is added. */
const NUMBERS = 7;
/** In front of the jobs that were taken: how many, and how many texts. */
const HEAD_BYTES = 8;
/** Numbers of a job that was taken. */
const TAKEN_NUMBERS = 8;
/** Texts of a job that was taken, but for its children's. */
const TAKEN_TEXTS = 5;

const NOTHING: readonly (readonly [string, string])[] = [];

/** What adding one job after the other uses again and again. */
const single = new Float64Array(NUMBERS);

/** The numbers of jobs to be added; good until the next call. */
export function numbersOf(jobs: readonly NewJob[]): Float64Array<ArrayBuffer> {
  const numbers = jobs.length === 1 ? single : new Float64Array(jobs.length * NUMBERS);
  for (let i = 0, at = 0; i < jobs.length; i++) {
    const job = jobs[i]!;
    numbers[at++] = job.priority;
    numbers[at++] = job.runAt;
    numbers[at++] = job.retries;
    numbers[at++] = job.backoffMs;
    numbers[at++] = job.timeoutMs;
    numbers[at++] = job.children;
    numbers[at++] = job.tolerant ? 1 : 0;
  }
  return numbers;
}

/** The texts of jobs to be added. */
export function textsOf(jobs: readonly NewJob[]): string[] {
  const texts: string[] = [];
  for (const { id, data, key, group, parent, repeat } of jobs) {
    texts.push(id, data, key, group, parent, repeat);
  }
  return texts;
}

/** Reads the jobs that a call took out of its result. */
export function readTaken(written: number): TakenJob[] {
  if (written === 0) return [];
  const count = RESULT.words[0]!;
  const textCount = RESULT.words[1]!;
  const lengthsAt = HEAD_BYTES + 8 * TAKEN_NUMBERS * count;
  const lengths = new Uint32Array(RESULT.bytes.buffer, lengthsAt, textCount);
  const textAt = lengthsAt + 4 * textCount;
  const texts = cut(RESULT.text(textAt, written - textAt), 0, lengths);
  const taken = new Array<TakenJob>(count);
  let number = HEAD_BYTES / 8;
  let text = 0;
  for (let i = 0; i < count; i++) {
    const children = RESULT.floats[number + 7]!;
    taken[i] = {
      token: RESULT.floats[number]!,
      attempt: RESULT.floats[number + 1]!,
      failed: RESULT.floats[number + 2] === 1,
      priority: RESULT.floats[number + 3]!,
      retries: RESULT.floats[number + 4]!,
      backoffMs: RESULT.floats[number + 5]!,
      timeoutMs: RESULT.floats[number + 6]!,
      id: texts[text]!,
      data: texts[text + 1]!,
      key: texts[text + 2]!,
      group: texts[text + 3]!,
      repeat: texts[text + 4]!,
      childResults: children === 0 ? NOTHING : pairs(texts, text + TAKEN_TEXTS, children),
    };
    number += TAKEN_NUMBERS;
    text += TAKEN_TEXTS + 2 * children;
  }
  RESULT.release();
  return taken;
}

function pairs(texts: readonly string[], from: number, count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [texts[from + 2 * i]!, texts[from + 2 * i + 1]!]);
}
