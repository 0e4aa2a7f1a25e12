/** Reads what a deployment waits for, from a template or an option. @module */

import {
  checkString,
  checkWord,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { knownFields } from "../policy/mod.ts";
import type { WaitFor } from "./types.ts";

const KINDS = ["port", "log", "healthy", "http", "running"];
const MOST_MS = 3_600_000;

/**
 * Reads it.
 *
 * @throws {TypeError | RangeError} If it is none, or more than one.
 */
export function readWait(value: unknown, name: string): WaitFor {
  const fields = knownFields(value, name, [...KINDS, "timeoutMs"]);
  const [kind, ...more] = Object.keys(fields).filter((key) => key !== "timeoutMs");
  if (kind === undefined || more.length > 0) {
    throw new TypeError(`${name} must have exactly one of ${KINDS.join(", ")}`);
  }
  const timeout = fields["timeoutMs"] === undefined ? {} : {
    timeoutMs: wholeNumber(fields["timeoutMs"], `${name}.timeoutMs`, { least: 1, most: MOST_MS }),
  };
  const port = (given: unknown, place: string): number =>
    wholeNumber(given, place, { least: 1, most: 65_535 });
  switch (kind) {
    case "port":
      return { port: port(fields["port"], `${name}.port`), ...timeout };
    case "log": {
      const { log } = fields;
      checkString(log, `${name}.log`);
      if (log === "" || log.length > 1000) throw wrongValue(`${name}.log`, "a part of a line", log);
      return { log, ...timeout };
    }
    case "http": {
      const http = knownFields(fields["http"], `${name}.http`, ["port", "path", "status"]);
      const { path = "/", status } = http;
      checkString(path, `${name}.http.path`);
      if (!/^\/[!-~]*$/.test(path)) throw wrongValue(`${name}.http.path`, "a path of a URL", path);
      if (status !== undefined && !Array.isArray(status)) {
        throw wrongType(`${name}.http.status`, "an array of statuses", status);
      }
      const codes = (status as unknown[] | undefined)?.map((code) =>
        wholeNumber(code, `${name}.http.status`, { least: 100, most: 599 })
      );
      return {
        http: { port: port(http["port"], `${name}.http.port`), path, status: codes },
        ...timeout,
      };
    }
    default:
      checkWord(String(fields[kind]), `${name}.${kind}`, ["true"]);
      return kind === "healthy" ? { healthy: true, ...timeout } : { running: true, ...timeout };
  }
}
