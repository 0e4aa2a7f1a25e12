/** Every state that a library can be in, each under the real condition, seen by a child program. */

import assert from "assertions";
import { AGENT_FFI_ABI_VERSION } from "../../src/native/generated/ffi.ts";
import { DIGESTS } from "../../src/native/generated/symbols.ts";
import type { LibraryStatus } from "../../src/native/status.ts";
import { programMissing } from "../support/needs.ts";
import { BUILT, builtFile, deno, type Finished, ROOT, temporary } from "../support/programs.ts";
import { VERSION } from "../../src/native/libraries.ts";
import { test } from "./support.ts";

/** Why no library can be made here. */
const noCompiler = programMissing("cc", "gcc");

const PROGRAM = `
  import { nativeStatus, preloadNative } from "${ROOT}src/native/status.ts";
  const before = nativeStatus();
  console.log(JSON.stringify([before[0], preloadNative()[0]]));
`;

async function evaluate(
  flags: string[],
  env: Record<string, string> = {},
): Promise<{ before: LibraryStatus; after: LibraryStatus; outcome: Finished }> {
  return await temporary(async (directory) => {
    const file = `${directory}/program.ts`;
    await Deno.writeTextFile(file, PROGRAM);
    const outcome = await deno(["run", "--no-prompt", ...flags, file], env);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.equal(outcome.stderr, "");
    const [before, after] = JSON.parse(outcome.stdout) as [LibraryStatus, LibraryStatus];
    return { before, after, outcome };
  });
}

/** Puts one file (or folder) in the library's place and looks at what becomes of it. */
async function withFile(
  make: (path: string) => Promise<void>,
): Promise<{ before: LibraryStatus; after: LibraryStatus }> {
  return await temporary(async (directory) => {
    await make(`${directory}/${builtFile().slice(BUILT.length)}`);
    return await evaluate(
      [`--allow-read`, "--allow-ffi", "--allow-env"],
      { AGENT_NATIVE_DIR: directory },
    );
  });
}

test("nativeStatus() says available before, loaded after", async () => {
  const { before, after } = await evaluate([`--allow-read=${BUILT}`, `--allow-ffi=${BUILT}`]);
  assert.equal(before.state, "available");
  assert.equal(after.state, "loaded");
  assert.equal(after.path, builtFile());
  assert.equal(after.abi, AGENT_FFI_ABI_VERSION);
  assert.match(after.version ?? "", /^\d+\.\d+\.\d+$/);
});

test("whoever insists on native code is asked for what is missing, and nobody else", async () => {
  await temporary(async (directory) => {
    const file = `${directory}/program.ts`;
    await Deno.writeTextFile(
      file,
      `import { locate } from "${ROOT}src/native/locate.ts";
       const asked = [];
       Deno.permissions.requestSync = (descriptor) => {
         asked.push(descriptor);
         return { state: "granted" };
       };
       const states = [false, true].map((mayAsk) => locate("core-utils", mayAsk).state);
       console.log(JSON.stringify({ states, asked }));`,
    );
    const { code, stdout, stderr } = await deno(
      ["run", "--no-prompt", `--allow-read=${BUILT}`, file],
      {},
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      states: ["denied", "available"],
      asked: [{ name: "ffi", path: builtFile() }],
    });
  });
});

test("nativeStatus() says denied without --allow-ffi, and names the flag", async () => {
  const { after } = await evaluate([`--allow-read=${BUILT}`]);
  assert.equal(after.state, "denied");
  assert.match(after.reason ?? "", /--allow-ffi=/);
});

test("nativeStatus() says denied where nothing may be read", async () => {
  const { after } = await evaluate([`--allow-ffi=${BUILT}`]);
  assert.equal(after.state, "denied");
  assert.match(after.reason ?? "", /--allow-read=/);
});

test("nativeStatus() says disabled under AGENT_IMPLEMENTATION=pure", async () => {
  const { after } = await evaluate(
    ["--allow-env=AGENT_IMPLEMENTATION", `--allow-read=${BUILT}`, `--allow-ffi=${BUILT}`],
    { AGENT_IMPLEMENTATION: "pure" },
  );
  assert.equal(after.state, "disabled");
});

test("nativeStatus() says absent in a tree that was never built", async () => {
  await temporary(async (directory) => {
    await copyTree(`${ROOT}src/native`, `${directory}/src/native`);
    await copyTree(`${ROOT}src/shared`, `${directory}/src/shared`);
    await Deno.copyFile(`${ROOT}src/areas.ts`, `${directory}/src/areas.ts`);
    await Deno.writeTextFile(
      `${directory}/program.ts`,
      PROGRAM.replaceAll(ROOT, `${directory}/`),
    );
    const outcome = await deno(
      [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-ffi",
        "--allow-env",
        `${directory}/program.ts`,
      ],
      { HOME: directory },
      directory,
    );
    assert.equal(outcome.code, 0, outcome.stderr);
    const [, after] = JSON.parse(outcome.stdout) as LibraryStatus[];
    assert.equal(after?.state, "absent");
    assert.match(after?.reason ?? "", /cargo build|scripts\/setup/);
    assert.ok((after?.lookedIn.length ?? 0) > 0);
  });
});

test("nativeStatus() says denied where the user's folder may not be named, and names the flag", async () => {
  await temporary(async (directory) => {
    await copyTree(`${ROOT}src/native`, `${directory}/src/native`);
    await copyTree(`${ROOT}src/shared`, `${directory}/src/shared`);
    await Deno.copyFile(`${ROOT}src/areas.ts`, `${directory}/src/areas.ts`);
    const installed = `${directory}/.cache/agent/native/${VERSION}/${Deno.build.target}/`;
    await Deno.mkdir(installed, { recursive: true });
    await Deno.copyFile(builtFile(), `${installed}${builtFile().slice(BUILT.length)}`);
    const program = `${directory}/program.ts`;
    await Deno.writeTextFile(program, PROGRAM.replaceAll(ROOT, `${directory}/`));
    const status = async (...more: string[]): Promise<LibraryStatus> => {
      const flags = ["--no-prompt", "--allow-read", "--allow-ffi", ...more];
      const outcome = await deno(["run", ...flags, program], { HOME: directory }, directory);
      assert.equal(outcome.code, 0, outcome.stderr);
      return (JSON.parse(outcome.stdout) as LibraryStatus[])[1]!;
    };
    const without = await status();
    assert.equal(without.state, "denied");
    assert.match(without.reason ?? "", /--allow-env=HOME/);
    assert.deepEqual(
      without.unread,
      ["AGENT_IMPLEMENTATION", "AGENT_NATIVE_DIR", "HOME", "XDG_CACHE_HOME"],
    );
    assert.equal((await status("--allow-env=HOME")).state, "loaded");
  });
});

test("code that lies elsewhere, as in a bundle, takes nothing from two folders above", async () => {
  await temporary(async (directory) => {
    await Deno.mkdir(`${directory}/target/release`, { recursive: true });
    await Deno.copyFile(
      builtFile(),
      `${directory}/target/release/${builtFile().slice(BUILT.length)}`,
    );
    await copyTree(`${ROOT}src/native`, `${directory}/out/code`);
    await copyTree(`${ROOT}src/shared`, `${directory}/out/shared`);
    await Deno.copyFile(`${ROOT}src/areas.ts`, `${directory}/out/areas.ts`);
    const program = `${directory}/program.ts`;
    await Deno.writeTextFile(
      program,
      PROGRAM.replaceAll(`${ROOT}src/native`, `${directory}/out/code`),
    );
    const outcome = await deno(["run", "--allow-all", program], { HOME: directory }, directory);
    assert.equal(outcome.code, 0, outcome.stderr);
    const [, after] = JSON.parse(outcome.stdout) as LibraryStatus[];
    assert.equal(after?.state, "absent");
    assert.deepEqual(after?.lookedIn.filter((path) => path.includes("target/release")), []);
  });
});

test("a library where anybody may write is incompatible", async () => {
  const file = await withFile(async (path) => {
    await Deno.copyFile(builtFile(), path);
    await Deno.chmod(path, 0o666);
  });
  assert.equal(file.after.state, "incompatible");
  assert.match(file.after.reason ?? "", /anybody may write to .*\.so/);
  const folder = await withFile(async (path) => {
    await Deno.copyFile(builtFile(), path);
    await Deno.chmod(path.slice(0, path.lastIndexOf("/")), 0o1777);
  });
  assert.equal(folder.after.state, "incompatible");
  assert.match(folder.after.reason ?? "", /anybody may write to .*\//);
});

test("a library that could be put in place from above, or that a link leads to, is incompatible", async () => {
  const named = async (mode: number): Promise<LibraryStatus> =>
    (await withFile(async (path) => {
      const folder = path.slice(0, path.lastIndexOf("/"));
      await Deno.mkdir(`${folder}/others/own`, { recursive: true });
      await Deno.copyFile(builtFile(), `${folder}/others/own/library`);
      await Deno.chmod(`${folder}/others`, mode);
      await Deno.symlink(`${folder}/others/own/library`, path);
    })).after;
  const planted = await named(0o777);
  assert.equal(planted.state, "incompatible");
  assert.match(planted.reason ?? "", /anybody may write to .*\/others\/: /);
  // Where each has only what is his own, as in /tmp, nobody else can put anything there.
  assert.equal((await named(0o1777)).state, "loaded");
});

test("a library on whose way a link lies where anybody may write is incompatible", async () => {
  for (
    const [link, target] of [["own/chain", "../open/link"], ["own/chain", "../own/../open/link"]]
  ) {
    const { after } = await withFile(async (path) => {
      const folder = path.slice(0, path.lastIndexOf("/"));
      for (const name of ["own", "open", "kept"]) await Deno.mkdir(`${folder}/${name}`);
      await Deno.copyFile(builtFile(), `${folder}/kept/library`);
      await Deno.symlink("../kept/library", `${folder}/open/link`);
      await Deno.chmod(`${folder}/open`, 0o777);
      await Deno.symlink(target!, `${folder}/${link}`);
      await Deno.symlink(`${folder}/${link}`, path);
    });
    assert.equal(after.state, "incompatible");
    assert.match(after.reason ?? "", /anybody may write to .*\/open\/: /);
  }
});

test("a folder of the user that does not begin at the root is not looked into", async () => {
  await temporary(async (directory) => {
    const program = `${directory}/program.ts`;
    await Deno.writeTextFile(program, PROGRAM);
    const environment = { HOME: "home", XDG_CACHE_HOME: ".cache" };
    const outcome = await deno(["run", "--allow-all", program], environment, directory);
    assert.equal(outcome.code, 0, outcome.stderr);
    const [, after] = JSON.parse(outcome.stdout) as LibraryStatus[];
    assert.deepEqual(after?.lookedIn.filter((path) => !path.startsWith("/")), []);
    assert.ok((after?.lookedIn.length ?? 0) < 2);
  });
});

for (const percent of [0, 50, 75, 95]) {
  test(`a library cut at ${percent} % is incompatible, not a crash`, async () => {
    const { before, after } = await withFile(async (path) => {
      const bytes = await Deno.readFile(builtFile());
      await Deno.writeFile(path, bytes.subarray(0, Math.floor(bytes.length * percent / 100)));
    });
    assert.equal(before.state, "incompatible");
    assert.equal(after.state, "incompatible");
    assert.match(after.reason ?? "", percent === 0 ? /not an ELF/ : /truncated/);
  });
}

test("a library of another machine is incompatible", async () => {
  const { after } = await withFile(async (path) => {
    const bytes = await Deno.readFile(builtFile());
    new DataView(bytes.buffer).setUint16(18, 20, true);
    await Deno.writeFile(path, bytes);
  });
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /another machine/);
});

test("a folder in the library's place is incompatible", async () => {
  const { after } = await withFile((path) => Deno.mkdir(path));
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /not a file/);
});

test("a text in the library's place is incompatible", async () => {
  const { after } = await withFile((path) => Deno.writeTextFile(path, "#!/bin/sh\n".repeat(100)));
  assert.equal(after.state, "incompatible");
});

test("a library of another ABI is incompatible", async () => {
  const { after } = await withFile((path) => compile(path, 99));
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /ABI is 99/);
}, [noCompiler]);

test("a library without a digest of its exports is incompatible", async () => {
  const { after } = await withFile((path) => compile(path, AGENT_FFI_ABI_VERSION));
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /agent_core_digest/);
}, [noCompiler]);

test("a library with other exports is incompatible", async () => {
  const { after } = await withFile((path) => compile(path, AGENT_FFI_ABI_VERSION, 7));
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /built from other sources/);
}, [noCompiler]);

test("a library without the common exports is incompatible", async () => {
  const { value } = DIGESTS["core-utils"];
  const { after } = await withFile((path) => compile(path, AGENT_FFI_ABI_VERSION, value));
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /agent_ffi_/);
}, [noCompiler]);

test("a size other than the installed one is incompatible", async () => {
  const { after } = await withFile(async (path) => {
    const bytes = await Deno.readFile(builtFile());
    await Deno.writeFile(path, bytes);
    const sidecar = { size: bytes.length + 1, sha256: "", version: "0.1.0", abi: 1 };
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(sidecar));
  });
  assert.equal(after.state, "incompatible");
  assert.match(after.reason ?? "", /truncated or replaced/);
});

test("a wrong word in AGENT_IMPLEMENTATION is a TypeError that names it", async () => {
  const outcome = await deno(
    ["eval", `import { nativeStatus } from "${ROOT}src/native/status.ts"; nativeStatus();`],
    { AGENT_IMPLEMENTATION: "fast" },
  );
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /TypeError.*AGENT_IMPLEMENTATION is "fast"/);
});

/** Builds a library that knows nothing but its ABI number and perhaps a digest. */
async function compile(path: string, abi: number, digest?: number): Promise<void> {
  const source = `${path}.c`;
  const functions = [`unsigned agent_ffi_abi_version(void) { return ${abi}u; }`];
  if (digest !== undefined) {
    functions.push(`unsigned agent_core_digest(void) { return ${digest}u; }`);
  }
  await Deno.writeTextFile(source, `${functions.join("\n")}\n`);
  const { success, stderr } = await new Deno.Command("cc", {
    args: ["-shared", "-fPIC", "-o", path, source],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) await copyTree(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}
