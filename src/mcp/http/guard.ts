/**
 * Who may reach a server over HTTP: the host name under which it is called, the page that calls, the token. Pages of other
 * sites that a browser is made to send here fail by one of the first two, also where their name leads to this machine.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";
import { wrongType, wrongValue } from "../../shared/arguments.ts";
import type { McpAccess } from "../types.ts";

/** The names of this machine. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];
/** The fewest characters of a token that somebody chose. */
const LEAST_TOKEN = 16;
/** Errors of JSON-RPC that no request is known of. */
const REFUSED = -32000;

/** Looks at requests before anything of them is read. */
export class Guard {
  /** What callers send. */
  readonly token: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #digest: Uint8Array;

  /** @param access The token and the host names. */
  constructor({ token, hosts = LOOPBACK }: McpAccess) {
    if (token !== undefined && typeof token !== "string") {
      throw wrongType("options.access.token", "a string", typeof token);
    }
    // What was given is not repeated: it is a secret.
    if (token !== undefined && !/^[\x21-\x7e]{16,4096}$/.test(token)) {
      throw wrongValue(
        "options.access.token",
        `${LEAST_TOKEN} to 4096 visible characters of ASCII`,
        `${token.length} characters`,
      );
    }
    this.token = token ?? newToken();
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#digest = digest(this.token);
  }

  /** What is answered to who may not come in; undefined for who may. */
  refusal(request: Request): Response | undefined {
    if (!this.#knows(request.headers.get("host") ?? new URL(request.url).host)) {
      return refused(403, "this server is not reached under that host name");
    }
    const origin = request.headers.get("origin");
    if (origin !== null && !this.#knows(URL.parse(origin)?.host ?? "")) {
      return refused(403, "pages of other sites do not reach this server");
    }
    const [, given = ""] = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "") ??
      [];
    // Digests have one length, so that the time tells neither it nor where two tokens differ.
    if (nodeCrypto().timingSafeEqual(digest(given), this.#digest)) return undefined;
    return refused(401, "send the token as Authorization: Bearer", {
      "www-authenticate": 'Bearer realm="mcp"',
    });
  }

  #knows(host: string): boolean {
    return this.#hosts.has(host.toLowerCase().replace(/:\d{1,5}$/, ""));
  }
}

/** A token that nobody guesses. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** An answer that is an error. */
export function refused(
  status: number,
  message: string,
  headers: Record<string, string> = {},
  code = REFUSED,
): Response {
  const body = { jsonrpc: "2.0", id: null, error: { code, message } };
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

function digest(text: string): Uint8Array {
  return nodeCrypto().createHash("sha256").update(text).digest();
}
