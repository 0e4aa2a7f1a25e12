/**
 * Text: both twins give the same over documents by chance, tokens come back as the text, secrets are gone, streams give
 * what whole texts give. Encodings, matchers and prepared redactions are opened and closed all the time.
 */

import {
  hash,
  hashMany,
  hashStream,
  keywords,
  loadEncoding,
  matcher,
  nearDuplicates,
  prepareRedaction,
  processBatch,
  rank,
  redact,
  redactor,
  similarity,
  toMarkdown,
  toMarkdownMany,
  transform,
} from "@agent/runtime/text";
import { Texts } from "../texts.ts";
import type { Context, Open, TwinName, Work } from "../work.ts";

/** Everything that a twin makes of these texts, as one value to be compared. */
async function all(
  implementation: TwinName,
  text: string,
  page: string,
  secret: string,
): Promise<unknown> {
  const options = { implementation };
  using encoding = await loadEncoding("o200k_base", options);
  const tokens = encoding.encode(text);
  using cities = matcher(text.split(" ").slice(0, 50), options);
  const prepared = prepareRedaction({ ...options, literals: [secret] });
  const withSecret = `${text}\nkey = ${secret}\n`;
  const streamed = ReadableStream.from([withSecret.slice(0, 100), withSecret.slice(100)])
    .pipeThrough(redactor(options));
  const bytes = new TextEncoder().encode(text);
  return {
    tokens: [...tokens],
    decoded: encoding.decode(tokens),
    chunks: encoding.split(text, { maxTokens: 60, overlapTokens: 10 }),
    cut: encoding.truncate(text, { maxTokens: 20, keep: "both" }),
    best: cities.rank("lampe", { limit: 3 }),
    ranked: rank("kettle", text.split(" "), { ...options, limit: 3 }),
    alike: similarity(text.slice(0, 200), page.slice(0, 200), options),
    redacted: redact(withSecret, options).text,
    prepared: prepared.redact(withSecret).text,
    streamed: (await Array.fromAsync(streamed)).join(""),
    markdown: toMarkdown(page, options),
    many: await toMarkdownMany([page, text, page], options),
    keywords: keywords(text, options),
    hash: hash(text, options),
    hashes: await hashMany([text, page], options),
    hashStream: await hashStream(
      ReadableStream.from([bytes.slice(0, 99), bytes.slice(99)]),
      options,
    ),
    upper: transform([text, page], "uppercase", options),
    batch: (await processBatch([text, page], options)).map(({ durationMs: _, ...made }) => made),
    near: await nearDuplicates([text, page, `${text} more`], options),
  };
}

async function step({ twins, did, lost }: Context, texts: Texts, turn: number): Promise<void> {
  const word = texts.rare(turn);
  const text = texts.markdown(word);
  const page = texts.html(word);
  const secret = texts.secret();
  let first: string | undefined;
  for (const twin of twins) {
    const made = await all(twin, text, page, secret) as Record<string, unknown>;
    if (made["decoded"] !== text) lost(`tokens of ${twin} are not their text`);
    for (const name of ["redacted", "prepared", "streamed"]) {
      if (String(made[name]).includes(secret)) lost(`${name} by ${twin} has the secret`);
    }
    if (!String(made["markdown"]).includes(word)) lost(`the Markdown of ${twin} lacks ${word}`);
    if (made["redacted"] !== made["streamed"]) lost(`a stream is redacted otherwise by ${twin}`);
    const said = JSON.stringify(made);
    if (first !== undefined && said !== first) {
      const other = JSON.parse(first) as Record<string, unknown>;
      const names = Object.keys(made).filter((name) =>
        JSON.stringify(made[name]) !== JSON.stringify(other[name])
      );
      lost(`the twins differ in ${names.join(", ")} of text ${turn}`);
    }
    first = said;
    did(Object.keys(made).length);
  }
}

const open: Open = (context): Promise<Work> => {
  const texts = new Texts(context.below);
  let turn = 0;
  return Promise.resolve({
    // The engine of the default rules of redaction.
    keeps: 1,
    step: () => step(context, texts, turn++),
    close: () => Promise.resolve(),
  });
};

export default open;
