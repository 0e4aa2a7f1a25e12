/**
 * What a rule is made of: data, and the function that looks.
 *
 * @module
 */

import type { Facts, Process } from "./facts.ts";
import type { Evidence, ThreatRule } from "./types.ts";

/** What a function of a rule gives for each thing that it saw. */
export interface Found {
  readonly pid?: number;
  readonly evidence: Evidence;
}

/** A rule with its function. */
export interface Rule extends ThreatRule {
  /** Looks, and gives what it saw. */
  readonly find: (facts: Facts) => Found[];
  /** Why it cannot look at all there is; undefined if it can. */
  readonly blind?: (facts: Facts) => string | undefined;
}

/** What is told of a process as evidence: no command line. */
export function about(process: Process, more: Evidence = {}): Found {
  const { pid, name, user, executable, container } = process;
  return {
    pid,
    evidence: {
      process: name,
      user,
      executable,
      container: container?.id.slice(0, 12) ?? null,
      ...more,
    },
  };
}

/** A rule that looks at each process by itself; threads of the kernel and what has ended are left out. */
export function eachProcess(
  look: (process: Process, facts: Facts) => Evidence | boolean | undefined,
): Rule["find"] {
  return (facts) =>
    facts.processes.flatMap((process) => {
      if (process.kernel || process.state === "Z" || process.state === "X") return [];
      const seen = look(process, facts);
      if (seen === undefined || seen === false) return [];
      return [about(process, seen === true ? {} : seen)];
    });
}
