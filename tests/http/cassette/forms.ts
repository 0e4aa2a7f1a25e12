/**
 * The forms in which a secret stands under its name: JSON, markup, lines, commands, addresses. Each has something beside
 * it that has to stay (`kept`), so that a cassette is not made safe by being made empty.
 */

/** What is written: a body of a type, or a part of an address. */
export interface Form {
  readonly what: string;
  readonly type: string;
  readonly text: (name: string, secret: string) => string;
  /** Whether a secret in it may have blanks. */
  readonly phrases: boolean;
}

const form = (what: string, type: string, text: Form["text"], phrases = true): Form => ({
  ...{ what, type, text, phrases },
});

const html = "text/html; charset=utf-8";
const xml = "application/xml";
const yaml = "application/yaml";
const plain = "text/plain";
const json = "application/json";

/** JSON that can be read, in which the number has more digits than one of JavaScript. */
const big = '"big":12345678901234567890,"kept":"kept"';
const quoted = JSON.stringify;
const escapedName = (name: string): string =>
  name.replace(/[a-z]/, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const FORMS: readonly Form[] = [
  // JSON.
  form("a field beside a long number", json, (n, s) => `{${big},${quoted(n)}:${quoted(s)}}`),
  form("a field with an escaped name", json, (n, s) => `{${big},"${escapedName(n)}":${quoted(s)}}`),
  form(
    "an escaped name in broken JSON",
    json,
    (n, s) => `{"kept":"kept","${escapedName(n)}" : ${quoted(s)},`,
  ),
  form(
    "JSON that was cut off",
    json,
    (n, s) => `{"kept":"kept",${quoted(n)}: ${quoted(s).slice(0, -1)}`,
  ),
  form(
    "a list of names and values",
    json,
    (n, s) => `[{"name":"kept","value":"kept"},${quoted({ name: n, value: s })}]`,
  ),
  form(
    "values before names",
    json,
    (n, s) => quoted({ kept: [{ value: s, name: n }], big: "kept" }),
  ),
  form("keys and values", json, (n, s) => `{${big},"list":[${quoted({ key: n, value: s })}]}`),
  form(
    "names of other cases",
    json,
    (n, s) => quoted([{ ParameterKey: n, ParameterValue: s }, { Name: "kept", Value: "kept" }]),
  ),
  form(
    "a header's fields",
    json,
    (n, s) => quoted({ headers: [{ header: n, values: [s] }], a: "kept" }),
  ),
  form("pairs", json, (n, s) => quoted([["kept", "kept"], [n, s]])),
  form(
    "a name and a value apart",
    json,
    (n, s) => quoted([{ name: "kept" }, { value: "kept" }, { name: n }, { value: s }]),
  ),
  form(
    "a name and a value apart in a text",
    plain,
    (n, s) => `kept: {"name":${quoted(n)}}, {"value":${quoted(s)}}`,
  ),
  form(
    "a name and a value in fields apart",
    json,
    (n, s) => quoted({ kept: "kept", a: { key: n }, b: { value: s } }),
  ),
  form(
    "a name and a value apart in JavaScript",
    "text/javascript",
    (n, s) => `kept({ name: '${n}' }, { value: '${s}' });`,
  ),
  form(
    "rows under names",
    json,
    (n, s) => quoted({ columns: ["user", n], rows: [["kept", s], ["kept", s]] }),
  ),
  form("arguments in a list", json, (n, s) => quoted(["kept", `--${n}`, s, "--verbose"])),
  form("curl in a list", json, (_n, s) => quoted(["curl", "-u", `kept:${s}`, "https://kept.test"])),
  form(
    "names and values in broken JSON",
    json,
    (n, s) => `{"a":[{"name": ${quoted(n)}, "value": ${quoted(s)}}, "kept"`,
  ),
  form(
    "lines of JSON",
    "application/x-ndjson",
    (n, s) => `{"kept":1}\n${quoted({ key: n, value: s })}\n${quoted({ [n]: s })}\n`,
  ),
  form(
    "an event with JSON",
    "text/event-stream",
    (n, s) => `event: kept\ndata: {"name":${quoted(n)},${big},"value":${quoted(s)}}\n\n`,
  ),
  form("JSON in a text", plain, (n, s) => `kept: see {"a": [${quoted({ [n]: s })}]} there`),
  form(
    "JSON in a string of JSON",
    json,
    (n, s) => quoted({ kept: "kept", inner: quoted({ deep: quoted([{ name: n, value: s }]) }) }),
  ),
  form(
    "JavaScript",
    "text/javascript",
    (n, s) =>
      `const kept = { name: '${n}', value: '${s}' };\nset("${n}", "${s}");\nlet ${
        n.replaceAll("-", "_")
      }: string = '${s}';\n`,
  ),
  form(
    "JavaScript with names that are not quoted",
    "text/javascript",
    (n, s) => `call({kept: 1, ${n.replaceAll("-", "_")}: "${s}", more: 2})`,
  ),
  form("Python", plain, (n, s) => `kept = {'${n}': '${s}', 'more': 1}\n`),
  form("strings put together", plain, (n, s) => `kept; ${n} = "${s}" + "${s}"`),
  form("strings of three quotes", plain, (n, s) => `kept = 1\n${n} = """${s}\n${s}"""\n`),
  // Markup.
  form("an input", html, (n, s) => `<form><p>kept</p><input name="${n}" value="${s}"></form>`),
  form(
    "an input, the other way round",
    html,
    (n, s) => `<p>kept</p><INPUT VALUE='${s}' id=x type="hidden" NAME='${n}' />`,
  ),
  form("an input without quotes", html, (n, s) => `<p>kept<input name=${n} value=${s}>`, false),
  form(
    "a field of passwords",
    html,
    (_n, s) => `<p>kept</p><input type=password name=q value="${s}">`,
  ),
  form(
    "an input that begins on other lines",
    html,
    (n, s) => `<p>kept</p><input\n  name="${n}"\n  class="a>b"\n  value="${s}"\n>`,
  ),
  form(
    "an input with references",
    html,
    (n, s) => `<p>kept</p><input name="&#${n.charCodeAt(0)};${n.slice(1)}" value="${s}">`,
  ),
  form("a meta", html, (n, s) => `<title>kept</title><meta name=${n} content="${s}">`),
  form(
    "a meta, the other way round",
    html,
    (n, s) => `<title>kept</title><meta content='${s}' property="${n}"/>`,
  ),
  form("an attribute with its own name", html, (n, s) => `<p data-${n}="${s}">kept</p>`),
  form("a text area", html, (n, s) => `<p>kept</p><textarea name="${n}">${s}</textarea>`),
  form("an element by its id", html, (n, s) => `<p>kept</p><code id="${n}">\n  ${s}\n</code>`),
  form(
    "a list of terms",
    html,
    (n, s) => `<dl><dt>${n}:</dt><dd>${s}</dd><dt>a</dt><dd>kept</dd></dl>`,
  ),
  form(
    "a row of a table",
    html,
    (n, s) => `<tr><th>${n}</th> <td><b>${s}</b></td></tr><tr><td>kept</td></tr>`,
  ),
  form(
    "JSON in an attribute",
    html,
    (n, s) => `<div data-x="{&quot;${n}&quot;:&quot;${s}&quot;,&quot;a&quot;:1}">kept</div>`,
  ),
  form(
    "JSON in a script",
    html,
    (n, s) => `<script>window.x = {"a":[${quoted({ name: n, value: s })}]};</script><p>kept</p>`,
  ),
  form(
    "a page in broken JSON",
    json,
    (n, s) => `{"kept":"kept","page":${quoted(`<input name="${n}" value="${s}">`)},`,
  ),
  form("an element", xml, (n, s) => `<a><${n}>${s}</${n}><b>kept</b></a>`),
  form(
    "an element with a prefix and attributes",
    xml,
    (n, s) => `<a><x:${n} type="y">\n  ${s}\n</x:${n}><b>kept</b></a>`,
  ),
  form("CDATA", xml, (n, s) => `<a><${n}><![CDATA[${s} <&> ${s}]]></${n}><b>kept</b></a>`),
  form(
    "an element with elements",
    xml,
    (n, s) => `<a><${n}><value>${s}</value><value v="${s}"/></${n}><b>kept</b></a>`,
  ),
  form("an attribute", xml, (n, s) => `<a ${n}="${s}"><b>kept</b></a>`),
  form(
    "an entry with key and value",
    xml,
    (n, s) => `<a><add key="${n}" value="${s}"/><b>kept</b></a>`,
  ),
  form(
    "a property by its name",
    xml,
    (n, s) => `<a><property name="${n}"><value><![CDATA[${s}]]></value></property><b>kept</b></a>`,
  ),
  form(
    "a key and a string",
    xml,
    (n, s) =>
      `<dict><key>${n}</key>\n<string>${s}</string><key>a</key><string>kept</string></dict>`,
  ),
  form(
    "a member of a call",
    xml,
    (n, s) => `<member><name>${n}</name><value><string>${s}</string></value></member><b>kept</b>`,
  ),
  form(
    "a value before its name",
    xml,
    (n, s) => `<member><value>${s}</value><name>${n}</name></member><b>kept</b>`,
  ),
  form("an element that was cut off", xml, (n, s) => `<b>kept</b><${n}>${s}`),
  form(
    "names and values without anything around",
    xml,
    (n, s) =>
      `<a><name>x</name><value>kept</value><name>${n}</name><value>${s}</value><b>kept</b></a>`,
  ),
  form("a name that is set off", html, (n, s) => `<td><b>${n}</b></td><td>${s}</td><p>kept</p>`),
  // Lines.
  form("YAML", yaml, (n, s) => `kept: kept\n${n}: ${s}\nlast: kept\n`),
  form("YAML with quotes", yaml, (n, s) => `kept: kept\n${n}: "${s}"\n'${n}': '${s}'\n`),
  form(
    "a block of YAML",
    yaml,
    (n, s) => `kept: kept\na:\n  ${n}: |\n    ${s}\n\n    ${s}\n  last: kept\n`,
  ),
  form("a folded block of YAML", yaml, (n, s) => `${n}: >-\n  ${s}\n  ${s}\nkept: kept\n`),
  form(
    "a block of YAML with a tag",
    yaml,
    (n, s) => `${n}: !!binary |2+ # note\n    ${s}\nkept: kept\n`,
  ),
  form("YAML on the next line", yaml, (n, s) => `kept: kept\n${n}:\n  ${s}\nlast: kept\n`),
  form("YAML on several lines", yaml, (n, s) => `a:\n  ${n}: ${s}\n    ${s}\n  last: kept\n`),
  form("a list of YAML", yaml, (n, s) => `${n}:\n  - ${s}\n  - "${s}"\nkept: kept\n`),
  form("a list of YAML that is not deeper", yaml, (n, s) => `${n}:\n- ${s}\n- ${s}\nkept: kept\n`),
  form("YAML in braces", yaml, (n, s) => `a: {kept: kept, ${n}: ${s}}\n`),
  form(
    "names and values of YAML",
    yaml,
    (n, s) =>
      `env:\n  - name: kept\n    value: kept\n  - name: ${n}\n    value: ${s}\n  - name: last\n    value: kept\n`,
  ),
  form(
    "values and names of YAML",
    yaml,
    (n, s) =>
      `env:\n  - value: |\n      ${s}\n      ${s}\n    name: ${n}\n  - name: last\n    value: kept\n`,
  ),
  form("settings", plain, (n, s) => `[a]\nkept = kept\n${n} = ${s}\n; ${n} = ${s}\nlast = kept\n`),
  form(
    "an environment file",
    plain,
    (n, s) => `KEPT=kept\nexport ${n.toUpperCase().replaceAll("-", "_")}=${s}\nLAST=kept\n`,
  ),
  form("a line that goes on", plain, (n, s) => `kept=kept\n${n}=${s}\\\n  ${s}\nlast=kept\n`),
  form(
    "a Dockerfile",
    plain,
    (n, s) => `FROM kept\nENV ${n.replaceAll("-", "_")} ${s}\nRUN kept\n`,
  ),
  form("a field of a message", plain, (n, s) => `Kept: kept\r\n${n}: ${s}\r\nLast: kept\r\n`),
  form("a line of a log", plain, (n, s) => `12:00 kept ${n}=${s} user=kept`),
  form("a line of a log with a colon", plain, (n, s) => `12:00 kept [info] the ${n}: ${s}`),
  form("a comment", plain, (n, s) => `kept\n# ${n}: ${s}\n// ${n}: ${s}\nkept\n`),
  form(
    "a section of secrets",
    plain,
    (_n, s) => `[a]\nx = "kept"\n[app.secrets]\nsmtp = "${s}"\nother = '${s}'\n[b]\ny = "kept"\n`,
  ),
  form(
    "an entry of a section",
    plain,
    (n, s) => `[[env]]\nname = "${n}"\nvalue = "${s}"\nx = "kept"\n`,
  ),
  form("a table of Markdown", plain, (n, s) => `| kept | b |\n|---|---|\n| ${n} | ${s} |\n`),
  form("a column of Markdown", plain, (n, s) => `| kept | ${n} |\n|---|---|\n| kept | ${s} |\n`),
  form("a column of CSV", "text/csv", (n, s) => `kept,${n}\r\nkept,${s}\r\n"a,b","${s}, ${s}"\r\n`),
  form(
    "names and values of CSV",
    "text/csv",
    (n, s) => `name,value\r\nkept,kept\r\n${n},"${s}"\r\nlast,kept\r\n`,
  ),
  form("a column of tabs", "text/tab-separated-values", (n, s) => `${n}\tkept\n${s}\tkept\n`),
  form("a text with a value in quotes", plain, (n, s) => `kept; the ${n} is "${s}"`),
  form("columns of blanks", plain, (n, s) => `kept      kept\n${n}      ${s}\n`),
  form("SQL", plain, (n, s) => `CREATE USER kept ${n} '${s}';`),
  // Commands.
  form("curl with a user", plain, (_n, s) => `kept $ curl -u 'kept:${s}' https://kept.test`),
  form(
    "curl with a user that is not quoted",
    plain,
    (_n, s) => `curl -u kept:${s} https://kept.test`,
    false,
  ),
  form("curl with --user", plain, (_n, s) => `curl --user "kept:${s}" https://kept.test`),
  form("curl with --user=", plain, (_n, s) => `curl --user=kept:${s} https://kept.test`, false),
  form("curl with -u right before", plain, (_n, s) => `curl -ukept:${s} https://kept.test`, false),
  form(
    "a user in a string of JSON",
    json,
    (_n, s) => quoted({ run: `curl -u "kept:${s}" https://kept.test` }),
  ),
  form("a user in broken JSON", json, (_n, s) => `{"run": ${quoted(`curl -u "kept:${s}" kept`)},`),
  form("an option", plain, (n, s) => `kept --${n} "${s}" --verbose`),
  form("an option without quotes", plain, (n, s) => `kept --${n} ${s} --verbose`, false),
  form("an option with =", plain, (n, s) => `kept --${n}='${s}' --verbose`),
  form("an option of one dash", plain, (n, s) => `kept -${n} '${s}' -Verbose`),
  form(
    "an option on the next line",
    plain,
    (n, s) => `kept \\\n  --${n} \\\n  ${s} \\\n  --last kept`,
    false,
  ),
  form("mysql", plain, (_n, s) => `mysql -u kept -p${s} kept`, false),
  form("docker login", plain, (_n, s) => `docker login -u kept -p ${s} kept.test`, false),
  form(
    "a variable before a command",
    plain,
    (n, s) => `${n.toUpperCase().replaceAll("-", "_")}='${s}' kept --verbose`,
  ),
  form(
    "a command and its arguments",
    json,
    (_n, s) => quoted({ kept: "kept", command: "sshpass", args: ["-p", s, "ssh", "kept"] }),
  ),
  form("sshpass", plain, (_n, s) => `sshpass -p '${s}' ssh kept`),
  form("smbclient", plain, (_n, s) => `smbclient -U kept%${s} //kept/x`, false),
  form(
    "what is piped",
    plain,
    (_n, s) => `echo '${s}' | docker login -u kept --password-stdin`,
    false,
  ),
  form("what is piped with a user", plain, (_n, s) => `echo "kept:${s}" | chpasswd`, false),
  form("a shell's word", plain, (_n, s) => `kept; sudo -S ls <<< "${s}"`, false),
  form("a server's command", plain, (_n, s) => `kept\nAUTH kept ${s}\nkept\n`, false),
  form("a user of SQL", plain, (_n, s) => `CREATE USER kept IDENTIFIED BY '${s}';`),
  form("netrc", plain, (_n, s) => `machine kept login kept password ${s}`, false),
];

/** Forms of addresses. */
export const ADDRESSES: readonly [what: string, (name: string, secret: string) => string][] = [
  ["behind its name", (n, s) => `/kept/${n}/${s}`],
  ["within a path", (n, s) => `/${n}/${s}/kept`],
  ["behind a coded name", (n, s) => `/kept/%${n.charCodeAt(0).toString(16)}${n.slice(1)}/${s}`],
  ["behind a way", (n, s) => `/kept/${n}/reset/${s}`],
  ["as a parameter of a part", (n, s) => `/kept;${n}=${s}/x`],
  ["in a parameter", (n, s) => `/kept?${n}=${s}`],
  ["in two parameters", (n, s) => `/kept?name=${n}&value=${s}`],
  ["in a path of a parameter", (n, s) => `/kept?next=%2Freset%2F${n}%2F${s}`],
];
