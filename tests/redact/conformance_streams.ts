/** Streams: what is withheld, and that the output is that of the whole. Part of the suite in redact.ts. */

import assert from "assertions";
import { redact, type RedactOptions, redactor } from "@agent/runtime/text";
import vectors from "../vectors/redact.json" with { type: "json" };
import { testOf, type Twin } from "../support/twins.ts";

/** Registers this part for one twin. */
export function redactStreams(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact stream", twin, name, body);

  /** What comes out with each chunk, and at last with the end. */
  const outputs = async (
    chunks: readonly string[],
    options: RedactOptions = {},
  ): Promise<string[]> => {
    const stream = redactor({ ...options, implementation });
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    const out: string[] = [];
    let now = "";
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        now += part.value;
      }
    })();
    for (const chunk of chunks) {
      await writer.write(chunk);
      // What a chunk released is read before the next one is written.
      await new Promise((resolve) => setTimeout(resolve, 0));
      out.push(now);
      now = "";
    }
    await writer.close();
    await reading;
    out.push(now);
    return out;
  };

  test("only what can become a match is withheld", async () => {
    assert.deepEqual(await outputs(["Hello, ", "world. ", "(a) b! "]), [
      "Hello, ",
      "world. ",
      "(a) b! ",
      "",
    ]);
    // The last word may be the beginning of an address, without that rule of nothing.
    assert.deepEqual(await outputs(["see yo", "u", " there"]), ["see ", "", "you ", "there"]);
    const none = await outputs(["see yo", "u", " there"], { rules: ["ipv4", "jwt", "phone"] });
    assert.deepEqual(none, ["see yo", "u", " there", ""]);
    const key = await outputs(["a ghp", "_abc de ghz!"], { rules: ["api-key"] });
    assert.deepEqual(key, ["a ", "ghp_abc de ghz!", ""]);
    const card = await outputs(["12 41 ", "11 x 4111 1111", " 1111 1111 ", "x"], {
      rules: ["credit-card"],
    });
    assert.deepEqual(card, ["12 ", "41 11 x ", "", "[CREDIT_CARD] x", ""]);
    assert.deepEqual(await outputs(["x".repeat(64), "x"], { rules: ["email"] }), [
      "",
      "x".repeat(65),
      "",
    ]);
    const dashes = await outputs(["-".repeat(20), "BEGIN", " CERT-"], { rules: ["private-key"] });
    assert.deepEqual(dashes, ["-".repeat(15), "", "", "-----BEGIN CERT-"]);
  });

  test("literals and patterns are withheld as far as they go", async () => {
    const literals = await outputs(["xx hun", "t", "er", "22 hunt", "s"], {
      rules: [],
      literals: ["hunter2", "hunt"],
    });
    assert.deepEqual(literals, ["xx ", "", "", "[LITERAL]2 ", "[LITERAL]s", ""]);
    const patterns = await outputs(["a OPS", "-1", "23", " OPS-x", "y"], {
      rules: [],
      patterns: ["OPS-\\d+"],
    });
    assert.deepEqual(patterns, ["a ", "", "", "[PATTERN] OPS-x", "y", ""]);
    const fixed = await outputs(["a OPS-12", "3", "b"], { rules: [], patterns: ["OPS-\\d{3}"] });
    assert.deepEqual(fixed, ["a ", "[PATTERN]", "b", ""]);
    const word = await outputs(["OPS-1", "2", "x"], { rules: [], patterns: ["OPS-\\d\\d\\b"] });
    assert.deepEqual(word, ["", "", "OPS-12x", ""]);
  });

  test("the beginning of a private key is withheld, and let go when it is none", async () => {
    const head = "-----BEGIN PRIVATE KEY-----\n";
    const line = "MIIEowIBAAKCAQEAxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
    const end = "-----END PRIVATE KEY-----";
    assert.deepEqual(await outputs([head, line, line, end, "\n"]), [
      "",
      "",
      "",
      "[PRIVATE_KEY]",
      "\n",
      "",
    ]);
    const prose = "prose. ".repeat(20);
    assert.deepEqual(await outputs([head, "is ", prose]), ["", "", `${head}is ${prose}`, ""]);
  });

  test("every vector gives the same in one piece and in single units", async () => {
    for (const { text } of vectors.cases) {
      const padded = `[${text}] 😀 ${text}`;
      const output = ReadableStream.from(padded.split("")).pipeThrough(
        redactor({ implementation }),
      );
      assert.equal(
        (await Array.fromAsync(output)).join(""),
        redact(padded, { implementation }).text,
        text,
      );
    }
  });

  test("halves of a character that come apart are put together", async () => {
    const literals = ["😀"];
    assert.deepEqual(await outputs(["a\ud83d", "\ude00b"], { literals, rules: [] }), [
      "a",
      "[LITERAL]b",
      "",
    ]);
    assert.deepEqual(await outputs(["a\ud83d", "b\ud83d"], { literals, rules: [] }), [
      "a",
      "\ud83db",
      "\ud83d",
    ]);
    assert.deepEqual(await outputs(["", "\ude00", ""], { literals, rules: [] }), [
      "",
      "\ude00",
      "",
      "",
    ]);
  });

  test("an endless text of one kind is held within the bounds", async () => {
    for (
      const [piece, most] of [
        ["x", 600],
        ["1", 600],
        ["1 ", 100],
        ["-", 20],
        ["@", 20],
        [".", 20],
        ["+", 20],
        ["(", 20],
        ["a.", 600],
        ["::", 100],
        ["eyJ", 17_000],
        ["-----BEGIN PRIVATE KEY-----\n", 100],
        [
          "-----BEGIN PRIVATE KEY-----\n" +
          "MIIEowIBAAKCAQEAxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(3),
          500,
        ],
      ] as const
    ) {
      const chunk = piece.repeat(Math.ceil(2000 / piece.length));
      const rules = redactor({ implementation });
      let given = 0;
      let got = 0;
      let held = 0;
      const source = new ReadableStream<string>({
        pull(controller) {
          held = Math.max(held, given - got);
          if (given > 200_000) return controller.close();
          given += chunk.length;
          controller.enqueue(chunk);
        },
      }, { highWaterMark: 0 });
      const output = source.pipeThrough(rules);
      let text = "";
      for await (const part of output) {
        got += part.length;
        text += part;
      }
      assert.ok(text.length > 0);
      // One chunk is under way, and what is replaced may be shorter than it was.
      if (!text.includes("[")) assert.ok(held <= most + 2 * chunk.length, `${piece}: ${held}`);
    }
  });

  test("a table goes on however long it is", async () => {
    const rows = Array.from({ length: 400 }, (_, k) => k);
    const lines = rows.map((k) => `ann${k},hunter${k}x,some words and more of them ${k}`).join(
      "\n",
    );
    const values = rows.map((k) => `(${k}, 'hunter${k}x', 'it''s (one) note')`).join(",\r\n");
    const csv = `user,password,note\n${lines}\n\npassword,ends\n`;
    const texts = [
      csv,
      JSON.stringify({ csv }),
      `insert into t (a, password, b) values\n${values};`,
    ];
    for (const text of texts) {
      const whole = redact(text, { implementation });
      assert.equal(whole.matches.length, rows.length);
      assert.doesNotMatch(whole.text, /hunter/);
      for (const size of [1, 13, 500]) {
        const parts = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
        const stream = ReadableStream.from(parts).pipeThrough(redactor({ implementation }));
        assert.equal((await Array.fromAsync(stream)).join(""), whole.text, `${size}`);
      }
    }
  });

  test("what is wrong ends the stream with its error", async () => {
    const write = async (chunk: unknown, options: RedactOptions = {}): Promise<void> => {
      const chunks = ReadableStream.from([chunk]) as ReadableStream<string>;
      await Array.fromAsync(chunks.pipeThrough(redactor({ ...options, implementation })));
    };
    await assert.rejects(write(7), { name: "TypeError", message: /chunk must be a string, got 7/ });
    const failing = (): string => {
      throw new Error("replace failed");
    };
    await assert.rejects(write("a@b.org ", { replace: failing }), /replace failed/);
    const reason = new Error("enough");
    assert.throws(
      () => redactor({ implementation, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const controller = new AbortController();
    const stream = redactor({ implementation, signal: controller.signal });
    const reading = Array.fromAsync(stream.readable);
    controller.abort(reason);
    await assert.rejects(reading, (error) => error === reason);
  });
}
