/**
 * How requests and answers cross the boundary: numbers and strings, each in order. The other side is
 * `rust/areas/queue/src/file/wire.rs`.
 *
 * @module
 */

import { cut, decodeText } from "../../../native/call.ts";
import type { Counts, NewJob, StoredJob, TakenJob } from "../../store.ts";
import { STATES } from "../sql.ts";
import type { Answer, Answers, News, Outcome, Unit, UnitKind } from "../units.ts";

/** The kinds of requests; a kind is its place here. */
const KINDS: readonly UnitKind[] = [
  "add",
  "take",
  "complete",
  "fail",
  "release",
  "report",
  "cancel",
  "get",
  "list",
  "retry",
  "purge",
  "pause",
  "paused",
  "counts",
  "news",
  "held",
  "wait",
];
const NUMBERS: ReadonlyMap<UnitKind, number> = new Map(KINDS.map((kind, at) => [kind, at]));
/** A limit that is none. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** Requests on their way. */
export interface Packet {
  readonly numbers: Uint8Array<ArrayBuffer>;
  readonly strings: string[];
}

/** Writes requests. */
export function encode(units: readonly Unit[]): Packet {
  const numbers: number[] = [];
  const strings: string[] = [];
  for (const unit of units) {
    const at = numbers.push(NUMBERS.get(unit.kind)!, 0, 0);
    const first = strings.length;
    write(unit, numbers, strings);
    numbers[at - 2] = numbers.length - at;
    numbers[at - 1] = strings.length - first;
  }
  return { numbers: new Uint8Array(new Float64Array(numbers).buffer), strings };
}

function write(unit: Unit, numbers: number[], strings: string[]): void {
  switch (unit.kind) {
    case "add":
      for (const job of unit.jobs) writeJob(job, numbers, strings);
      return;
    case "take":
      numbers.push(unit.most);
      return;
    case "complete":
      numbers.push(unit.token);
      strings.push(unit.id, unit.result);
      return;
    case "fail":
      numbers.push(unit.token, unit.retryAt ?? -1);
      strings.push(unit.id, unit.error);
      return;
    case "release":
      numbers.push(unit.token);
      strings.push(unit.id);
      return;
    case "report":
      numbers.push(unit.token);
      strings.push(unit.id, unit.progress);
      return;
    case "cancel":
    case "get":
      strings.push(unit.id);
      return;
    case "list":
      numbers.push(unit.state, unit.offset, Math.min(unit.limit, UNLIMITED));
      return;
    case "retry":
      numbers.push(unit.ids === undefined ? -1 : unit.ids.length);
      if (unit.ids !== undefined) strings.push(...unit.ids);
      return;
    case "purge":
      numbers.push(unit.state, unit.before);
      return;
    case "pause":
      numbers.push(unit.paused ? 1 : 0);
      return;
    case "news":
      numbers.push(unit.since);
      strings.push(...unit.progress);
      return;
    case "wait":
      numbers.push(unit.waits ? 1 : 0);
  }
}

function writeJob(job: NewJob, numbers: number[], strings: string[]): void {
  numbers.push(
    job.priority,
    job.runAt,
    job.retries,
    job.backoffMs,
    job.timeoutMs,
    job.children,
    job.tolerant ? 1 : 0,
  );
  strings.push(job.id, job.data, job.key, job.group, job.parent, job.repeat);
}

/** A failure on its way: a kind, a number and a message. */
export interface RawFailure {
  readonly kind: string;
  readonly code: number;
  readonly message: string;
}

/** Reads answers. */
export function decode(
  payload: Uint8Array,
  units: readonly Unit[],
  failure: (raw: RawFailure) => unknown,
): Outcome {
  const reader = new Reader(payload);
  const ready = reader.number() !== 0;
  const answers = units.map((unit): Answer => {
    if (reader.number() !== 0) return { ok: true, value: read(unit, reader) };
    const code = reader.number();
    return { ok: false, error: failure({ code, kind: reader.text(), message: reader.text() }) };
  });
  return { answers, ready };
}

/** Goes through a payload. */
class Reader {
  readonly #numbers: Float64Array;
  readonly #strings: string[];
  #number = 0;
  #string = 0;

  constructor(payload: Uint8Array) {
    const { buffer, byteOffset } = payload;
    const [numbers, strings] = new Uint32Array(buffer, byteOffset, 2) as unknown as [
      number,
      number,
    ];
    const textAt = 8 + 8 * numbers;
    this.#numbers = new Float64Array(buffer, byteOffset + 8, numbers);
    const lengths = new Uint32Array(buffer, byteOffset + textAt, strings);
    this.#strings = strings === 0
      ? []
      : cut(decodeText(payload.subarray(textAt + 4 * strings)), 0, lengths);
  }

  number(): number {
    return this.#numbers[this.#number++]!;
  }

  text(): string {
    return this.#strings[this.#string++]!;
  }
}

function read(unit: Unit, reader: Reader): Answers[UnitKind] {
  switch (unit.kind) {
    case "add": {
      const isReplaced = reader.number() !== 0;
      return unit.jobs.map((job) => isReplaced ? reader.text() : job.id);
    }
    case "take": {
      const count = reader.number();
      const nextDue = reader.number();
      const jobs = many(count, () => readTaken(reader));
      return { jobs: jobs.map(({ job, children }) => withResults(job, children, reader)), nextDue };
    }
    case "get":
      return readJobs(reader)[0];
    case "list":
      return readJobs(reader);
    case "retry":
    case "purge":
      return reader.number();
    case "counts":
      return readCounts(reader);
    case "news":
      return readNews(unit.progress.length, reader);
    case "held":
      return many(
        reader.number(),
        (): [string, number] => [reader.text(), reader.number()],
      );
    default:
      return reader.number() !== 0;
  }
}

function many<T>(count: number, one: () => T): T[] {
  const all: T[] = [];
  for (let at = 0; at < count; at++) all.push(one());
  return all;
}

function readTaken(reader: Reader): { job: TakenJob; children: number } {
  const attempt = reader.number();
  const failed = reader.number() !== 0;
  const retries = reader.number();
  const backoffMs = reader.number();
  const timeoutMs = reader.number();
  const priority = reader.number();
  const token = reader.number();
  const children = reader.number();
  return {
    children,
    job: {
      id: reader.text(),
      data: reader.text(),
      attempt,
      failed,
      retries,
      backoffMs,
      timeoutMs,
      priority: priority + 0,
      key: reader.text(),
      group: reader.text(),
      repeat: reader.text(),
      childResults: [],
      token,
    },
  };
}

function withResults(job: TakenJob, children: number, reader: Reader): TakenJob {
  if (children === 0) return job;
  const childResults = many(children, (): [string, string] => [reader.text(), reader.text()]);
  return { ...job, childResults };
}

function readJobs(reader: Reader): StoredJob[] {
  return many(reader.number(), () => readStored(reader));
}

function readStored(reader: Reader): StoredJob {
  const state = STATES[reader.number()]!;
  const attempts = reader.number();
  const addedAt = reader.number();
  const finishedAt = reader.number();
  const priority = reader.number() + 0;
  const runAt = reader.number();
  const flags = reader.number();
  const id = reader.text();
  const data = reader.text();
  const key = reader.text();
  const group = reader.text();
  const repeat = reader.text();
  return {
    id,
    state,
    data,
    result: (flags & 1) === 0 ? undefined : reader.text(),
    error: (flags & 2) === 0 ? undefined : reader.text(),
    attempts,
    progress: (flags & 4) === 0 ? undefined : reader.text(),
    addedAt,
    finishedAt: finishedAt < 0 ? undefined : finishedAt,
    priority,
    key,
    group,
    repeat,
    runAt,
  };
}

function readCounts(reader: Reader): Counts {
  return {
    waiting: reader.number(),
    delayed: reader.number(),
    blocked: reader.number(),
    running: reader.number(),
    done: reader.number(),
    dead: reader.number(),
    cancelled: reader.number(),
    retrying: reader.number(),
  };
}

function readNews(progress: number, reader: Reader): News {
  return {
    waiting: reader.number() !== 0,
    nextDue: reader.number(),
    ended: reader.number(),
    held: reader.number(),
    settled: readJobs(reader),
    progress: many(progress, () => reader.number() === 0 ? undefined : reader.text()),
  };
}
