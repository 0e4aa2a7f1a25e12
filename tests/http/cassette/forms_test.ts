/**
 * A secret that only its name gives away gets nowhere, in whatever form it stands; what is beside it stays, the text
 * stays what it is, and what was recorded is found again.
 */

import assert from "assertions";
import { scrubText } from "../../../src/http/cassette/scrub.ts";
import { CASES } from "../../support/arbitraries.ts";
import { random } from "../../support/hostile.ts";
import { ADDRESSES, FORMS } from "./forms.ts";
import { API, Studio, textOf } from "./support.ts";

const LETTERS = ["abcdefghijklmnopqrstuvwxyz", "abcdefghijk0123456789"];
const SEED = 20_260_719;
const NAMES = [
  ...["password", "api_key", "access_token", "client_secret", "passphrase", "csrf-token"],
  ...["token", "Private-Key", "dbPassword", "authenticity_token", "X-Api-Key", "db_pass"],
];

/** Words that no rule of redaction finds: nothing but their place says that they are secret. */
function secretOf(seed: number, words: number): string[] {
  return Array.from(
    { length: words },
    (_, i) => random(9, LETTERS[(seed + i) % 2]!, SEED + seed * 31 + i * 7),
  );
}

function free(text: string, words: readonly string[], what: string): void {
  for (const word of words) {
    const at = text.indexOf(word);
    assert.equal(at, -1, `${what}: ${text.slice(Math.max(0, at - 200), at + 60)}`);
  }
}

for (const [i, { what, type, text, phrases }] of FORMS.entries()) {
  Deno.test(`no secret gets into the file: ${what}`, async () => {
    await using studio = new Studio();
    const send = studio.program("auto");
    const sent: [string, string, string[]][] = [];
    for (const [at, name] of NAMES.entries()) {
      // Each form has four of the names, all of them where more is asked for.
      if (CASES <= 2_000 && (at + i) % 3 !== 0) continue;
      for (const count of phrases ? [1, 4] : [1]) {
        const words = secretOf(i * 100 + at * 4 + count, count);
        const body = text(name, words.join(" "));
        sent.push([`${API}/${what.replaceAll(" ", "-")}?n=${sent.length}`, body, words]);
      }
    }
    const headers = { "content-type": type };
    for (const [url, body] of sent) {
      studio.answer = () => ({ headers, body });
      await textOf(await send(url, { headers, body }));
    }
    const file = studio.text();
    for (const [, body, words] of sent) free(file, words, body);
    const recordings = studio.recordings();
    assert.equal(recordings.length, sent.length);
    for (const { request, response } of recordings) {
      for (const content of [request.body, response.body]) {
        assert.match(JSON.stringify(content), /kept/i);
        assert.match(JSON.stringify(content), /REDACTED/);
      }
    }
    const replay = studio.program("replay");
    for (const [url, body, words] of sent) {
      const got = await textOf(await replay(url, { headers, body }));
      free(got, words, body);
      if (isJson(body)) assert.ok(isJson(got), got);
      // With another secret it is the same request.
      const other = words.reduce(
        (all, word) => all.replaceAll(word, [...word].reverse().join("")),
        body,
      );
      assert.equal(await textOf(await replay(url, { headers, body: other })), got);
      assert.equal(scrubText(got), got);
    }
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("no secret gets into the file by an address", async () => {
  await using studio = new Studio();
  const send = studio.program("auto");
  const words: string[] = [];
  for (const [what, path] of ADDRESSES) {
    for (const [i, name] of NAMES.entries()) {
      const [word] = secretOf(5_000 + i, 1);
      words.push(word!);
      const url = new URL(path(name, word!), "https://api.test");
      await textOf(await send(url.href));
      const again = new URL(path(name, secretOf(9_000 + i, 1)[0]!), "https://api.test");
      await textOf(await studio.program("replay")(again.href));
      studio.answer = () => ({
        headers: { location: url.href, "content-type": "text/html" },
        body: `<a href="${url.pathname}${url.search}">kept</a> and ${url.href}`,
      });
      await textOf(await send(`${API}?n=${what}&i=${i}`));
    }
  }
  free(studio.text(), words, "addresses");
  for (const { request, response } of studio.recordings()) {
    assert.match(`${request.url}${JSON.stringify(response.body)}`, /kept/);
  }
});

Deno.test("ways behind such names are told apart", async () => {
  const ways = [
    "token/refresh",
    "token/revoke",
    "auth/login",
    "auth/logout",
    "session/new",
    "token",
  ];
  await using studio = new Studio();
  const record = studio.program("record");
  for (const way of ways) await textOf(await record(`https://api.test/${way}`));
  const replay = studio.program("replay");
  for (const [i, way] of ways.entries()) {
    assert.equal(await textOf(await replay(`https://api.test/${way}`)), `answer ${i + 1}`);
  }
});

Deno.test("numbers stay as they are written, whatever their length", async () => {
  const body =
    '{"a":12345678901234567890,"b":0.12345678901234567891,"c":1e400,"d":-0,"e":1,"f":[1.5]}';
  await using studio = new Studio(() => ({
    headers: { "content-type": "application/json" },
    body,
  }));
  const ask = { headers: { "content-type": "application/json" }, body };
  await textOf(await studio.program("record")(API, ask));
  assert.deepEqual(Object.keys(studio.recordings()[0].request.body), ["json"]);
  const replay = studio.program("replay");
  assert.equal(await textOf(await replay(API, ask)), body);
  await assert.rejects(
    replay(API, { ...ask, body: body.replace("567890,", "567891,") }),
    { message: /\$\.a: recorded 12345678901234567890, asked 12345678901234567891/ },
  );
});

Deno.test("what was taken out for being random is still told apart", () => {
  const ids = [
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "1b4f0e9851971998e732078544c96b36c3d01ced",
  ];
  const scrubbed = ids.map((id) => scrubText(`"${id}"`));
  assert.notEqual(scrubbed[0], scrubbed[1]);
  for (const text of scrubbed) assert.match(text, /^"\[HEX_TOKEN:[0-9a-f]{4}\]"$/);
});

Deno.test("no secret gets into the file by a sentence", () => {
  for (
    const [before, secret, after] of [
      ["The password is ", "hunter2", "."],
      ["the root password was changed to ", "hunter2", ", please keep it"],
      ["Your password for kept is now: ", "x9!fL", ""],
      ["your new password will be ", "swordfish", "."],
      ["my password ", "hunter2", " and the user kept"],
      ["Log in with the passphrase '", "c0rrect-horse", "'"],
      ["use ", "hunter2", " as the password"],
      ["the API key is ", "kq73hx", ""],
      ["Use the access token ", "ab12cd34ef", " for it"],
      ["Das Passwort lautet ", "sommer99", "."],
      ["Your PIN is ", "4711", "!"],
      ["Password\n", "hunter2", "\n"],
    ] as const
  ) {
    const scrubbed = scrubText(`Kept. ${before}${secret}${after} kept`);
    assert.equal(scrubbed, `Kept. ${before}[REDACTED]${after} kept`);
    assert.equal(scrubText(scrubbed), scrubbed);
  }
});

Deno.test("what only looks like it stays: texts, programs, pages, schemas", () => {
  const texts = [
    "The secret of a good token is patience: password rules matter.",
    "if token:\n    return parse(token)\n",
    "Use src/token/mod.ts, and see the sections on secrets and passwords.",
    '<label for="password">Password</label><a href="/password/reset">Forgot?</a><p>Text</p>',
    "docker run -u 1000:1000 -p 8080:80 kept",
    "git commit -p file && git push -u origin main",
    "use std::pin::Pin; let pinned = Pin::new(x); // src/tokens/o200k.rs",
    "tokens: 12, max_tokens: 5, next_page_token: a",
    "| name | value |\n|---|---|\n| a | b |\n",
    "GET /oauth/token/refresh and /auth/login",
    "The password is required. Your password was changed; the token is invalid.",
    "The password is too short: it must have 12 characters, and the PIN has 4 digits.",
    "The token is 32 bytes long, is signed with HS256 and is encoded as base64url.",
    "This password is wrong, that password will be rejected, the secret is patience.",
    "The secret key is derived by PBKDF2 from the password with SHA-256.",
    "A token o200k_base counts is no token of OAuth2; see token.ts and secrets/mod.ts.",
    "Set the password to be stored, then use it as the password for the database.",
    "He identified as 'a friend', and we AUTH'd PASS through.",
    '[package]\nname = "kept"\n[token]\nlength = 32\nkind = "kept"\n',
    "echo kept | grep kept | sort; echo done | tee file",
  ];
  for (const text of texts) {
    assert.equal(scrubText(text), text);
  }
});
