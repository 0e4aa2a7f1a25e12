/** Which ports of the machine a deployment's ports are published at. @module */

import { shown, wrongType } from "../../shared/arguments.ts";
import { knownFields, type PublishedPort, suggestion } from "../policy/mod.ts";
import type { Template } from "../templates/mod.ts";

/**
 * The template's ports, each at a free port of the loopback, or as the options say.
 *
 * @param template The template.
 * @param value The option `ports`: by the name of a port, or by a port of the container.
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
  for (const [key, given] of Object.entries(value)) {
    const place = `options.ports.${key}`;
    const known = ports.get(key);
    if (known === undefined && !/^\d{1,5}$/.test(key)) {
      throw new TypeError(
        `The template ${template.id} has no port ${shown(key)}${
          suggestion(key, [...ports.keys()])
        }`,
      );
    }
    const host = typeof given === "number"
      ? { host: given }
      : knownFields(given, place, ["host", "hostAddress"]);
    ports.set(key, { ...known ?? { container: Number(key) }, ...host as object });
  }
  return [...ports.values()];
}
