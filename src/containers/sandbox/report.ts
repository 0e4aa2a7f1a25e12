/**
 * What holds a sandbox: each control as it was asked for against what the engine says (`inspected.ts`) and what the
 * kernel says inside (`inside.ts`). A required control that does not hold, or of which nothing is known, ends the sandbox.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { type ControlName, isGvisor, type RequestedControls } from "../policy/mod.ts";
import { type Finding, inspected, unknownRequest, type WireInspect } from "./inspected.ts";
import { type Inside, insideFindings } from "./inside.ts";
import type { ControlReport, SecurityReport } from "./types.ts";

export type { WireInspect } from "./inspected.ts";

/** What a report is made of. */
export interface ReportInput {
  readonly client: Pick<EngineClient, "engine" | "version">;
  /** What was asked; null if nobody knows. */
  readonly requested: RequestedControls | null;
  /** Controls that may be missing. */
  readonly accepted: readonly ControlName[];
  readonly inspect: WireInspect;
  /** What was read inside; undefined if nothing was. */
  readonly inside?: Inside | undefined;
  /** Why nothing was read inside, where that is worth a warning. */
  readonly unread?: string | undefined;
}

const UNKNOWN = "what was asked of it is not known";
/** Without these a sandbox is less tidy, and not less closed. */
const OPTIONAL: readonly ControlName[] = ["init", "restart", "log-size", "oom-score"];

/** Makes the report. */
export function securityReport(input: ReportInput): SecurityReport {
  const { client, requested, accepted, inspect, inside, unread } = input;
  const isKnown = requested !== null;
  const compared = requested ?? unknownRequest(inspect);
  const runtime = inspect.HostConfig?.Runtime || null;
  const findings = [
    ...inspected(compared, inspect),
    ...(inside === undefined ? [] : insideFindings(compared, inside, runtime)),
  ];
  const isRequired = (control: ControlName): boolean =>
    isKnown && !OPTIONAL.includes(control) && !accepted.includes(control);
  const controls = findings.map((finding: Finding): ControlReport => ({
    ...finding,
    ...(isKnown ? {} : { requested: null, ok: null }),
    required: isRequired(finding.control),
    note: finding.note ?? (isKnown ? null : UNKNOWN),
  }));
  const isolation = isGvisor(runtime) ? "own-kernel" : "shared-kernel";
  return {
    ok: isKnown ? failing(controls).length === 0 : null,
    isolation,
    engine: `${client.engine} ${client.version}`,
    runtime,
    verified: inside !== undefined,
    controls,
    warnings: [
      ...warningsOf(isolation, controls),
      ...(isKnown ? [] : [`Nothing of it is judged: ${UNKNOWN}`]),
      ...(unread === undefined ? [] : [`The kernel was not asked from inside: ${unread}`]),
    ],
  };
}

/** The required controls that do not hold, or of which nobody knows; each once. */
function failing(controls: readonly ControlReport[]): ControlName[] {
  const names = [
    ...new Set(controls.filter(({ required }) => required).map(({ control }) => control)),
  ];
  return names.filter((name) => {
    const words = controls.filter(({ control }) => control === name).map(({ ok }) => ok);
    return words.includes(false) || !words.includes(true);
  });
}

function warningsOf(isolation: string, controls: readonly ControlReport[]): string[] {
  const warnings: string[] = [];
  if (isolation === "shared-kernel") {
    warnings.push("It shares the machine's kernel: a hole in the kernel is a way out of it");
  } else {
    const replaced =
      "gVisor has controls of its own in place of seccomp and of the options nosuid and nodev";
    warnings.push(`${replaced}; the bounds of memory, processor and processes hold it too`);
  }
  for (const { control, requested, effective, ok, required, note } of controls) {
    if (ok !== false || required) continue;
    warnings.push(
      `${control} is ${effective}, not ${requested}${note === null ? "" : ` (${note})`}`,
    );
  }
  return warnings;
}

/**
 * Ends a sandbox that is not held as it was asked.
 *
 * @throws {AgentError} `UNSUPPORTED` with the list.
 */
export function refuseWeaker(report: SecurityReport): void {
  const names = failing(report.controls);
  if (names.length === 0) return;
  const lines = names.map((name) => {
    const found = report.controls.find(({ control, ok }) => control === name && ok === false) ??
      report.controls.find(({ control }) => control === name)!;
    const there = found.effective === null ? `unknown (${found.note})` : found.effective;
    return `${name} is ${there} by ${found.how}, asked for was ${found.requested}`;
  });
  throw new AgentError(
    "UNSUPPORTED",
    `The sandbox is not held as it should be, and was removed: ${
      lines.join("; ")
    }; acceptWeaker: ` +
      `${JSON.stringify(names)} goes on without`,
    { what: names.join(", ") },
  );
}
