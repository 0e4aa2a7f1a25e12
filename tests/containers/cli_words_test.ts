/** What the library says of containers, as the command line says it; and what engines say, as the library does. */

import assert from "assertions";
import { inOptions, inWords } from "../../src/cli/containers_words.ts";
import { UsageError } from "../../src/cli/options.ts";
import { baseAdvice, explainPull, pullError } from "../../src/containers/container/pull_errors.ts";
import { statusError } from "../../src/containers/engine/errors.ts";
import { parseEngineHost } from "../../src/containers/host.ts";
import { acceptedWeaker, refuseGaps } from "../../src/containers/policy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

Deno.test("words: options of a call become those of the command line", () => {
  for (
    const [said, typed] of [
      ["spec.timeoutMs must be 1", "--timeout must be 1"],
      ["spec.limits.memoryBytes must be 1", "--memory must be 1"],
      ["options.ports.web must be a port", "--port web must be a port"],
      ["spec.network.allow[3] must be a host", "--allow must be a host"],
      ["options.options.size must be", "--option size must be"],
      // Longer words, and the words of others, are left alone.
      ["options.hostile and spec.imagery", "options.hostile and spec.imagery"],
      [
        "say it by DOCKER_HOST or the option host, such as",
        "say it by --host or DOCKER_HOST, such as",
      ],
      ["stop it, or remove it with force: true", "stop it, or remove it with --force"],
    ] as const
  ) assert.equal(inWords(said), typed);
});

Deno.test("words: a weaker sandbox is accepted by an option that is repeated", () => {
  const said = messageOf(() => refuseGaps(["init", "cgroup-namespace"], [], "podman 5"));
  assert.match(said, /acceptWeaker: \["init","cgroup-namespace"\] goes on without/);
  assert.match(
    inWords(said),
    /give init, cgroup-namespace; --accept-weaker init --accept-weaker cgroup-namespace goes on/,
  );
  const unknown = messageOf(() => acceptedWeaker(["sekkomp"]));
  assert.match(inWords(unknown), /^--accept-weaker is no control, got "sekkomp"/);
});

Deno.test("words: an error keeps its class, code, details and command", () => {
  const error = new AgentError("UNAVAILABLE", "remove it with force: true", { server: "s" });
  const told = inOptions(error);
  assert.ok(AgentError.is(told, "UNAVAILABLE"));
  assert.deepEqual([told.message, told.details], ["remove it with --force", { server: "s" }]);
  assert.equal(
    inOptions(new AgentError("UNAVAILABLE", "x", { server: "s" })) instanceof Error,
    true,
  );
  const usage = inOptions(new UsageError("options.name is wrong", "containers deploy"));
  assert.ok(usage instanceof UsageError);
  assert.deepEqual([usage.message, usage.command], ["--name is wrong", "containers deploy"]);
  const other = new Error("options.name");
  assert.equal(inOptions(other), other);
});

Deno.test("pull: what engines and registries say is told by what it means", () => {
  const lookup =
    'Get "https://r.invalid/v2/": dial tcp: lookup r.invalid on 1.2.3.4:53: no such host';
  for (
    const [words, code, told] of [
      [lookup, "IO", /registry of a\/b:1 cannot be reached .*no such host/],
      [`initializing source docker://x: pinging container registry x: ${lookup}`, "IO", /reached/],
      ["dial tcp 127.0.0.1:9: connect: connection refused", "IO", /cannot be reached/],
      ["http: server gave HTTP response to HTTPS client", "IO", /no TLS that the engine trusts/],
      ["x509: certificate signed by unknown authority", "IO", /no TLS that the engine trusts/],
      ["manifest for a/b:1 not found: manifest unknown", "NOT_FOUND", /no image a\/b:1 at its reg/],
      ["pull access denied for a/b, repository does not exist", "PERMISSION", /refuses a\/b:1/],
      ['short-name "a/b" did not resolve to an alias', "NOT_FOUND", /docker\.io\/library\/a\/b:1/],
      ["something else", "IO", /a\/b:1 was not pulled \(something else\)/],
      ["", "IO", /a\/b:1 was not pulled$/],
    ] as const
  ) {
    const error = pullError("a/b:1", words);
    assert.equal(error.code, code, words);
    assert.match(error.message, told);
  }
  const host = parseEngineHost("unix:///x.sock", false);
  const body = new TextEncoder().encode(JSON.stringify({ message: lookup }));
  const status = statusError(host, "POST /images/create", 500, body);
  assert.match((explainPull(status, "a/b:1") as Error).message, /cannot be reached.*\(Get "https/);
  assert.equal(explainPull(body, "a/b:1"), body);
  assert.match(baseAdvice(lookup), /registry of its base image/);
  assert.equal(baseAdvice("COPY failed: no such file"), "");
});

Deno.test("errors: what Podman does not say of a container, or says of a user, is said", () => {
  const host = parseEngineHost("unix:///x.sock", false);
  const none = statusError(host, "GET /containers/lab/stats", 404, new Uint8Array(0));
  assert.match(none.message, /There is no container lab on/);
  assert.equal(none.code, "NOT_FOUND");
  const words = "unable to find user a b: no matching entries in passwd file";
  const user = statusError(host, "POST /exec/1/start", 500, new TextEncoder().encode(words));
  assert.equal(user.message, "There is no user a b in the container");
});
