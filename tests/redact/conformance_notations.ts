/**
 * Text inside text: each rule in each notation, with what was found taken out whole and what could be parsed still parsing.
 * Part of the suite in conformance.ts.
 */

import assert from "assertions";
import { BUILT_IN_RULES, redact, redactor } from "@agent/runtime/text";
import vectors from "../vectors/redact.json" with { type: "json" };
import { testOf, type Twin } from "../support/twins.ts";

interface Notation {
  name: string;
  write(text: string): string;
  /** Reads a whole text back; throws where it is broken. */
  read(text: string): string;
}

const json: Notation = {
  name: "JSON",
  write: (text) => JSON.stringify({ m: text }),
  read: (text) => JSON.parse(text).m,
};
const entity = (character: string): string => `&#${character.codePointAt(0)};`;
const NOTATIONS: readonly Notation[] = [
  json,
  {
    name: "JSON in JSON",
    write: (text) => json.write(json.write(text)),
    read: (text) => json.read(json.read(text)),
  },
  {
    name: "JSON with all escaped that is no letter or digit",
    write: (text) =>
      `{"m":"${
        text.replace(
          /[^A-Za-z0-9]/g,
          (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
        )
      }"}`,
    read: (text) => JSON.parse(text).m,
  },
  { name: "URL", write: encodeURIComponent, read: decodeURIComponent },
  {
    name: "URL in a URL",
    write: (text) => encodeURIComponent(encodeURIComponent(text)),
    read: (text) => decodeURIComponent(decodeURIComponent(text)),
  },
  {
    name: "HTML",
    write: (text) => text.replace(/[^A-Za-z0-9 \n]/gu, entity),
    read: (text) =>
      text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
  },
  {
    name: "a colour around it",
    write: (text) => text.replace(/^.*$/gm, "\u001b[1;31m$&\u001b[0m"),
    // deno-lint-ignore no-control-regex
    read: (text) => text.replace(/\u001b\[[0-9;]*m/g, ""),
  },
  {
    name: "a shell's quoting",
    write: (text) => `'${text.replaceAll("'", "'\\''")}'`,
    read: (text) => text.slice(1, -1).replaceAll("'\\''", "'"),
  },
];

/** Registers this part for one twin. */
export function redactNotations(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact notations", twin, name, body);

  for (const { name, write, read } of NOTATIONS) {
    test(`what is found is found in ${name}, which stays what it is`, () => {
      for (const rule of BUILT_IN_RULES) {
        // One of each kind that is plain text and found whole between two lines.
        const cases = vectors.cases.filter(({ rule: of, text, found }) =>
          of === rule && found.length === 1 && /^[\x20-\x7e\n]*$/.test(text) &&
          !/[\\%&']/.test(text) && text.length < 400 &&
          (rule !== "private-key" || text.includes("-----END"))
        );
        assert.ok(cases.length > 1, rule);
        for (const { text, found } of cases) {
          const options = { rules: [rule], implementation, replace: "X" } as const;
          const lines = `a\n${text}\nb`;
          const plain = redact(lines, options).text;
          assert.ok(!plain.includes(found[0]!), text);
          assert.equal(read(redact(write(lines), options).text), plain, `${rule}: ${text}`);
        }
      }
    });
  }

  test("an escape is taken whole, or left", () => {
    const cases = [
      ['{"m":"a\\nbob@example.org"}', '{"m":"a\\n[EMAIL]"}'],
      ["C:\\new\\4111111111111111", "C:\\new\\[CREDIT_CARD]"],
      ['{"a":"x\\\\","b":"bob@example.org"}', '{"a":"x\\\\","b":"[EMAIL]"}'],
      ["%ZZbob@example.org%", "%[EMAIL]%"],
      ["a&b;bob@example.org&", "a&b;[EMAIL]&"],
      ["\u001b[31mgh\u001b[0mp_aB3dE5gH7jK9mN1pQaB3dE5gH7jK9mN1pQab", "\u001b[31m[API_KEY]"],
      ["\\u001b[31mbob@example.org\\u001b[0m", "\\u001b[31m[EMAIL]\\u001b[0m"],
    ] as const;
    for (const [text, expected] of cases) {
      assert.equal(redact(text, { implementation }).text, expected, text);
    }
    // Literals, too: as they are written, and as they read.
    const options = { rules: [], literals: ["näme", "name", 'a"b'], implementation } as const;
    assert.equal(
      redact('"n\\u00e4me \\name a\\"b"', options).text,
      '"[LITERAL] [LITERAL] [LITERAL]"',
    );
  });

  test("a stream cut within escapes", async () => {
    const text = write3("bob@example.org, 4111 1111 1111 1111, password=hunter2; +44 20 7946 0958");
    const whole = redact(text, { implementation }).text;
    for (const size of [1, 2, 3, 7]) {
      const parts = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      const stream = ReadableStream.from(parts).pipeThrough(redactor({ implementation }));
      assert.equal((await Array.fromAsync(stream)).join(""), whole, `${size}`);
    }
    assert.ok(!/bob|4111|hunter2|7946/.test(whole), whole);
  });
}

function write3(text: string): string {
  return NOTATIONS.map(({ write }) => write(text)).join("\n");
}
