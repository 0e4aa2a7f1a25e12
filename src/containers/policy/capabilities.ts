/**
 * Which capabilities can be asked for, by profile. All are dropped first; what stands in no list is never given.
 *
 * @module
 */

import { checkStrings, wrongValue } from "../../shared/arguments.ts";
import { suggestion } from "../../shared/known_fields.ts";
import type { Profile } from "./types.ts";

/** What programs that start as root use to give it up, or to own files. */
const SERVICE = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETUID",
] as const;

/** What each profile may have, if it is asked for by name. */
export const CAPABILITIES: Readonly<Record<Profile, readonly string[]>> = {
  sandbox: [],
  service: SERVICE,
  lab: [...SERVICE, "NET_ADMIN", "NET_RAW"],
};

/**
 * Reads capabilities.
 *
 * @returns Sorted, without `CAP_`, each once.
 * @throws {TypeError | RangeError} For one that the profile cannot have.
 */
export function judgeCapabilities(
  value: unknown,
  profile: Profile,
  name = "spec.capAdd",
): string[] {
  if (value === undefined) return [];
  checkStrings(value, name);
  const allowed = CAPABILITIES[profile];
  const found = value.map((word, index) => {
    const short = word.toUpperCase().replace(/^CAP_/, "");
    if (allowed.includes(short)) return short;
    const place = `${name}[${index}]`;
    if (allowed.length === 0) {
      throw wrongValue(place, "left out: a sandbox has no capability", word);
    }
    throw new RangeError(
      `${place} is not given to a container of the profile ${profile}, got ${
        JSON.stringify(word)
      }` +
        suggestion(short, allowed),
    );
  });
  return [...new Set(found)].sort();
}
