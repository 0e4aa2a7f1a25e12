/** Which ports of the machine a deployment's ports are published at. @module */

import { shown, wrongType } from "../../shared/arguments.ts";
import { knownFields, type PublishedPort, suggestion } from "../policy/mod.ts";
import type { Template } from "../templates/mod.ts";

/**
 * The template's ports, each at a free port of the loopback, or as the options say.
 *
 * @param template The template.
 * @param value The option `ports`: by the name of a port, or by a port of the container, which is the template's if
 * that has one of this number.
 * @throws {TypeError | RangeError} For a port that there is not, or that is none.
 */
export function readPorts(template: Template, value: unknown): PublishedPort[] {
  const ports = new Map<string, PublishedPort>(
    template.ports.map(({ name, container, protocol }) => [name, { container, protocol }]),
  );
  if (value === undefined) return [...ports.values()];
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw wrongType("options.ports", "an object of ports by name", value);
  }
  const names = new Map<string, string>();
  for (const [key, given] of Object.entries(value)) {
    const place = `options.ports.${key}`;
    const name = nameOf(template, key);
    const other = names.get(name);
    if (other !== undefined) {
      throw new RangeError(`${place} is the same port as options.ports.${other}; give it once`);
    }
    names.set(name, key);
    const host = typeof given === "number"
      ? { host: given }
      : knownFields(given, place, ["host", "hostAddress"]);
    ports.set(name, { ...ports.get(name) ?? { container: Number(key) }, ...host as object });
  }
  return [...ports.values()];
}

/** What a port is called: a name of the template's, also where its number was given; a number that is not there. */
function nameOf({ id, ports }: Template, key: string): string {
  if (ports.some(({ name }) => name === key)) return key;
  if (!/^\d{1,5}$/.test(key)) {
    const near = suggestion(key, ports.map(({ name }) => name));
    throw new TypeError(`The template ${id} has no port ${shown(key)}${near}`);
  }
  const same = ports.filter(({ container }) => container === Number(key));
  if (same.length > 1) {
    const all = same.map(({ name, protocol }) => `${name} (${protocol})`).join(" and ");
    throw new TypeError(`The template ${id} has ${all} at ${key}; give the port by its name`);
  }
  return same[0]?.name ?? String(Number(key));
}
