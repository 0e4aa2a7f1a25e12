/** What of the machine may be mounted: judged by name and by what it leads to. */

import assert from "assertions";
import {
  type ContainerMount,
  createBody,
  type EngineFacts,
  type MountPolicy,
} from "../../src/containers/policy/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { wrong } from "../support/values.ts";

/** A folder for a test, by its real name. */
async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agent-mounts-" }));
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function mounted(
  mount: object,
  policy: MountPolicy = {},
  socketPath: string | null = "/run/docker.sock",
): unknown {
  const facts: EngineFacts = { engine: "docker", apiVersion: "1.41", socketPath };
  const mounts = [mount as ContainerMount];
  const spec = { profile: "sandbox", kind: "run", image: "x", mounts } as const;
  return (createBody(spec, facts, policy).body.HostConfig as { Mounts: unknown[] }).Mounts[0];
}

function refused(mount: object, pattern: RegExp, policy: MountPolicy = {}): void {
  assert.throws(() => mounted(mount, policy), (error) => {
    assert.ok(error instanceof RangeError || error instanceof TypeError, `${error}`);
    assert.match(error.message, pattern);
    return true;
  });
}

const bind = (source: string, target = "/data"): object => ({ kind: "bind", source, target });

Deno.test("mounts: nothing is allowed by default", async () => {
  await inFolder((folder) => refused(bind(folder), /none is allowed/));
});

Deno.test("mounts: what is in an allowed folder is mounted, read only", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/project/sub`, { recursive: true });
    const policy = { roots: [`${folder}/project`] };
    assert.deepEqual(mounted(bind(`${folder}/project/./sub//`), policy), {
      Type: "bind",
      Source: `${folder}/project/sub`,
      Target: "/data",
      ReadOnly: true,
      BindOptions: { Propagation: "rprivate", NonRecursive: true },
    });
    refused(bind(folder), /must be in a folder that may be mounted/, policy);
    await Deno.mkdir(`${folder}/project-secret`);
    refused(bind(`${folder}/project-secret`), /must be in a folder/, policy);
  });
});

Deno.test("mounts: links and .. lead nowhere else", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/project`);
    await Deno.mkdir(`${folder}/other`);
    await Deno.symlink("../other", `${folder}/project/out`);
    await Deno.symlink("/etc", `${folder}/project/etc`);
    await Deno.symlink("/", `${folder}/project/all`);
    const policy = { roots: [`${folder}/project`] };
    refused(bind(`${folder}/project/out`), /which leads to .*other/, policy);
    refused(bind(`${folder}/project/etc`), /in \/etc/, policy);
    refused(bind(`${folder}/project/etc/passwd`), /in \/etc/, policy);
    refused(bind(`${folder}/project/all`), /the whole file system/, policy);
    refused(bind(`${folder}/project/../other`), /without \.\./, policy);
    assert.throws(() => mounted(bind(`${folder}/project/none`), policy), (error) => {
      assert.ok(AgentError.is(error, "NOT_FOUND"));
      return true;
    });
  });
});

Deno.test("mounts: an allowed folder cannot be one that is protected, nor lead to one", async () => {
  await inFolder(async (folder) => {
    await Deno.symlink("/etc", `${folder}/link`);
    for (const root of ["/", "/etc", "/var", "/proc", `${folder}/link`]) {
      refused(bind(folder), /mountRoots must not be/, { roots: [root] });
    }
    refused(bind(folder), /mountRoots must be an absolute path/, { roots: ["relative"] });
  });
});

for (
  const source of [
    ...["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/var/run"],
    ...["/run/containerd/containerd.sock", "/run", "/var", "/", "/proc", "/proc/1/root", "/sys"],
    ...["/sys/fs/cgroup", "/etc", "/etc/shadow", "/root", "/dev", "/dev/kmsg", "/boot", "/home"],
    ...["/var/lib/docker", "/tmp/x/docker.sock", "/tmp/podman.sock", "/tmp/containerd.sock.ttrpc"],
    ...["//run//docker.sock", "/./run/docker.sock"],
  ]
) {
  Deno.test(`mounts: ${source} is refused, whatever is allowed`, () => {
    const policy = { roots: ["/tmp"] };
    refused(bind(source), /spec\.mounts\[0\]\.source must not be/, policy);
  });
}

Deno.test("mounts: homes are refused, and what is hidden in them", () => {
  const home = ["", "home", "somebody"].join("/");
  refused(bind(home), /whole home/);
  refused(bind(`${home}/.ssh`), /hidden place/);
  refused(bind(`${home}/.config/x`), /hidden place/);
});

Deno.test("mounts: the engine's socket is refused wherever it is, through a link too", async () => {
  await inFolder(async (folder) => {
    const socket = `${folder}/engine.sock`;
    using _listener = Deno.listen({ transport: "unix", path: socket });
    await Deno.mkdir(`${folder}/project`);
    await Deno.symlink("../engine.sock", `${folder}/project/notes.txt`);
    await Deno.link(socket, `${folder}/project/hard`);
    await Deno.symlink(folder, `${folder}/project/up`);
    const policy = { roots: [`${folder}/project`] };
    const ask = (source: string, pattern: RegExp): void => {
      assert.throws(() => mounted(bind(source), policy, socket), pattern);
    };
    ask(socket, /the socket of the engine/);
    ask(folder, /a folder with the socket of the engine in it/);
    ask(`${folder}/project/notes.txt`, /the socket of the engine/);
    ask(`${folder}/project/up`, /a folder with the socket of the engine in it/);
    ask(`${folder}/project/hard`, /must be a file or a folder/);
    await Deno.symlink("/var/run/docker.sock", `${folder}/project/there`);
    assert.throws(() => mounted(bind(`${folder}/project/there`), policy, socket));
  });
});

Deno.test("mounts: nothing is mounted from here into an engine elsewhere", async () => {
  await inFolder((folder) => {
    assert.throws(() => mounted(bind(folder), { roots: [folder] }, null), /on another machine/);
  });
});

Deno.test("mounts: targets cannot cover the system or name a socket", async () => {
  await inFolder((folder) => {
    const policy = { roots: [folder] };
    for (const target of ["/", "/etc", "/etc/passwd", "/proc/self", "/usr/bin", "/dev/x", "/lib"]) {
      refused(bind(folder, target), /target must be/, policy);
    }
    for (const target of ["data", "/a/../etc", "/a:ro", "/a,b", "/a\nb", "/run/docker.sock"]) {
      refused(bind(folder, target), /target must be/, policy);
    }
  });
});

Deno.test("mounts: only the two kinds, and their fields", () => {
  assert.deepEqual(mounted({ kind: "volume", name: "data-1", target: "/data" }), {
    Type: "volume",
    Source: "data-1",
    Target: "/data",
    ReadOnly: false,
  });
  for (const kind of ["tmpfs", "npipe", "cluster", undefined]) {
    assert.throws(() => mounted({ kind, source: "/x", target: "/data" }), TypeError);
  }
  refused({ ...bind("/tmp/x"), propagation: "shared" }, /no field "propagation"/);
  refused({ kind: "volume", name: "/etc", target: "/data" }, /name must be/);
  refused({ kind: "volume", name: "x1", target: "/data", driver: "local" }, /no field "driver"/);
  assert.throws(() => mounted(wrong(null)), TypeError);
});
