/** The templates of this package: what their data says, and what it must never say. */

import assert from "assertions";
import { CAPABILITIES } from "../../src/containers/policy/mod.ts";
import {
  builtInTemplates,
  describeTemplate,
  fillTemplate,
  readTemplate,
  type Template,
} from "../../src/containers/templates/mod.ts";
import { TEMPLATE_FIELDS } from "../../src/containers/templates/read.ts";
import { ROOT } from "../support/programs.ts";
import { wrong } from "../support/values.ts";

const TEMPLATES = builtInTemplates();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The instructions of a Dockerfile, a line each. */
function instructions(template: Template): string[] {
  const text = decoder.decode(template.files.get("Dockerfile"));
  return text.replaceAll(/\\\n\s*/g, "").split("\n").filter((line) => line !== "");
}

Deno.test("templates: there are five", () => {
  assert.deepEqual(TEMPLATES.map(({ id }) => id), [
    "cybersec-lab",
    "data-science",
    "dev-environment",
    "ml-training",
    "web-pentest",
  ]);
});

for (const template of TEMPLATES) {
  const test = (name: string, body: () => void): void =>
    Deno.test(`templates: ${template.id}: ${name}`, body);

  test("the base is pinned by its version and can be another", () => {
    const lines = instructions(template);
    const base = template.options.baseImage!;
    assert.equal(lines[0], `ARG BASE_IMAGE=${base.default}`);
    assert.equal(lines[1], "FROM ${BASE_IMAGE}");
    assert.equal(lines.filter((line) => line.startsWith("FROM ")).length, 1);
    assert.match(String(base.default), /:[^:]*\d+\.\d+/);
    assert.doesNotMatch(String(base.default), /latest/);
    assert.deepEqual(base.to, { buildArg: "BASE_IMAGE" });
    const other = { baseImage: `localhost:5000/other@sha256:${"a".repeat(64)}` };
    assert.equal(fillTemplate(template, other).buildArgs.BASE_IMAGE, other.baseImage);
  });

  test("every build argument is declared, and every option goes somewhere", () => {
    const lines = instructions(template);
    for (const [name, option] of Object.entries(template.options)) {
      if (!("buildArg" in option.to)) continue;
      const argument = option.to.buildArg;
      assert.ok(lines.some((line) => line.startsWith(`ARG ${argument}=`)), `${name}: ${argument}`);
    }
  });

  test("it ends as another user than root, in its folder", () => {
    const lines = instructions(template);
    assert.equal(lines.findLast((line) => line.startsWith("USER ")), `USER ${template.user}`);
    assert.notEqual(template.user.split(":")[0], "0");
    assert.equal(
      lines.findLast((line) => line.startsWith("WORKDIR ")),
      `WORKDIR ${template.workdir}`,
    );
  });

  test("what it copies is there, and nothing comes from elsewhere", () => {
    for (const line of instructions(template)) {
      assert.doesNotMatch(line, /^ADD |curl [^;]*\| *sh|--privileged|sshd|openssh-server/);
      const [, source] = /^COPY (\S+) /.exec(line) ?? [];
      if (source !== undefined) assert.ok(template.files.has(source), source);
    }
    for (const path of template.files.keys()) {
      const used = path === "Dockerfile" ||
        instructions(template).some((line) => line.startsWith(`COPY ${path} `));
      assert.ok(used, path);
    }
  });

  test("no password is written anywhere", () => {
    const texts = [...template.files.values()].map((bytes) => decoder.decode(bytes));
    texts.push(JSON.stringify({ ...template, files: [] }));
    for (const text of texts) {
      assert.doesNotMatch(
        text,
        /chpasswd|passwd |usermod -p|PASSWORD=|password *[:=] *"?[A-Za-z0-9]/i,
      );
      assert.doesNotMatch(text, /TOKEN=(?!\/)\S|--auth[ =]none|NOPASSWD|token *= *''/);
    }
  });

  test("whoever reaches a port needs the token; without ports there is none", () => {
    assert.equal(template.token !== null, template.ports.length > 0);
    if (template.token === null) return;
    assert.deepEqual(template.token, { file: "/secrets/token" });
    const start = decoder.decode(template.files.get("start.sh"));
    assert.match(start, /\/secrets\/token/);
    assert.match(start, /"\$\{#token\}" -ge 32/);
    assert.doesNotMatch(start, /echo[^\n]*\$token|--(token|password)[ =]/);
  });

  test("a lab has no way out and no port; capabilities have reasons and are not given", () => {
    const isLab = ["cybersec-lab", "web-pentest"].includes(template.id);
    assert.equal(template.profile, isLab ? "lab" : "service");
    assert.equal(template.network, isLab ? "internal" : "bridge");
    assert.equal(template.capabilities.length > 0, isLab);
    const described = describeTemplate(template);
    for (const { name, reason } of template.capabilities) {
      assert.ok(CAPABILITIES.lab.includes(name));
      assert.ok(described.includes(`Capability ${name}: not given unless asked for`));
      assert.ok(described.includes(reason));
    }
  });

  test("its description says what holds it", () => {
    const described = describeTemplate(template);
    assert.match(described, /no capability, no new privileges, a root that is read only/);
    for (const { name } of template.ports) {
      assert.ok(described.includes(`Port ${name}: `) && described.includes("127.0.0.1"));
    }
    for (const option of Object.keys(template.options)) {
      assert.ok(described.includes(`Option ${option}: `));
    }
  });

  test("graphics processors are asked for, never given", () => {
    assert.equal(fillTemplate(template).gpu, false);
    if (template.id === "ml-training") {
      assert.equal(fillTemplate(template, { gpu: true }).gpu, true);
    }
  });
}

const MINIMAL = { id: "mine", version: "1.0.0", name: "Mine", description: "A test.", image: "x" };
const read = (fields: object): Template =>
  readTemplate({ ...MINIMAL, ...fields }, { source: "folder", files: new Map() }, "template.json");

Deno.test("templates: what weakens is no field of a template", () => {
  for (
    const field of [
      ...[
        "privileged",
        "capAdd",
        "securityOpt",
        "runArgs",
        "mounts",
        "devices",
        "networkMode",
        "pid",
      ],
      ...["hostConfig", "postCreateCommand", "exposeToNetwork", "gpu", "sysctls"],
    ]
  ) {
    assert.throws(() => read({ [field]: true }), new RegExp(`has no field "${field}"`));
  }
  assert.throws(() => read({ profile: "sandbox" }), TypeError);
  assert.throws(() => read({ profile: "privileged" }), TypeError);
  assert.throws(() => read({ profile: "lab", network: "bridge" }), RangeError);
  assert.throws(() => read({ network: "host" }), TypeError);
  assert.throws(() => read({ user: "0:0" }), /another than root/);
  assert.throws(() => read({ user: "root" }), RangeError);
  assert.throws(() => read({ capabilities: [{ name: "SYS_ADMIN", reason: "x" }] }), TypeError);
  assert.throws(() => read({ capabilities: [{ name: "NET_RAW", reason: "x" }] }), TypeError);
  assert.throws(() => read({ ports: [{ container: 80 }], network: "internal" }), RangeError);
  assert.throws(() => read({ ports: [{ container: 80, hostAddress: "0.0.0.0" }] }), TypeError);
});

Deno.test("templates: names and places are what they seem", () => {
  for (const id of ["", "-x", "A", "a b", "../x", "a/b", "a\n", "x".repeat(64)]) {
    assert.throws(() => read({ id }), Error, id);
  }
  for (const version of ["1", "1.0", "v1.0.0", "1.0.0-x", 1]) {
    assert.throws(() => read({ version }));
  }
  for (const file of ["/token", "/etc/token", "/run/token", "/a/b/c", "secrets/token", "/a/../b"]) {
    assert.throws(() => read({ token: { file } }), RangeError, file);
  }
  assert.throws(() => read({ token: {} }), TypeError);
  assert.throws(() => read({ token: { file: "/secrets/token", env: "TOKEN" } }), TypeError);
  assert.throws(() => read({ description: "two\nlines" }), RangeError);
  assert.throws(() => read({ description: "\u202e" }), RangeError);
  assert.throws(() => read({ image: "--privileged" }), RangeError);
  assert.throws(() => read({ volumes: [{ name: "a", target: "../x" }] }), RangeError);
  assert.throws(() => read({ volumes: [1] }), TypeError);
  assert.throws(() => read({ ports: [{ container: 80 }, { container: 80 }] }), /different names/);
});

Deno.test("templates: options are of a type and go to one place", () => {
  const option = (fields: object): Template =>
    read({
      options: {
        o: { type: "string", default: "a", description: "x", to: { env: "O" }, ...fields },
      },
    });
  assert.equal(option({}).options.o!.format, "word");
  for (
    const fields of [
      { type: "number" },
      { type: "boolean" },
      { default: 1 },
      { default: "b c" },
      { enum: ["b"] },
      { enum: "a" },
      { proposals: ["b c"] },
      { to: {} },
      { to: { env: "O", buildArg: "O" } },
      { to: { env: "1O" } },
      { to: { env: "A=B" } },
      { to: { gpu: true } },
      { to: { shell: "x" } },
      { format: "any" },
      { minimum: 1 },
    ]
  ) assert.throws(() => option(fields), Error, JSON.stringify(fields));
  assert.throws(() => read({ options: { "a-b": {} } }), RangeError);
  assert.throws(() => read({ options: [] }), TypeError);
});

Deno.test("templates: values of options are checked, and an unknown option names the nearest", () => {
  const [template] = TEMPLATES.filter(({ id }) => id === "dev-environment");
  assert.throws(() => fillTemplate(template!, { baseimage: "x" }), /did you mean baseImage\?/);
  assert.throws(() => fillTemplate(template!, { theme: "drak" }), /did you mean dark\?/);
  assert.throws(() => fillTemplate(template!, { theme: true }), TypeError);
  assert.throws(() => fillTemplate(template!, wrong(null)), TypeError);
  assert.throws(() => fillTemplate(template!, wrong("x")), TypeError);
  assert.throws(() => fillTemplate(template!, { baseImage: "a b" }), RangeError);
  assert.throws(() => fillTemplate(template!, { constructor: "x" }), TypeError);
  assert.deepEqual(fillTemplate(template!, { packages: "golang-go jq" }).buildArgs, {
    BASE_IMAGE: "codercom/code-server:4.101.2",
    PACKAGES: "golang-go jq",
  });
});

Deno.test("the document's templates are templates, and it names every field", async () => {
  const text = await Deno.readTextFile(`${ROOT}docs/containers.md`);
  const blocks = [...text.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, json]) =>
    JSON.parse(json!)
  );
  assert.ok(blocks.length > 0);
  for (const value of blocks) {
    const files: Map<string, Uint8Array> = value.image === undefined
      ? new Map([["Dockerfile", new Uint8Array()]])
      : new Map();
    const template = readTemplate(value, { source: "folder", files }, "template.json");
    assert.deepEqual(Object.keys(fillTemplate(template).values), Object.keys(value.options));
  }
  const start = text.indexOf("\n## A template of your own\n");
  const section = text.slice(start, text.indexOf("\n## ", start + 1));
  const rows = section.split("\n").filter((line) => line.startsWith("|")).join("\n");
  for (const field of TEMPLATE_FIELDS) assert.ok(rows.includes(`\`${field}\``), field);
});
