/**
 * What tests of deployments share: a connection to an engine, and an image that stands in for the bases of the
 * templates, which cannot be pulled here: busybox, with programs under the names of those that the Dockerfiles and
 * start scripts call. What they would install is not there; how they are built, started, held and reached is.
 */

import assert from "assertions";
import { Container } from "../../src/containers/container/container.ts";
import { buildImage } from "../../src/containers/container/images.ts";
import type { Deployment } from "../../src/containers/deploy/mod.ts";
import type { DeployContext } from "../../src/containers/deploy/types.ts";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import { factsOf, newOwner, writeProfiles } from "../../src/containers/policy/mod.ts";
import { builtInTemplates, type Template } from "../../src/containers/templates/mod.ts";
import type { TestEngine } from "../support/engine.ts";
// Opens the native library before the first test, which would else seem to leak it.
import "../support/twins.ts";
import { BUSYBOX } from "../support/images.ts";

/** The image that stands in for every base. */
export const STAND_IN = "agent-test/stand-in:1";

/** A connection for deployments; removes all that is left when it is disposed. */
export async function connected(
  engine: TestEngine,
  more: { templates?: readonly Template[]; roots?: readonly string[] } = {},
): Promise<DeployContext & AsyncDisposable> {
  const client = await connectEngine({ host: engine.host });
  await writeProfiles(engine.folder);
  const owner = await newOwner(`${engine.folder}/owners`);
  const deployments: DeployContext["deployments"] = new Set();
  return {
    client,
    // Debian's Podman comes without a program to be the first process.
    facts: { ...factsOf(client, engine.folder), hasInit: engine.kind === "docker" },
    owner,
    mounts: { roots: more.roots ?? [] },
    templates: [...builtInTemplates(), ...more.templates ?? []],
    refused: [],
    deployments,
    [Symbol.asyncDispose]: async () => {
      for (const deployment of deployments) await deployment.remove();
      owner[Symbol.dispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Asserts that a deployment is held as was asked, and that whoever finds its container by its name reads the same. */
export async function assertHeld(context: DeployContext, deployment: Deployment): Promise<void> {
  const report = await deployment.securityReport();
  const wrong = report.controls.filter(({ ok, required }) => required && ok === false);
  assert.deepEqual([report.ok, report.verified, wrong], [true, true, []]);
  const found = new Container(context.client, deployment.name);
  assert.deepEqual(await found.securityReport(), report);
}

const QUIET = "#!/bin/sh\nexit 0\n";

/** Serves one file at a port until it is told to end, as the real ones do at their paths. */
const server = (check: string, path: string, port: number): string =>
  `#!/bin/sh
set -eu
${check}
mkdir -p /tmp/www
echo here >/tmp/www/${path}
echo "listening at ${port}"
exec httpd -f -p ${port} -h /tmp/www
`;

const FILES: Record<string, string> = {
  "Dockerfile": `FROM ${BUSYBOX.name}
COPY bin/ /usr/local/bin/
RUN chmod 0755 /usr/local/bin/* && mkdir -p /usr/local/bin
ENV PATH=/usr/local/bin:/usr/bin:/bin
`,
  "bin/apt-get": QUIET,
  "bin/pip": QUIET,
  "bin/code-server": server(
    `[ "$1" = --config ]
grep -q '^auth: password$' "$2"
grep -q "^password: \\"$(cat /secrets/token)\\"$" "$2"`,
    "healthz",
    8443,
  ),
  "bin/jupyter": server(
    '[ "$(cat "$JUPYTER_TOKEN_FILE")" = "$(cat /secrets/token)" ]',
    "api",
    8888,
  ),
};

/** Gives an engine the image that stands in. */
export async function buildStandIn(engine: TestEngine): Promise<void> {
  await using client = await connectEngine({ host: engine.host });
  for await (const _ of buildImage(client, FILES, { tags: [STAND_IN], network: "none" }));
}
