/**
 * What was asked of a container, kept with it as a label, so that whoever finds it later can compare what holds it with
 * that. A label is the word of whoever made the container; one that cannot be read is as none.
 *
 * @module
 */

import { CONTROL_NAMES } from "./gaps.ts";
import { LABEL } from "./owner.ts";
import type { ControlName, CreateBody, JsonObject, RequestedControls } from "./types.ts";

/** What was asked of a container, and what of it may be missing. */
export interface RequestRecord {
  readonly requested: RequestedControls;
  readonly accepted: readonly ControlName[];
}

/** Longer ones are not ours. */
const MOST_LENGTH = 65_536;

/** The engine's JSON with the label that keeps what was asked. */
export function withRecord(
  { body, requested }: Pick<CreateBody, "body" | "requested">,
  accepted: readonly ControlName[],
): JsonObject {
  const record: RequestRecord = { requested, accepted };
  const Labels = { ...body["Labels"] as JsonObject, [LABEL.requested]: JSON.stringify(record) };
  return { ...body, Labels };
}

/** What was asked of a container, by its labels; null if they do not say. */
export function readRecord(
  labels: Readonly<Record<string, string>> | null | undefined,
): RequestRecord | null {
  if (labels?.[LABEL.runtime] !== "1") return null;
  const text = labels[LABEL.requested];
  if (text === undefined || text.length > MOST_LENGTH) return null;
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

type Check = (value: unknown) => boolean;

const isNumber: Check = Number.isSafeInteger;
const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const is = (...words: readonly unknown[]): Check => (value) => words.includes(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const fieldsOf = (fields: Readonly<Record<string, Check>>): Check => (value) =>
  typeof value === "object" && value !== null &&
  Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const REQUESTED: Readonly<Record<keyof RequestedControls, Check>> = {
  profile: is("sandbox", "service", "lab"),
  user: fieldsOf({ uid: isNumber, gid: isNumber }),
  capabilities: listOf(isText),
  noNewPrivileges: is(true),
  seccomp: is("own", "engine"),
  readOnlyRoot: isFlag,
  tmpfs: listOf(fieldsOf({
    ...{ path: isText, sizeBytes: isNumber, mode: isNumber },
    ...{ uid: isNumber, gid: isNumber, exec: isFlag },
  })),
  mounts: listOf(fieldsOf({
    ...{ kind: is("bind", "volume"), source: isText, target: isText, readOnly: isFlag },
  })),
  memoryBytes: isNumber,
  memorySwapBytes: isNumber,
  pids: isNumber,
  nanoCpus: isNumber,
  openFiles: isNumber,
  coreBytes: is(0),
  fileBytes: orNull(isNumber),
  sharedMemoryBytes: isNumber,
  network: fieldsOf({ kind: is("none", "internal", "bridge"), name: isText }),
  ports: listOf(fieldsOf({
    ...{ container: isNumber, host: isNumber, protocol: is("tcp", "udp"), hostAddress: isText },
  })),
  ipc: is("private"),
  pid: is("private"),
  cgroup: is("private"),
  uts: is("private"),
  privileged: is(false),
  devices: listOf(() => false),
  gpus: isNumber,
  runtime: orNull(isText),
  init: is(true),
  restart: is("no"),
  logBytes: isNumber,
  oomScoreAdj: isNumber,
};

function isRecord(value: unknown): value is RequestRecord {
  return fieldsOf({ requested: fieldsOf(REQUESTED), accepted: listOf(is(...CONTROL_NAMES)) })(
    value,
  );
}
