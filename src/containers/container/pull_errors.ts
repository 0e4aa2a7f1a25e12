/**
 * Why an image did not come from its registry. Engines pass on what registries, name servers and their own libraries say,
 * as the answer's status or in its lines; here it is told what that means and what to do, the words behind.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { EngineError } from "../engine/errors.ts";

/** No registry answered. */
const UNREACHED =
  /no such host|dial tcp|connection refused|i\/o timeout|timeout exceeded|deadline exceeded|network is unreachable|no route to host|server misbehaving|temporary failure|connection reset|\beof$/i;
/** One answered that the engine does not trust. */
const UNTRUSTED = /http response to https client|x509|certificate|tls handshake/i;
/** Podman asks no registry for a name without one, unless it is told which. */
const SHORT = /short-name|unqualified-search/i;

/** What an engine's words mean, said of an image. */
export function pullError(image: string, words: string, cause?: unknown): AgentError {
  const behind = words === "" ? "" : ` (${words})`;
  const options = cause === undefined ? {} : { cause };
  const failed = { path: "registry", operation: `pull of ${image}` };
  if (SHORT.test(words)) {
    const said =
      `The engine knows no registry for the short name ${image}; write the whole name, ` +
      `such as docker.io/library/${image}`;
    return new AgentError("NOT_FOUND", said + behind, { what: image }, options);
  }
  if (/unauthorized|denied|authentication required/i.test(words)) {
    const said =
      `The registry refuses ${image}: there is no such image, or it asks who you are${behind}`;
    return new AgentError("PERMISSION", said, { permission: "registry", target: image }, options);
  }
  if (UNTRUSTED.test(words)) {
    const said =
      `The registry of ${image} has no TLS that the engine trusts; the engine's own settings name ` +
      `registries without (insecure-registries of Docker, registries.conf of Podman)${behind}`;
    return new AgentError("IO", said, failed, options);
  }
  if (UNREACHED.test(words)) {
    const said =
      `The registry of ${image} cannot be reached from the engine; is its name right, and is there ` +
      `a network or proxy for the engine?${behind}`;
    return new AgentError("IO", said, failed, options);
  }
  if (/not found|manifest unknown|does not exist|no matching manifest/i.test(words)) {
    const said = `There is no image ${image} at its registry; look at its name and tag${behind}`;
    return new AgentError("NOT_FOUND", said, { what: image }, options);
  }
  return new AgentError("IO", `The image ${image} was not pulled${behind}`, failed, options);
}

/** The same of an answer whose status is a failure; other errors are given back as they are. */
export function explainPull(error: unknown, image: string): unknown {
  if (!(error instanceof EngineError) || error.status === null) return error;
  const [, words = ""] = / answered .*? with status \d+(?:: (.*))?$/s.exec(error.message) ?? [];
  return pullError(image, words, error);
}

/** What to do about a build that failed for want of its base; empty if it failed otherwise. */
export function baseAdvice(words: string): string {
  return UNREACHED.test(words) && /\bGet\b|registry|pinging|https?:/i.test(words)
    ? "; the registry of its base image cannot be reached from the engine: pull the base from where it can, " +
      "or name another one"
    : "";
}
