/**
 * Images of the tests' own, made from scratch of programs that this machine has: nothing is pulled.
 * Each is made once and kept under `target/test-images`.
 */

import type { TestEngine } from "./engine.ts";
import { programMissing } from "./needs.ts";
import { ROOT } from "./programs.ts";

const KEPT = `${ROOT}target/test-images`;

/** An image that a test's engine can have. */
export interface TestImage {
  /** Its name, with a tag. */
  readonly name: string;
  /** Why it cannot be made here; undefined if it can. */
  readonly missing: string | undefined;
  /** Its files, as a tar. */
  tar(): Promise<Uint8Array>;
  /** Gives it to an engine. */
  into(engine: TestEngine): Promise<void>;
}

/** Busybox of Debian, with all of its programs: `sh`, `wget`, `nc` and so on. */
export const BUSYBOX: TestImage = image(
  "agent-test/busybox:latest",
  ["CMD sh"],
  programMissing("busybox", "busybox-static"),
  'set -eu; busybox=$(command -v busybox); sha256sum <"$busybox"',
  `cp "$(command -v busybox)" bin/busybox
   for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "bin/$name"; done`,
);

/** The same with a `/tmp` that only root may write to, as images have that were made carelessly. */
export const SHUT: TestImage = image(
  "agent-test/shut:latest",
  ["CMD sh"],
  programMissing("busybox", "busybox-static"),
  'set -eu; busybox=$(command -v busybox); sha256sum <"$busybox"',
  `cp "$(command -v busybox)" bin/busybox; chmod 755 tmp
   for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "bin/$name"; done`,
);

/** Python of Debian with most of its standard library, and busybox. */
export const PYTHON: TestImage = image(
  "agent-test/python:latest",
  ["CMD python3"],
  programMissing("busybox", "busybox-static") ?? programMissing("apt-get", "apt") ??
    programMissing("dpkg-deb", "dpkg"),
  'set -eu; . /etc/os-release; echo "$ID $VERSION_ID"; dpkg --print-architecture',
  // The packages that Python needs, but for those that only configure a system.
  `rmdir bin; mkdir -p usr/bin usr/lib usr/lib64 usr/sbin
   for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$folder"; done
   names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \\
     --no-replaces --no-enhances python3 | grep '^[a-z0-9]' | sort -u |
     grep -v -x -E 'python3-pip|debconf.*|cdebconf|perl.*|dpkg|tar|tzdata|install-info|libcrypt.*-dev')
   mkdir ../packages; (cd ../packages && apt-get download $names)
   for package in ../packages/*.deb; do dpkg-deb --fsys-tarfile "$package" |
     tar -x --keep-directory-symlink; done
   rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/lintian usr/lib/*/gconv \
     usr/lib/*/perl* usr/lib/*/libperl* usr/lib/python3*/test usr/lib/python3*/pydoc_data \
     usr/lib/python3*/lib2to3 usr/lib/python3*/unittest
   # Compiled once and not at each start, from a root that nobody may write to then.
   chroot . /usr/bin/python3 -m compileall -q --invalidation-mode unchecked-hash \
     $(cd usr/lib && echo python3.* | sed 's#^#/usr/lib/#') || true
   cp "$(command -v busybox)" bin/busybox
   for name in $(busybox --list); do [ -e "bin/$name" ] || ln -s busybox "bin/$name"; done`,
);

/** One static program that writes a line and ends: busybox under the name of \`echo\`. */
export const HELLO: TestImage = image(
  "agent-test/hello:latest",
  ['CMD ["/bin/echo","hello"]'],
  programMissing("busybox", "busybox-static"),
  'set -eu; busybox=$(command -v busybox); sha256sum <"$busybox"',
  'cp "$(command -v busybox)" bin/echo',
);

/** A hostile image: its shell, by which files and looks inside go, never ends and reads nothing. */
export const DEAF: TestImage = image(
  "agent-test/deaf:latest",
  [],
  programMissing("busybox", "busybox-static"),
  'set -eu; busybox=$(command -v busybox); sha256sum <"$busybox"',
  `cp "$(command -v busybox)" bin/busybox; ln -s busybox bin/sleep
  printf '#!/bin/busybox sh\\nexec /bin/sleep 3600\\n' >bin/sh; chmod 755 bin/sh`,
);

/**
 * Another one: its `tar`, by which files go in and out, never ends. It reads nothing and writes nothing, or zeros without
 * end where the file `/workspace/zeros` is there. Its shell is another one, as busybox's does not look for `tar`.
 */
export const STUCK: TestImage = image(
  "agent-test/stuck:latest",
  [],
  programMissing("busybox", "busybox-static") ?? programMissing("dash", "dash"),
  'set -eu; cat "$(command -v busybox)" "$(command -v dash)" | sha256sum',
  `cp "$(command -v busybox)" bin/busybox
   for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "bin/$name"; done
   rm bin/tar bin/sh
   dash=$(command -v dash)
   cp "$dash" bin/sh
   for library in $(ldd "$dash" | grep -o '/[^ ]*'); do
     mkdir -p ".$(dirname "$library")"; cp -L "$library" ".$library"; done
   printf '#!/bin/sh\n[ -e /workspace/zeros ] && exec cat /dev/zero\nexec sleep 3600\n' >bin/tar
   chmod 755 bin/tar`,
);

/**
 * An image of a folder that a script fills, with what every system has.
 *
 * @param key A script that writes what the files depend on.
 * @param fill A script that runs in the folder.
 */
function image(
  name: string,
  settings: readonly string[],
  missing: string | undefined,
  key: string,
  fill: string,
): TestImage {
  let made: Promise<Uint8Array> | undefined;
  const tar = (): Promise<Uint8Array> => made ??= make(name, key, fill);
  return {
    name,
    missing,
    tar,
    into: async (engine) => {
      const [repo, tag] = name.split(":");
      const query = new URLSearchParams({ fromSrc: "-", repo: repo!, tag: tag! });
      for (const change of ["ENV PATH=/usr/bin:/bin", ...settings]) query.append("changes", change);
      const answer = await engine.ask("POST", `/images/create?${query}`, await tar());
      if (answer.status !== 200 || answer.text.includes('"error"')) {
        throw new Error(`${engine.kind} does not take ${name}: ${answer.text}`);
      }
    },
  };
}

const COMMON = `mkdir -p bin etc tmp root home dev proc sys run var/tmp
  chmod 1777 tmp var/tmp
  printf 'hosts: files dns\\n' >etc/nsswitch.conf
  printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/:/bin/false\\n' >etc/passwd
  printf 'root:x:0:\\nnogroup:x:65534:\\n' >etc/group
  set -eu`;

async function make(name: string, key: string, fill: string): Promise<Uint8Array> {
  const seed = new TextEncoder().encode(COMMON + fill + await script(key, "/"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", seed));
  const short = [...digest.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, "0"));
  const file = `${KEPT}/${name.split(/[/:]/)[1]}-${short.join("")}.tar`;
  try {
    return await Deno.readFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(KEPT, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: KEPT, prefix: ".new-" });
  try {
    await Deno.mkdir(`${folder}/tree`);
    await script(`${COMMON}\n${fill}`, `${folder}/tree`);
    await script(
      "tar --numeric-owner --owner=0 --group=0 --sort=name -cf ../new.tar .",
      `${folder}/tree`,
    );
    // By one rename: whoever makes it at the same time leaves a whole one too.
    await Deno.rename(`${folder}/new.tar`, file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return await Deno.readFile(file);
}

async function script(text: string, cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", text],
    cwd,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`A test image cannot be made: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
