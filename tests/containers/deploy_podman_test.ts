/** Deployments on a real Podman: the same, and what it cannot give by name. */

import assert from "assertions";
import { deploy, sweep } from "../../src/containers/deploy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { sharedEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { podmanMissing, startPodman } from "../support/podman.ts";
import { assertHeld, buildStandIn, connected, STAND_IN } from "./deploy_support.ts";

const MISSING = podmanMissing() ?? BUSYBOX.missing;
const engine = sharedEngine(MISSING, async () => {
  const started = await startPodman("namespace", [BUSYBOX]);
  await buildStandIn(started);
  return started;
});

const OPTIONS = { options: { baseImage: STAND_IN }, buildNetwork: "none" } as const;

testNeeding([MISSING], "deploy (podman): what it cannot give is refused by name", async () => {
  await using context = await connected(engine());
  const what = context.facts.cgroupVersion === 2 ? "init" : "cgroup-namespace, init";
  await assert.rejects(deploy(context, "data-science", OPTIONS), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.deepEqual(error.details, { what });
    return true;
  });
  // Where it is not known, making the container shows it.
  const unknown = { ...context, facts: { ...context.facts, hasInit: null } };
  const acceptWeaker = ["cgroup-namespace"];
  const options = { ...OPTIONS, acceptWeaker, wait: { running: true } } as const;
  const found = await deploy(unknown, "data-science", options).then(async (deployment) => {
    await deployment.remove();
    return "there is an init";
  }, (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.deepEqual(error.details, { what: "init" });
    return "there is none";
  });
  if (found === "there is none") {
    const accepted = { ...options, acceptWeaker: [...acceptWeaker, "init"] };
    await using deployment = await deploy(unknown, "data-science", accepted);
    assert.ok((await deployment.container.inspect()).running);
    await deployment.remove();
  }
});

for (const id of ["data-science", "dev-environment"]) {
  testNeeding([MISSING], `deploy (podman): ${id} listens, and knows its token`, async () => {
    await using context = await connected(engine());
    const port = id === "data-science" ? 8888 : 8443;
    await using deployment = await deploy(context, id, {
      ...OPTIONS,
      acceptWeaker: ["cgroup-namespace", "init"],
      wait: { port },
    });
    assert.equal(deployment.ports[0]!.hostAddress, "127.0.0.1");
    await assertHeld(context, deployment);
    const look = "stat -c '%a %u:%g' /secrets/token; cat /secrets/token";
    const { stdout } = await deployment.container.exec(["sh", "-c", look]);
    assert.equal(stdout, `600 1000:1000\n${deployment.token}`);
    const at = `http://127.0.0.1:${deployment.ports[0]!.host}/`;
    const asked = await engine().enter(["busybox", "wget", "-q", "-O", "-", `${at}api`]);
    if (id === "data-science") assert.equal(asked.stdout, "here\n");
    await deployment.remove();
    const left = await sweep(context.client, context.owner);
    assert.deepEqual([left.kept, left.removed], [0, []]);
  });
}

testNeeding([MISSING], "deploy (podman): a swarm is what it has not", async () => {
  await using context = await connected(engine());
  await assert.rejects(deploy(context, "web-pentest", { swarm: { replicas: 1 } }), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.match(error.message, /is no manager of a swarm \(there is none\)/);
    return true;
  });
});
