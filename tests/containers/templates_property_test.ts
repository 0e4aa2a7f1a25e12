/**
 * What holds for every template with any options: no port of it is open to other machines, no token is empty, known or
 * used twice, nobody is root without having asked, and nothing of the caller's machine is in it.
 */

import assert from "assertions";
import fc from "fast-check";
import { planDeployment } from "../../src/containers/deploy/plan.ts";
import type { DeployOptions } from "../../src/containers/deploy/types.ts";
import {
  type ContainerSpec,
  createBody,
  type EngineFacts,
  type Owner,
} from "../../src/containers/policy/mod.ts";
import {
  builtInTemplates,
  readTemplate,
  type Template,
} from "../../src/containers/templates/mod.ts";
import { check } from "../support/arbitraries.ts";

const OWNER: Owner = {
  id: "0".repeat(32),
  pid: 1,
  start: "1",
  place: "here/1",
  lockFolder: null,
  endWithLeftovers() {},
  [Symbol.dispose]: () => {},
};

const ENGINES: readonly EngineFacts[] = [
  { engine: "docker", apiVersion: "1.41", cpus: 2 },
  { engine: "podman", apiVersion: "1.41", cgroupVersion: 2, seccompFolder: "/profiles", cpus: 2 },
];

/** A template of a user's that publishes more, in more ways. */
const OTHER = readTemplate(
  {
    id: "other",
    version: "1.0.0",
    name: "Other",
    description: "Many ports.",
    image: "other:1",
    options: {
      text: { type: "string", format: "text", default: "", description: "x", to: { env: "TEXT" } },
      flag: { type: "boolean", default: false, description: "x", to: { gpu: true } },
    },
    ports: [
      { container: 80, name: "web", scheme: "https", query: "key" },
      { container: 53, protocol: "udp", name: "dns" },
      { container: 5900 },
    ],
    token: { env: "TOKEN" },
  },
  { source: "folder", files: new Map() },
  "template.json",
);

const TEMPLATES: readonly Template[] = [...builtInTemplates(), OTHER];

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "admin",
    "password",
    "0.0.0.0",
    "::",
    "$(id)",
    "a\nb",
    "${x}",
    "--privileged",
    "",
  ),
);
/** Mostly what is right, so that enough gets through, and sometimes what is not. */
const mostly = <T>(
  right: fc.Arbitrary<T>,
  other: fc.Arbitrary<unknown> = words,
): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: other });
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const addresses = mostly(
  fc.constantFrom("127.0.0.1", "::1", "127.1.2.3"),
  fc.oneof(
    fc.constantFrom("0.0.0.0", "::", "10.0.0.1", "", "localhost"),
    fc.ipV4(),
    fc.ipV6(),
    words,
  ),
);
const hostPort = fc.integer({ min: 0, max: 65_535 });
const port = mostly(
  fc.oneof(hostPort, fc.record({ host: hostPort, hostAddress: addresses }, { requiredKeys: [] })),
  fc.integer({ min: -1, max: 70_000 }),
);

/** Options of a template, most of them right. */
function optionsOf(template: Template): fc.Arbitrary<object> {
  const ports = fc.constantFrom(...template.ports.map(({ name }) => name), "80", "3000");
  const capability = fc.constantFrom("NET_RAW", "NET_ADMIN", "cap_net_raw");
  return fc.record({
    options: rarely(
      fc.record(
        Object.fromEntries(
          Object.entries(template.options).map(([name, option]) => [
            name,
            mostly(
              option.type === "boolean"
                ? fc.boolean()
                : fc.constantFrom("a", "b-1", option.default),
            ),
          ]),
        ),
        { requiredKeys: [] },
      ),
    ),
    name: rarely(mostly(fc.constantFrom("mine-1", "a.b_c"))),
    ports: rarely(fc.dictionary(mostly(ports) as fc.Arbitrary<string>, port, { maxKeys: 3 })),
    env: rarely(
      fc.dictionary(
        mostly(fc.constantFrom("TOKEN", "PASSWORD", "A")) as fc.Arbitrary<string>,
        words,
        {
          maxKeys: 3,
        },
      ),
    ),
    capabilities: rarely(
      fc.array(mostly(capability, fc.constantFrom("SYS_ADMIN", "ALL", "x")), { maxLength: 2 }),
    ),
    gpu: rarely(mostly(fc.boolean(), fc.integer({ min: -1, max: 3 }))),
    volumes: rarely(
      fc.dictionary(fc.constant("workspace"), mostly(fc.constant("my-work")), { maxKeys: 1 }),
    ),
    join: rarely(mostly(fc.constant("agent-0123456789ab"))),
    ttlMs: rarely(fc.integer({ min: 0, max: 10_000 })),
    idleMs: rarely(fc.integer({ min: 0, max: 10_000 })),
    detach: rarely(fc.boolean()),
    exposeToNetwork: rarely(mostly(fc.constant(false), fc.constant("yes"))),
  }).map((fields) => {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  });
}

const cases = fc.constantFrom(...TEMPLATES).chain((template) =>
  fc.tuple(fc.constant(template), optionsOf(template))
);

const KNOWN = [
  "admin",
  "password",
  "root",
  "token",
  "secret",
  "coder",
  "jupyter",
  "kali",
  "changeme",
];

function loopback(address: unknown): boolean {
  return address === "::1" || typeof address === "string" && /^127(\.\d+){3}$/.test(address);
}

Deno.test("property: no template with any options opens a port, or has an empty or known secret", () => {
  const tokens = new Set<string>();
  let planned = 0;
  check(
    fc.property(
      cases,
      fc.constantFrom(...ENGINES),
      ([template, given], engine) => {
        let made: {
          body: Record<string, unknown>;
          token: string | null;
          spec: object;
          user: string;
        };
        try {
          const plan = planDeployment(template, given as DeployOptions, OWNER, 0);
          const spec = { ...plan.spec, image: "x" } as ContainerSpec;
          const { body } = createBody(spec, engine);
          made = { body, token: plan.token, spec, user: spec.user! };
        } catch (error) {
          // Refused with a word about the argument, and never by accident.
          assert.ok(error instanceof TypeError || error instanceof RangeError, `${error}`);
          assert.doesNotMatch(error.message, /undefined|Cannot read|is not a function/);
          return;
        }
        planned++;
        const { body, token, user } = made;
        // deno-lint-ignore no-explicit-any -- the engine's JSON, looked into freely
        const host = body.HostConfig as any;
        for (const bindings of Object.values(host.PortBindings) as { HostIp: string }[][]) {
          for (const { HostIp } of bindings) assert.ok(loopback(HostIp), HostIp);
        }
        assert.equal(host.PublishAllPorts, false);
        assert.equal(host.Privileged, false);
        assert.deepEqual(host.CapDrop, ["ALL"]);
        assert.ok(host.SecurityOpt.includes("no-new-privileges:true"));
        assert.equal(host.IpcMode, "private");
        assert.deepEqual(host.Devices, []);
        assert.ok(!["host", "bridge", "default"].includes(host.NetworkMode));
        assert.ok(host.Mounts.every(({ Type }: { Type: string }) => Type === "volume"));
        if (user.startsWith("0:")) assert.ok(host.CapAdd.length > 0);
        assert.ok(host.CapAdd.every((name: string) => ["NET_RAW", "NET_ADMIN"].includes(name)));
        if (template.ports.length > 0) {
          assert.ok(token !== null && token.length >= 43);
          assert.match(token!, /^[A-Za-z0-9_-]+$/);
          assert.ok(!KNOWN.some((word) => token === word));
          assert.ok(!tokens.has(token!));
          tokens.add(token!);
          const isFile = template.token !== null && "file" in template.token;
          assert.equal(JSON.stringify(body).includes(token!), !isFile);
          // An option cannot put its own in its place.
          if (!isFile) assert.ok((body.Env as string[]).includes(`TOKEN=${token}`));
        }
      },
    ),
  );
  assert.ok(planned > 100, `${planned}`);
});
