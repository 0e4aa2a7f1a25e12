/**
 * No secret gets into the file, nor into the error of a miss: every kind of the redaction rules, and what only its name
 * gives away, in every place of a request and a response.
 */

import assert from "assertions";
import { isSecretName } from "../../../src/http/cassette/names.ts";
import keys from "../../../src/text/redact/keys.json" with { type: "json" };
import { BUILT_IN_RULES } from "../../../src/text/redact/mod.ts";
import { random } from "../../support/hostile.ts";
import { type Answer, API, type Ask, Studio, textOf } from "./support.ts";

const LETTERS: Record<string, string> = {
  hex: "0123456789abcdef",
  upper: "AB3DE9GHJ2KL7",
  digit: "123456789",
};
const ANY = "Ab3dE9gHj2Kl7";

/** A key of each form. */
const apiKeys = keys.keys.flatMap(({ forms }) => forms).map((form, i) =>
  form.replace(
    /\{(\w+):(\d+)[^}]*\}/g,
    (_, letters: string, least: string, at: number) =>
      random(Number(least), LETTERS[letters] ?? ANY, i + at + 11),
  )
);

const base64url = (value: unknown): string =>
  btoa(JSON.stringify(value)).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");

/** One of each rule at least. */
const BY_RULE: Record<string, string[]> = {
  "private-key": [
    `-----BEGIN PRIVATE KEY-----\\n${random(64, ANY, 3)}\\n-----END PRIVATE KEY-----`,
  ],
  jwt: [
    `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url({ sub: "1" })}.${random(43, ANY, 5)}`,
  ],
  "api-key": apiKeys,
  iban: ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19"],
  "credit-card": ["4111111111111111", "5500 0055 5555 5559"],
  email: ["ada.lovelace@example.org"],
  phone: ["+44 20 7946 0958", "(212) 555-0187"],
  ipv4: ["203.0.113.77"],
  ipv6: ["2001:db8::8a2e:370:7334"],
  "url-credentials": ["redis://ann:pa55word9@cache.test"],
  authorization: ["Bearer 9f86d081884c7d659a2feaa0c55ad015"],
  "us-ssn": ["123-45-6789"],
  "mac-address": ["00:1a:2b:3c:4d:5e"],
  "assigned-secret": ["password=hunter2x7"],
  "high-entropy": ["kX9vQ2mZ7pL4rT8wY1nB6cJ3", "q8Zt/3Kd+Vw9xYbR2mNc"],
  "hex-token": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"],
};

/** What only the name gives away. */
const PLAIN = "hunter2 is plain";
const NAMES = ["password", "api_key", "apiKey", "access_token", "client_secret", "X-Amz-Signature"];
const MORE = ["token", "secret", "refresh_token", "private_key", "passphrase", "otp", "sessionid"];

Deno.test("there is a secret of every rule", () => {
  assert.deepEqual(Object.keys(BY_RULE).sort(), [...BUILT_IN_RULES].sort());
});

/** Parts of a secret that must not be seen, in every way in which they can be written. */
function spellings(secret: string): string[] {
  const parts = secret.includes("PRIVATE KEY") ? [secret.split("\\n")[1]!] : [secret];
  return parts.flatMap((part) => [
    part,
    encodeURIComponent(part),
    encodeURIComponent(encodeURIComponent(part)),
    part.replaceAll(" ", "+"),
    JSON.stringify(part).slice(1, -1),
  ]);
}

function free(text: string, secrets: readonly string[], what: string): void {
  const binary = [...text.matchAll(/"base64": "([^"]*)"/g)]
    .map(([, coded]) => new TextDecoder("latin1").decode(Uint8Array.fromBase64(coded!)));
  for (const all of [text, ...binary, ...binary.map((each) => each.replaceAll("\0", ""))]) {
    for (const secret of secrets) {
      for (const spelling of spellings(secret)) {
        const at = all.indexOf(spelling);
        assert.equal(at, -1, `${what}: ${all.slice(Math.max(0, at - 60), at + spelling.length)}`);
      }
    }
  }
}

const utf16 = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) bytes[2 * i] = text.charCodeAt(i);
  return bytes;
};

const binary = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array([0xff, 0xd8, 0, ...new TextEncoder().encode(` ${text} `), 0xfe, 0]);

/** Requests with a secret in every place. */
function asks(secret: string): [string, Ask][] {
  const coded = encodeURIComponent(secret);
  const json = { "content-type": "application/json" };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const inside = JSON.stringify({ note: `it is ${secret}, yes` });
  return [
    [`${API}/${coded}/x`, {}],
    [`${API}?q=${coded}`, {}],
    [`${API}?q=${encodeURIComponent(coded)}`, {}],
    [`${API}?${coded}=1`, {}],
    [`${API}?to=${encodeURIComponent(`https://x.test/?q=${coded}`)}`, {}],
    [API, { headers: { "x-note": `note ${secret} end` } }],
    [API, {
      headers: { authorization: `Bearer ${secret}`, cookie: `a=${secret}`, "x-api-key": secret },
    }],
    [API, { headers: { accept: `text/x; a="${secret}"` } }],
    [API, { headers: json, body: inside }],
    [API, {
      headers: json,
      body: JSON.stringify({ a: [{ b: { c: ["x", secret] } }], [secret]: 1 }),
    }],
    [API, {
      headers: json,
      body: JSON.stringify({ arguments: inside, twice: JSON.stringify({ inside }) }),
    }],
    [API, { headers: json, body: `{"broken": "it is ${secret} yes", ` }],
    [API, { headers: form, body: `q=${coded}&x=it+is+${coded}` }],
    [API, { headers: { "content-type": "text/plain" }, body: `it is ${secret} yes` }],
    [API, { body: binary(secret) }],
    [API, { body: utf16(` ${secret} `) }],
    [API, {
      headers: { "content-type": 'multipart/form-data; boundary="b1"' },
      body: `--b1\r\ncontent-disposition: form-data; name="a"\r\n\r\n${secret}\r\n--b1--\r\n`,
    }],
  ];
}

/** Answers with a secret in every place. */
function answers(secret: string): Answer[] {
  const inside = JSON.stringify({ note: `it is ${secret}, yes` });
  const coded = encodeURIComponent(secret);
  return [
    {
      headers: {
        ...{ "content-type": "text/plain", "set-cookie": `a=${secret}`, "x-own": secret },
        ...{
          location: `https://x.test/${coded}?q=${coded}`,
          link: `<https://x.test/?a=${coded}>; rel=next`,
        },
        ...{
          "content-disposition": `attachment; filename="${secret}"`,
          "www-authenticate": secret,
        },
      },
      body: `it is ${secret} yes`,
    },
    { headers: { "content-type": "application/json" }, body: inside },
    {
      headers: { "content-type": "text/event-stream" },
      body: `data: ${inside}\n\ndata: it is ${secret} yes\n\n`,
    },
    { headers: { "content-type": "application/x-ndjson" }, body: `${inside}\n{"a":"${secret}"}\n` },
    { headers: { "content-type": "text/html" }, body: `<p title="${secret}">${secret}</p>` },
    { headers: { "content-type": "application/octet-stream" }, body: binary(secret) },
    { headers: { "content-type": "text/plain; charset=utf-16" }, body: utf16(` ${secret} `) },
  ];
}

async function recordAll(studio: Studio, secret: string): Promise<void> {
  const matchHeaders = ["accept", "content-type", "x-note"];
  const send = studio.program("auto", { matchHeaders });
  for (const [url, ask] of asks(secret)) await textOf(await send(url, ask));
  for (const answer of answers(secret)) {
    studio.answer = () => answer;
    await textOf(await send(`${API}?n=${studio.requests.length}`));
  }
}

for (const [rule, secrets] of Object.entries(BY_RULE)) {
  Deno.test(`${rule}: no secret gets into the file, from wherever it comes`, async () => {
    for (let at = 0; at < secrets.length; at += 10) {
      const some = secrets.slice(at, at + 10);
      await using studio = new Studio();
      await recordAll(studio, some.join(" and "));
      assert.ok(studio.recordings().length >= 20, rule);
      free(studio.text(), some, rule);
    }
  });
}

Deno.test("what stands under a secret's name gets nowhere, whatever it is", async () => {
  await using studio = new Studio();
  const send = studio.program("auto");
  for (const name of [...NAMES, ...MORE]) {
    const coded = encodeURIComponent(PLAIN);
    const object = {
      [name]: PLAIN,
      deep: [{ [name]: PLAIN }],
      list: { [name]: [PLAIN, { a: PLAIN }] },
    };
    const json = JSON.stringify(object);
    const texts = [
      `${name}="${PLAIN}"`,
      `${name}: '${PLAIN}'`,
      JSON.stringify(json),
      `x <${name}>${PLAIN}</${name}>`,
    ];
    const sent: [string, Ask][] = [
      [`${API}?${name}=${coded}`, {}],
      [`${API}?a[${name}]=${coded}&b=1`, {}],
      [`${API}?to=${encodeURIComponent(`https://x.test/?${name}=${coded}`)}`, {}],
      [API, { headers: { "content-type": "application/json" }, body: json }],
      [API, {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ call: json }),
      }],
      [API, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `${name}=${coded}`,
      }],
      [API, {
        headers: { "content-type": "multipart/form-data; boundary=b1" },
        body:
          `--b1\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${PLAIN}\r\n--b1--\r\n`,
      }],
      [API, {
        headers: { "content-type": "multipart/form-data; boundary=b1" },
        body: binary(`name="${name}"\r\n\r\n${PLAIN}`),
      }],
    ];
    for (const [url, ask] of sent) await textOf(await send(url, ask));
    for (const body of [json, `data: ${json}\n\n`, ...texts]) {
      studio.answer = () => ({ body });
      await textOf(await send(`${API}?n=${studio.requests.length}`));
    }
  }
  for (const name of ["key", "code"]) {
    await textOf(await send(`${API}?${name}=${encodeURIComponent(PLAIN)}`));
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await textOf(await send(API, { headers: form, body: `${name}=hunter2+is+plain` }));
  }
  const oauth = { grant_type: "authorization_code", code: PLAIN };
  await textOf(await send(API, { body: JSON.stringify(oauth) }));
  free(studio.text(), [PLAIN, "hunter2"], "named");
});

Deno.test("a secret that is said twice, numbered or confirmed is one too", () => {
  for (const name of ["password_confirmation", "passwordConfirm", "password2", "secretValue"]) {
    assert.ok(isSecretName(name), name);
  }
  for (const name of ["max_tokens", "tokens", "token_count", "next_page_token", "signatures"]) {
    assert.ok(!isSecretName(name), name);
  }
});

Deno.test("user info and lines of credentials in texts get nowhere", async () => {
  await using studio = new Studio();
  const send = studio.program("auto");
  const texts = [
    "postgres://ada:hunter2@db.test/x",
    "Authorization: Basic hunter2",
    "authorization: Custom hunter2 and hunter2",
    "Cookie: a=hunter2; b=hunter2",
    "Set-Cookie: id=hunter2; Path=/; x=hunter2",
    'curl -H "Authorization: Bearer hunter2" https://x.test',
    "export API_KEY=hunter2",
  ];
  for (const body of texts) {
    studio.answer = () => ({ body });
    await textOf(await send(`${API}?n=${studio.requests.length}`));
  }
  assert.equal(studio.recordings().length, texts.length);
  free(studio.text(), ["hunter2"], "texts");
});

Deno.test("the error of a miss shows no secret either", async () => {
  const secrets = Object.values(BY_RULE).map(([secret]) => secret!);
  await using studio = new Studio();
  const record = studio.program("record");
  const json = { "content-type": "application/json" };
  await textOf(await record(API, { headers: json, body: JSON.stringify({ a: "x" }) }));
  await textOf(await record(`${API}?q=1`));
  const replay = studio.program("replay", { matchHeaders: ["accept", "content-type", "x-note"] });
  for (const secret of [...secrets, PLAIN]) {
    const named = secret === PLAIN;
    const list = named
      ? [
        [`${API}?q=1&password=${encodeURIComponent(PLAIN)}`, {}],
        [API, { headers: json, body: JSON.stringify({ password: PLAIN }) }],
      ] as [string, Ask][]
      : asks(secret);
    for (const [url, ask] of list) {
      const error = await replay(url, ask).then(() => undefined, (thrown) => thrown);
      // Without its secrets a request may be one that was recorded.
      if (error === undefined) continue;
      assert.equal(error.code, "NOT_FOUND");
      free(`${error.message}${error.stack}${JSON.stringify(error.details)}`, [secret], url);
    }
  }
});

Deno.test("what is no secret stays: usage, stop reasons, counts, ids that differ, pages", async () => {
  const body = {
    id: "chatcmpl-9aBcD3fGh1jKlMn0pQrStUvW",
    choices: [{
      finish_reason: "tool_calls",
      message: {
        content: "The secret of a good token is patience: password rules matter.",
        tool_calls: [
          {
            id: "call_Zx8Kd2Lm9Qw4Er7Ty1Ui5Op3",
            function: { name: "f", arguments: '{"max_tokens":5}' },
          },
          { id: "call_Ab3Dc6Fe9Hg2Ji5Lk8Nm1Po4", function: { name: "g", arguments: "{}" } },
        ],
      },
      logprobs: { content: [{ token: "The", logprob: -0.1, bytes: [84, 104, 101] }] },
    }],
    usage: {
      prompt_tokens: 12,
      completion_tokens: 34,
      total_tokens: 46,
      input_tokens: 1,
      output_tokens: 2,
    },
    stop_reason: "end_turn",
    error: { code: "rate_limit_exceeded", type: "tokens" },
    next_page_token: "page-2",
    max_tokens: 100,
    created: 1_700_000_000,
  };
  await using studio = new Studio(() => ({
    headers: {
      ...{ "content-type": "application/json", "x-ratelimit-remaining-tokens": "149984" },
      ...{ "anthropic-ratelimit-requests-remaining": "5", "retry-after": "3", "x-powered-by": "x" },
    },
    body: JSON.stringify(body),
  }));
  const ask = { headers: { "content-type": "application/json" }, body: '{"max_tokens":100}' };
  await textOf(await studio.program("record")(API, ask));
  const response = await studio.program("replay")(API, ask);
  const got = JSON.parse(await textOf(response));
  assert.deepEqual(got.usage, body.usage);
  for (
    const name of ["stop_reason", "error", "next_page_token", "max_tokens", "created"] as const
  ) {
    assert.deepEqual(got[name], body[name], name);
  }
  const [choice] = got.choices;
  const [expected] = body.choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.content, expected!.message.content);
  assert.deepEqual(choice.logprobs, expected!.logprobs);
  const [one, two] = choice.message.tool_calls;
  assert.notEqual(one.id, two.id);
  assert.deepEqual(
    [one.function, two.function],
    expected!.message.tool_calls.map((call) => call.function),
  );
  const names = response.headers.entries().map(([name]) => name).sort();
  assert.deepEqual(names, [
    ...["anthropic-ratelimit-requests-remaining", "content-type", "retry-after"],
    "x-ratelimit-remaining-tokens",
  ]);
});
