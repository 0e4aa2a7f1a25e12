/**
 * What is waited for over HTTP and cannot come, on a real Docker Engine: a program that answers otherwise or listens where
 * nobody reaches it, and an engine that publishes no port.
 */

import assert from "assertions";
import { deploy } from "../../src/containers/deploy/mod.ts";
import { readTemplate, type Template } from "../../src/containers/templates/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import { sharedEngine, type TestEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { connected } from "./deploy_support.ts";

const MISSING = engineMissing() ?? BUSYBOX.missing;
const publishes = sharedEngine(MISSING, () => startDocker("none", [BUSYBOX]));
// Without rules in the firewall and without a program of its own in between nothing leads to a published port.
const silent = sharedEngine(
  MISSING,
  () => startDocker("none", [BUSYBOX], ["--userland-proxy=false"]),
);

/** Longer than a test may take. */
const LONG_MS = 600_000;

/** A server of pages that listens at an address; nothing is at `/never`. */
function server(at: string, path: string, timeoutMs: number): Template {
  const whole = {
    ...{ id: "mine", version: "1.0.0", name: "Mine", description: "A test.", image: BUSYBOX.name },
    ...{ profile: "service", network: "bridge", ports: [{ container: 8000, scheme: "http" }] },
    command: ["sh", "-c", `echo here >/tmp/index.html; exec httpd -f -p ${at}8000 -h /tmp`],
    wait: { http: { port: 8000, path }, timeoutMs },
  };
  return readTemplate(whole, { source: "folder", files: new Map() }, "template.json");
}

async function fails(
  engine: TestEngine,
  template: Template,
  code: AgentErrorCode,
  words: RegExp,
): Promise<void> {
  await using context = await connected(engine);
  await assert.rejects(deploy(context, template), (error) => {
    assert.ok(AgentError.is(error, code), `${error}`);
    assert.match(error.message, words);
    return true;
  });
  const left = (await engine.ask("GET", "/containers/json?all=1")).json();
  assert.deepEqual(left, []);
}

testNeeding([MISSING], "deploy: what answers with another status is told with it", async () => {
  const template = server("", "/never", 4_000);
  const words = /not finished within 4000 ms; its last answer was 404/;
  await fails(publishes(), template, "TIMEOUT", words);
});

testNeeding([MISSING], "deploy: what listens for itself alone is told at once", async () => {
  const words = /mine\S* cannot be reached: it listens at port 8000 of its own loopback alone/;
  await fails(publishes(), server("127.0.0.1:", "/", LONG_MS), "UNAVAILABLE", words);
});

testNeeding([MISSING], "deploy: an engine that publishes no port is told at once", async () => {
  const words =
    /mine\S* cannot be reached: it listens at port 8000, and nothing comes to it from 127/;
  await fails(silent(), server("", "/", LONG_MS), "UNAVAILABLE", words);
});

testNeeding([MISSING], "deploy: what is slow to answer is waited for", async () => {
  // Longer than two looks take.
  const slow = 'printf "HTTP/1.0 200 OK\\r\\n\\r\\n"';
  const command = ["sh", "-c", `exec nc -ll -p 8000 -e sh -c 'sleep 6; ${slow}'`];
  await using context = await connected(publishes());
  const template = { ...server("", "/", LONG_MS), command };
  await using deployment = await deploy(context, template);
  assert.equal(deployment.ports.length, 1);
  await deployment.remove();
});
