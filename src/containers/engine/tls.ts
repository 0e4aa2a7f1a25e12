/**
 * Which certificates a connection has: those of the option, or those that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`
 * name, as the command line of Docker has it. The engine's certificate is verified in any case.
 *
 * @module
 */

import { isGranted, readEnvironment } from "../../native/permissions.ts";
import { fieldsOf, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineTls } from "./types.ts";

const PEM = /-----BEGIN [A-Z ]+-----[\s\S]+-----END [A-Z ]+-----/;

/**
 * Reads the option.
 *
 * @throws {TypeError} If it is no set of certificates.
 */
export function checkTls(value: unknown): EngineTls | undefined {
  if (value === undefined) return undefined;
  const fields = fieldsOf(value, "options.tls");
  for (const [name, text] of Object.entries(fields)) {
    if (name !== "ca" && name !== "cert" && name !== "key") {
      throw new TypeError(`options.tls has ca, cert and key; there is no ${JSON.stringify(name)}`);
    }
    // What is no certificate may be a secret; it is not shown.
    if (text !== undefined && (typeof text !== "string" || !PEM.test(text))) {
      throw new TypeError(`options.tls.${name} must be PEM, the text and not a path`);
    }
  }
  if ((fields["cert"] === undefined) !== (fields["key"] === undefined)) {
    throw wrongType("options.tls", "with both cert and key, or with neither", value);
  }
  return fields as EngineTls;
}

/**
 * The certificates of the environment; undefined where it wants no TLS.
 *
 * @throws {AgentError} `PERMISSION` if they may not be read; `NOT_FOUND` if the authority's is not there.
 */
export function tlsOfEnvironment(): EngineTls | undefined {
  if (!readEnvironment("DOCKER_TLS_VERIFY")) return undefined;
  const home = readEnvironment("HOME");
  const folder = readEnvironment("DOCKER_CERT_PATH") || (home ? `${home}/.docker` : undefined);
  if (folder === undefined) {
    const message =
      "DOCKER_TLS_VERIFY is set, but DOCKER_CERT_PATH is not; name the certificates' " +
      "folder in it, or give the option tls";
    throw new AgentError("NOT_FOUND", message, { what: "DOCKER_CERT_PATH" });
  }
  const read = (name: string, isNeeded: boolean): string | undefined => {
    const path = `${folder}/${name}`;
    if (!isGranted({ name: "read", path })) {
      const message =
        `The certificates that DOCKER_TLS_VERIFY asks for may not be read; run with ` +
        `--allow-read=${folder}`;
      throw new AgentError("PERMISSION", message, { permission: "read", target: path });
    }
    try {
      return Deno.readTextFileSync(path);
    } catch (cause) {
      if (!isNeeded && cause instanceof Deno.errors.NotFound) return undefined;
      const message = `The certificate ${path} that DOCKER_TLS_VERIFY asks for cannot be read`;
      throw new AgentError("NOT_FOUND", message, { what: path }, { cause });
    }
  };
  const cert = read("cert.pem", false);
  return {
    ca: read("ca.pem", true),
    ...(cert === undefined ? {} : { cert, key: read("key.pem", true) }),
  };
}
