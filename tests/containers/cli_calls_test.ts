/** Commands of `agent containers` on an engine of the tests: the ports of what was started, addresses that are refused. */

import assert from "assertions";
import { addressesOf } from "../../src/cli/containers_addresses.ts";
import { UsageError } from "../../src/cli/options.ts";
import { call } from "./cli_support.ts";
import { FakeEngine } from "./fake_engine.ts";
import { DOCKER } from "./generations.ts";

Deno.test("start: the addresses of a deployment and of any container", async () => {
  await using engine = await FakeEngine.start(DOCKER);
  const made = async (name: string, ports: object, labels: object): Promise<void> => {
    const body = { Image: "some:1", Labels: labels, HostConfig: { PortBindings: ports } };
    const query = new URLSearchParams({ name });
    await engine.does({ method: "POST", path: "/containers/create", version: null, query, body });
  };
  const local = [{ HostIp: "127.0.0.1" }];
  await made("lab", { "8888/tcp": local, "53/udp": local }, { "agent.template": "data-science" });
  await made("other", { "80/tcp": [{ HostIp: "::1" }] }, {});
  await made("none", {}, {});
  const { code, stdout } = await call("start", ["lab", "other", "none"], { host: engine.host });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    "lab started\n  lab: http://127.0.0.1:49153/lab\n  53/udp: 127.0.0.1:49153\n" +
      "other started\n  80/tcp: [::1]:49153\nnone started\n",
  );
  const json = await call("start", ["lab", "none"], { host: engine.host, json: true });
  const { containers } = JSON.parse(json.stdout);
  assert.deepEqual(containers[1], { container: "none", started: true, addresses: [] });
  const { addresses } = containers[0];
  assert.deepEqual(addresses[0], { port: "lab", address: "http://127.0.0.1:49153/lab" });
});

Deno.test("start: what an engine says steers no terminal", async () => {
  const ports = [{ containerPort: 1, protocol: "\x1b[2J", hostAddress: "\x07", hostPort: 2 }];
  assert.deepEqual(await addressesOf({ labels: {}, ports }), [{ port: "1/?[2J", address: "?:2" }]);
});

Deno.test("run: an address that a sandbox may not reach is a wrong argument", async () => {
  await using engine = await FakeEngine.start(DOCKER);
  for (
    const [allow, words] of [
      ["10.9.9.9:80", "10.9.9.9 is a private address, which --allow-private opens"],
      ["240.0.0.1:80", "240.0.0.1 is a reserved address, which nothing opens"],
    ] as const
  ) {
    const given = { host: engine.host, image: "some/image:1", allow: [allow] };
    await assert.rejects(call("run", ["true"], given), (error) => {
      assert.ok(error instanceof UsageError, `${error}`);
      assert.equal(error.message, `A sandbox cannot reach ${allow}: ${words}`);
      return true;
    });
  }
  assert.equal(engine.containers.size, 0);
});
