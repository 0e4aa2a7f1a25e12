/** Templates that come from anywhere: folders with traps, values that try to be more, foreign descriptions. */

import assert from "assertions";
import {
  builtInTemplates,
  fillTemplate,
  readTemplates,
} from "../../src/containers/templates/mod.ts";
import { connectContainers } from "../../src/containers/mod.ts";
import { readDevcontainer } from "../../src/containers/templates/devcontainer.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { call } from "./cli_support.ts";
import { FakeEngine } from "./fake_engine.ts";
import { DOCKER } from "./generations.ts";

const JSON_TEXT = JSON.stringify({
  id: "mine",
  version: "1.0.0",
  name: "Mine",
  description: "A test.",
  options: {
    base: {
      type: "string",
      format: "image",
      default: "x",
      description: "b",
      to: { buildArg: "BASE" },
    },
  },
});

/** A folder of templates, made of a map of files. */
async function inFolder(
  files: Record<string, string | Uint8Array>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agent-templates-" });
  try {
    for (const [path, content] of Object.entries(files)) {
      const whole = `${folder}/${path}`;
      await Deno.mkdir(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(whole, content);
      else await Deno.writeFile(whole, content);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fails(code: AgentErrorCode, folder: string, pattern: RegExp): Promise<void> {
  const refusing = async (): Promise<never> => {
    const { templates, refused } = await readTemplates(folder);
    assert.deepEqual([templates, refused.length], [[], 1]);
    throw refused[0]!.error;
  };
  await assert.rejects(refusing(), (error) => {
    assert.ok(AgentError.is(error, code), `${error}`);
    assert.match(error.message, pattern);
    return true;
  });
}

const GOOD = { "mine/template.json": JSON_TEXT, "mine/Dockerfile": "FROM x\n" };

Deno.test("folder: a template with what its image is built from", async () => {
  const more = { "mine/etc/start.sh": "#!/bin/sh\n", "other.txt": "no folder", ".git/x": "hidden" };
  await inFolder({ ...GOOD, ...more }, async (folder) => {
    const { templates: [template, ...rest], refused } = await readTemplates(folder);
    assert.deepEqual([rest, refused], [[], []]);
    assert.equal(template!.source, "folder");
    assert.deepEqual([...template!.files.keys()].sort(), ["Dockerfile", "etc/start.sh"]);
  });
});

Deno.test("folder: one that is not there, or no folder", async () => {
  await fails("NOT_FOUND", "/nowhere/at/all", /cannot be read/);
  await inFolder({ x: "" }, (folder) => fails("NOT_FOUND", `${folder}/x`, /cannot be read/));
});

Deno.test("folder: one that is no template keeps nobody from the others", async () => {
  await inFolder({ ...GOOD, "built/readme.txt": "" }, async (folder) => {
    await Deno.mkdir(`${folder}/empty`);
    const { templates, refused } = await readTemplates(folder);
    assert.deepEqual(templates.map(({ id }) => id), ["mine"]);
    assert.deepEqual(refused.map(({ id }) => id), ["built", "empty"]);
    for (const { id, error } of refused) {
      assert.ok(AgentError.is(error, "CORRUPT"), `${error}`);
      assert.equal(error.message, `${folder}/${id} is no template: it has no template.json`);
    }
    // On the command line it is a warning, and an error for who asks for it.
    const given = { templates: folder };
    const warned = refused.map(({ error }) => `left out: ${error.message}`);
    const listed = await call("templates", [], given);
    assert.match(listed.stdout, /^mine /m);
    assert.deepEqual([listed.code, listed.notes], [0, warned]);
    const json = JSON.parse((await call("templates", [], { ...given, json: true })).stdout);
    assert.deepEqual(json.refused[0].id, "built");
    const described = await call("templates", ["mine"], given);
    assert.deepEqual([described.code, described.notes], [0, warned]);
    await assert.rejects(
      call("templates", ["built"], given),
      (error) => AgentError.is(error, "CORRUPT"),
    );
    await using engine = await FakeEngine.start(DOCKER);
    const options = { host: engine.host, lockFolder: `${engine.folder}/owners`, templates: folder };
    await using containers = await connectContainers(options);
    assert.match(containers.describe("mine"), /mine/);
    assert.deepEqual(containers.refusedTemplates().map(({ id }) => id), ["built", "empty"]);
    assert.throws(() => containers.describe("built"), /built is no template: it has no template/);
    await assert.rejects(containers.deploy("empty"), (error) => AgentError.is(error, "CORRUPT"));
  });
});

Deno.test("folder: a template where the folder above it is meant", async () => {
  await inFolder(GOOD, async (folder) => {
    const above = new RegExp(`${folder}/mine is a template itself: name the folder above it`);
    await assert.rejects(readTemplates(`${folder}/mine`), (error) => {
      assert.ok(AgentError.is(error, "CORRUPT"), `${error}`);
      assert.match(error.message, above);
      return true;
    });
  });
});

Deno.test("folder: links are no part of a template, wherever they lead", async () => {
  for (const name of ["Dockerfile", "start.sh", "template.json"]) {
    await inFolder(GOOD, async (folder) => {
      await Deno.remove(`${folder}/mine/${name}`).catch(() => {});
      await Deno.symlink("/etc/passwd", `${folder}/mine/${name}`);
      await fails("CORRUPT", folder, /is no regular file; a template has no links/);
    });
  }
  await inFolder(GOOD, async (folder) => {
    await Deno.symlink("/etc", `${folder}/mine/etc`);
    await fails("CORRUPT", folder, /is no regular file/);
  });
  await inFolder(GOOD, async (folder) => {
    await Deno.rename(`${folder}/mine`, `${folder}/../${folder.split("/").at(-1)}-real`);
    const real = `${folder}-real`;
    try {
      await Deno.symlink(real, `${folder}/mine`);
      await fails("CORRUPT", folder, /it is a link/);
    } finally {
      await Deno.remove(real, { recursive: true });
    }
  });
});

Deno.test("folder: a socket is no file of a template", async () => {
  await inFolder(GOOD, async (folder) => {
    using _listener = Deno.listen({ transport: "unix", path: `${folder}/mine/s` });
    await fails("CORRUPT", folder, /is no regular file/);
  });
});

Deno.test("folder: what is too large, too deep or too much", async () => {
  await inFolder({ ...GOOD, "mine/big": new Uint8Array(4 * 1024 * 1024 + 1) }, async (folder) => {
    await fails("TOO_LARGE", folder, /at most 4194304/);
  });
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`mine/f${i}`, ""]));
  await inFolder({ ...GOOD, ...many }, (folder) => fails("TOO_LARGE", folder, /at most 200/));
  await inFolder({ ...GOOD, [`mine/${"d/".repeat(10)}x`]: "" }, async (folder) => {
    await fails("TOO_LARGE", folder, /folders in each other/);
  });
  await inFolder({ ...GOOD, "mine/template.json": " ".repeat(256 * 1024 + 1) }, async (folder) => {
    await fails("TOO_LARGE", folder, /at most 262144/);
  });
});

Deno.test("folder: what is no template says why", async () => {
  const cases: [string, RegExp][] = [
    ["", /JSON/],
    ["[]", /must be an object/],
    ["null", /must be an object/],
    ["{", /JSON/],
    [JSON_TEXT.replace('"mine"', '"other"'), /its id is "other"/],
    [JSON_TEXT.replace('"1.0.0"', "1"), /version must be a string/],
    [JSON_TEXT.replace('"Mine"', '["Mine"]'), /name must be a string/],
    [JSON_TEXT.replace('{"id"', '{"privileged":true,"id"'), /no field "privileged"/],
    [JSON_TEXT.replace('{"id"', '{"__proto__":{"user":"0:0"},"id"'), /no field "__proto__"/],
  ];
  for (const [text, pattern] of cases) {
    await inFolder({ ...GOOD, "mine/template.json": text }, (f) => fails("CORRUPT", f, pattern));
  }
  await inFolder({ "mine/template.json": JSON_TEXT }, async (folder) => {
    await fails("CORRUPT", folder, /either an image or a Dockerfile/);
  });
  await inFolder({ "mine/Dockerfile": "FROM x" }, (f) => fails("CORRUPT", f, /no template.json/));
  const bytes = new Uint8Array([0x22, 0xff, 0x22]);
  await inFolder(
    { ...GOOD, "mine/template.json": bytes },
    (f) => fails("CORRUPT", f, /no template/),
  );
});

Deno.test("folder: nobody takes the name of a template of this package", async () => {
  const text = JSON_TEXT.replace('"mine"', '"dev-environment"');
  const files = { "dev-environment/template.json": text, "dev-environment/Dockerfile": "FROM x" };
  await inFolder(files, (folder) => fails("CORRUPT", folder, /name of a template of this package/));
});

/** What people try to get out of a value with. */
const BREAKOUTS = [
  ...['"; rm -rf /; "', "'; id; '", "$(id)", "`id`", "${IFS}id", "${${x}}", "a && id", "a | sh"],
  ...[
    "a\nRUN id",
    "a\r\nUSER root",
    "a\0b",
    "-o APT::x=1",
    "--privileged",
    "a;b",
    "a>b",
    "a<b",
    "\\",
  ],
  ...["a\u2028RUN id", "\u202ex", "x\ud800", "a  b", " a", "a ", "*", "~", "#", "a\tb", "!x"],
];

Deno.test("options: what tries to break out of a package or an image is refused", () => {
  for (const template of builtInTemplates()) {
    for (const value of BREAKOUTS) {
      for (const name of ["packages", "baseImage"]) {
        assert.throws(
          () => fillTemplate(template, { [name]: value }),
          RangeError,
          `${template.id} ${name} ${JSON.stringify(value)}`,
        );
      }
    }
  }
});

const minimal = (more: string): string => `{ "image": "debian:12.11-slim", ${more} }`;

Deno.test("devcontainer: comments, commas, image, variables, user and ports", () => {
  const template = readDevcontainer(`{
    // A comment
    "name": "Ours", /* another */
    "image": "debian:12.11-slim",
    "containerEnv": { "A": "b // no comment" },
    "containerUser": "1234",
    "forwardPorts": [3000, "8080", "localhost:9000",],
    "customizations": { "vscode": { "extensions": ["x"] } },
    "postCreateCommand": "never run",
  }`);
  assert.equal(template.image, "debian:12.11-slim");
  assert.equal(template.description, "Ours");
  assert.deepEqual(template.env, { A: "b // no comment" });
  assert.equal(template.user, "1234:1234");
  assert.deepEqual(template.ports.map(({ container }) => container), [3000, 8080, 9000]);
  assert.deepEqual(template.command, ["infinity"]);
  assert.ok(!JSON.stringify(template).includes("never run"));
  for (const user of ["root", "0", "0:0", "vscode"]) {
    const text = minimal(`"containerUser": ${JSON.stringify(user)}`);
    assert.equal(readDevcontainer(text).user, "1000:1000");
  }
});

for (
  const [field, value] of [
    ["privileged", "true"],
    ["capAdd", '["SYS_ADMIN"]'],
    ["securityOpt", '["seccomp=unconfined"]'],
    ["runArgs", '["--privileged"]'],
    ["mounts", '["source=/,target=/host,type=bind"]'],
    ["workspaceMount", '"source=/,target=/w,type=bind"'],
    ["initializeCommand", '"id"'],
    ["dockerComposeFile", '"compose.yml"'],
    ["features", '{ "x": {} }'],
  ] as const
) {
  Deno.test(`devcontainer: ${field} is refused by name, or left out with a note`, () => {
    const text = minimal(`"${field}": ${value}`);
    assert.throws(() => readDevcontainer(text), (error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"));
      assert.deepEqual(error.details, { what: field });
      assert.match(error.message, new RegExp(`asks for ${field}, which is refused`));
      return true;
    });
    const ignore = [field];
    const template = readDevcontainer(text, new Map(), { ignore });
    assert.match(template.notes.join(), new RegExp(`Left out of devcontainer.json: ${field}`));
    assert.ok(!JSON.stringify({ ...template, notes: [] }).includes("SYS_ADMIN"));
  });
}

Deno.test("devcontainer: nothing of this machine is put in", () => {
  for (const value of ["${localEnv:SECRET}", "a${localWorkspaceFolder}b", "${${x}}", "${"]) {
    const text = minimal(`"containerEnv": { "A": ${JSON.stringify(value)} }`);
    assert.throws(() => readDevcontainer(text), (error) => AgentError.is(error, "UNSUPPORTED"));
  }
});

Deno.test("devcontainer: a build of files that were given, and of nothing outside", () => {
  const files = new Map([["Dockerfile.dev", new TextEncoder().encode("FROM x")]]);
  const build = (fields: string): string => `{ "build": { ${fields} } }`;
  const template = readDevcontainer(
    build(`"dockerfile": "Dockerfile.dev", "args": { "V": "a b; $(id)" }`),
    files,
  );
  assert.ok(template.files.has("Dockerfile"));
  assert.deepEqual(fillTemplate(template).buildArgs, { V: "a b; $(id)" });
  for (const path of ["../Dockerfile", "/etc/passwd", "Dockerfile"]) {
    assert.throws(
      () => readDevcontainer(build(`"dockerfile": ${JSON.stringify(path)}`), files),
      (error) => AgentError.is(error, "NOT_FOUND"),
    );
  }
  assert.throws(() => readDevcontainer(build('"context": ".."'), files), RangeError);
  assert.throws(() => readDevcontainer(build('"options": ["--privileged"]'), files), /is refused/);
  const number = build('"args": { "V": 1 }, "dockerfile": "Dockerfile.dev"');
  assert.throws(() => readDevcontainer(number, files), TypeError);
});

Deno.test("devcontainer: what is none says so", () => {
  for (const text of ["", "[]", "null", "{", "{]", '{"image": }', "x".repeat(256 * 1024 + 1)]) {
    assert.throws(() => readDevcontainer(text), (error) => AgentError.is(error, "CORRUPT"));
  }
  const sly = '{ "__proto__": { "image": "x" }, "image": "y" }';
  assert.throws(() => readDevcontainer(sly), /a field "__proto__" that is not known/);
  assert.throws(
    () => readDevcontainer(minimal('"forwardPort": [1]')),
    /did you mean forwardPorts\?/,
  );
  assert.throws(() => readDevcontainer(minimal('"forwardPorts": ["db:5432"]')), RangeError);
  assert.throws(() => readDevcontainer(minimal('"forwardPorts": [0]')), RangeError);
  assert.throws(() => readDevcontainer(minimal('"containerEnv": { "A=": "x" }')), RangeError);
  assert.throws(() => readDevcontainer("{}"), /either an image or a Dockerfile/);
});

Deno.test("devcontainer: what is nested too deep is no such file, wherever it stands", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}"[{"${"]".repeat(depth)}`;
  for (const text of ["[".repeat(200_000), '{"a":'.repeat(40_000), nested(100_000)]) {
    for (const whole of [text, minimal(`"customizations": ${text}`)]) {
      assert.throws(() => readDevcontainer(whole), (error) => {
        assert.ok(AgentError.is(error, "CORRUPT"));
        return /nested deeper than 64/.test(error.message);
      });
    }
  }
  // Brackets of texts and comments are none.
  const flat = `/* ${"[".repeat(100)} */ "name": "${"{".repeat(100)}", "settings": ${nested(63)}`;
  assert.equal(readDevcontainer(minimal(flat)).image, "debian:12.11-slim");
});

Deno.test("devcontainer: a byte order mark in front is passed over", () => {
  assert.equal(readDevcontainer(`\uFEFF${minimal("")}`).image, "debian:12.11-slim");
});

Deno.test("devcontainer: files and options of another form are refused", () => {
  const text = minimal('"privileged": true');
  // One text has many names in it, as parts of words.
  const ignored = ["privileged", [1]].map((ignore) => ({ ignore }));
  for (const options of [...ignored, { user: 5 }, { users: [] }, null]) {
    assert.throws(() => readDevcontainer(text, new Map(), options as never), /^TypeError: options/);
  }
  const files = { Dockerfile: "FROM x" } as never;
  assert.throws(() => readDevcontainer('{ "build": {} }', files), /files must be a Map/);
});
