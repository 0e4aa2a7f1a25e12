/**
 * The options of each call by name: one that is misspelt would else be a limit or an authorisation that nobody has.
 *
 * @module
 */

import { checkFields } from "../../shared/known_fields.ts";
import type { HostOptions } from "../host/types.ts";
import type { PictureOptions, RenderOptions } from "../picture/types.ts";
import type { DetectOptions } from "../services/types.ts";
import type { ThreatOptions } from "../threats/types.ts";
import type { ProbeOptions } from "../types.ts";
import type { DiscoverOptions, ScanOptions } from "../types/scan.ts";
import type { AuditOptions, ScanAuthorization, ScanConfiguration } from "../types/scope.ts";

const CONFIGURATION: readonly (keyof ScanConfiguration)[] = [
  ...["authorization", "rate", "hostRate", "maxHosts", "maxProbes", "audit"] as const,
];
const CALL = ["implementation", "signal"] as const;
const AUTHORIZATION: readonly (keyof ScanAuthorization)[] = ["scope", "reference", "expires"];
const AUDIT: readonly (keyof AuditOptions)[] = ["path", "write", "who"];

const KNOWN = {
  scan: [
    ...["ports", "udp", "timeoutMs", "concurrency", "limitMs", "services", "list"] as const,
    ...["dryRun", "onProgress", ...CALL, ...CONFIGURATION] as const,
  ] satisfies (keyof ScanOptions)[],
  discover: [
    ...["ports", "timeoutMs", "limitMs", "all", "dryRun", "onProgress"] as const,
    ...[...CALL, ...CONFIGURATION] as const,
  ] satisfies (keyof DiscoverOptions)[],
  // A runtime gives its whole configuration to each call.
  probe: ["timeoutMs", "dryRun", ...CALL, ...CONFIGURATION] satisfies (
    | keyof ProbeOptions
    | keyof ScanConfiguration
  )[],
  detect: ["transport", "timeoutMs", "tls", "dryRun", ...CALL, ...CONFIGURATION] satisfies (
    | keyof DetectOptions
    | keyof ScanConfiguration
  )[],
  host: [...CALL] satisfies (keyof HostOptions)[],
  picture: ["containers", "certificates", "inspectTls", ...CALL] satisfies (keyof PictureOptions)[],
  render: ["width", "format"] satisfies (keyof RenderOptions)[],
  threats: [
    ...["rules", "exclude", "certificates", "inspectTls", "onSkipped", ...CALL] as const,
  ] satisfies (keyof ThreatOptions)[],
} as const;

/**
 * Refuses options that a call has not, in its configuration too.
 *
 * @param options What was given; what is no object is for others to refuse.
 * @param call Which call.
 * @throws {TypeError} It names the nearest that there is.
 */
export function checkNames(options: unknown, call: keyof typeof KNOWN): void {
  if (!isObject(options)) return;
  checkFields(options, "options", KNOWN[call]);
  const { authorization, audit } = options as ScanConfiguration;
  if (isObject(authorization)) checkFields(authorization, "options.authorization", AUTHORIZATION);
  if (isObject(audit)) checkFields(audit, "options.audit", AUDIT);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
