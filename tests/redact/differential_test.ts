/** The two twins on the same random texts and options; streams against whole texts. */

import assert from "assertions";
import fc from "fast-check";
import {
  prepareRedaction,
  redact,
  RedactionVault,
  type RedactOptions,
  redactor,
} from "@agent/runtime/text";
import { CASES, check, checkAsync } from "../support/arbitraries.ts";
import {
  anyCuts,
  anyOptions,
  anyPattern,
  anyTable,
  anyText,
  cut,
  longText,
} from "./arbitraries.ts";
import { testOf, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

async function streamed(chunks: readonly string[], options: RedactOptions): Promise<string> {
  const output = ReadableStream.from(chunks).pipeThrough(redactor(options));
  return (await Array.fromAsync(output)).join("");
}

testOfBoth("redact", both, "redact() finds the same", () => {
  check(fc.property(anyText, anyOptions, (text, options) => {
    assert.deepEqual(
      redact(text, { ...options, implementation: "native" }),
      redact(text, { ...options, implementation: "pure" }),
    );
  }));
});

testOfBoth("redact", both, "redact() finds the same in long texts", () => {
  check(
    fc.property(longText, anyOptions, (text, options) => {
      assert.deepEqual(
        redact(text, { ...options, implementation: "native" }),
        redact(text, { ...options, implementation: "pure" }),
      );
    }),
    Math.min(5000, CASES / 10),
  );
});

testOfBoth("redact", both, "redact() finds the same in tables and dialogues", () => {
  check(fc.property(anyTable, anyOptions, (text, options) => {
    assert.deepEqual(
      redact(text, { ...options, implementation: "native" }),
      redact(text, { ...options, implementation: "pure" }),
    );
  }));
});

for (const twin of both.each) {
  const { name: implementation } = twin;

  testOf("redact", twin, "redactor() of tables and dialogues, however cut", async () => {
    await checkAsync(
      fc.asyncProperty(anyTable, anyOptions, anyCuts, async (text, options, cuts) => {
        const all = { ...options, implementation };
        assert.equal(await streamed(cut(text, cuts), all), redact(text, all).text);
      }),
      CASES / 2,
    );
  });

  testOf("redact", twin, "redactor() gives what redact() gives, however cut", async () => {
    await checkAsync(
      fc.asyncProperty(anyText, anyOptions, anyCuts, async (text, options, cuts) => {
        const all = { ...options, implementation };
        assert.equal(await streamed(cut(text, cuts), all), redact(text, all).text);
      }),
      CASES / 2,
    );
  });

  testOf("redact", twin, "redactor() of long texts", async () => {
    await checkAsync(
      fc.asyncProperty(longText, anyOptions, anyCuts, async (text, options, cuts) => {
        const all = { ...options, implementation };
        assert.equal(await streamed(cut(text, cuts.slice(0, 40)), all), redact(text, all).text);
      }),
      Math.min(2000, CASES / 40),
    );
  });

  testOf("redact", twin, "matches never overlap and cover what is replaced", () => {
    check(fc.property(anyText, anyOptions, (text, options) => {
      const result = redact(text, { ...options, implementation, replace: "" });
      let kept = "";
      let at = 0;
      for (const { start, end } of result.matches) {
        assert.ok(start >= at && end > start && end <= text.length);
        kept += text.slice(at, start);
        at = end;
      }
      assert.equal(result.text, kept + text.slice(at));
    }));
  });

  testOf("redact", twin, "a vault restores what was taken out", async () => {
    await checkAsync(
      fc.asyncProperty(anyText, anyOptions, anyCuts, async (text, options, cuts) => {
        const vault = new RedactionVault();
        const all = { ...options, implementation, replace: vault };
        const whole = redact(text, all).text;
        const other = new RedactionVault();
        assert.equal(await streamed(cut(text, cuts), { ...all, replace: other }), whole);
        const restored = ReadableStream.from(cut(whole, cuts)).pipeThrough(other.restorer());
        assert.equal((await Array.fromAsync(restored)).join(""), vault.restore(whole));
        assert.equal(vault.restore(whole), text);
        assert.equal(redact(whole, all).text, redact(whole, { ...all, replace: other }).text);
      }),
      CASES / 4,
    );
  });
}

testOf("redact", both.pure, "patterns match what the longest match of a RegExp is", () => {
  check(fc.property(anyPattern, anyText, fc.constantFrom("", "m"), (source, text, flags) => {
    const rules = prepareRedaction({
      rules: [],
      patterns: [new RegExp(source, flags)],
      implementation: "pure",
    });
    const wellFormed = text.toWellFormed().slice(0, 9).toWellFormed();
    // Of an escape all is taken.
    // deno-lint-ignore no-control-regex
    fc.pre(!/[\\%&\u001b]/.test(wellFormed));
    const found = rules.redact(wellFormed).matches.map(({ start, end }) => [start, end]);
    assert.deepEqual(found, longestMatches(source, flags, wellFormed));
  }));
});

/** All leftmost-longest matches, by asking a RegExp for each end. */
function longestMatches(source: string, flags: string, text: string): number[][] {
  const found: number[][] = [];
  for (let start = 0; start < text.length;) {
    let best = 0;
    for (let end = text.length; end > start; end--) {
      const rest = [...text.slice(end)].length;
      const probe = new RegExp(`(?:${source})(?=[^]{${rest}}(?![^]))`, `${flags}uy`);
      probe.lastIndex = start;
      const match = probe.exec(text);
      if (match !== null && match.index === start && start + match[0].length === end) {
        best = end;
        break;
      }
    }
    if (best > 0) {
      found.push([start, best]);
      start = best;
    } else {
      start += text.codePointAt(start)! > 0xffff ? 2 : 1;
    }
  }
  return found;
}
