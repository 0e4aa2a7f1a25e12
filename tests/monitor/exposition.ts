/** Reads Prometheus' text format by its published grammar, strictly, so that what a monitor writes can be checked. */

import assert from "assertions";

/** A series with its value. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** A family of series. */
export interface Family {
  type: string;
  help: string;
  samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;

/** Reads a text; throws where it is none. */
export function parseExposition(text: string): Map<string, Family> {
  assert.ok(text === "" || text.endsWith("\n"), "the last line ends too");
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let current: [name: string, family: Family] | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (kind === "HELP") {
        assert.ok(!families.has(name), `${name} is there twice`);
        current = [name, { type: "", help: unescaped(rest, false), samples: [] }];
        families.set(...current);
      } else {
        assert.equal(name, current?.[0], "the type follows the help");
        assert.match(rest, /^(counter|gauge|histogram|untyped)$/);
        current![1].type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    const [name, family] = current!;
    const suffix = sample.name.slice(name.length);
    assert.ok(sample.name.startsWith(name), line);
    assert.ok(
      family.type === "histogram" ? /^_(bucket|sum|count)$/.test(suffix) : suffix === "",
      line,
    );
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
    assert.ok(!series.has(key), `${key} is there twice`);
    series.add(key);
    family.samples.push(sample);
  }
  for (const [name, { type, samples }] of families) {
    assert.ok(type !== "" && samples.length > 0, `${name} is empty`);
    if (type === "counter" || type === "histogram") {
      assert.ok(samples.every(({ value }) => value >= 0), name);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  assert.ok(name, line);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    while (!rest.startsWith("}")) {
      const label = LABEL.exec(rest)?.[0];
      assert.ok(label, line);
      const value = /^="((?:[^"\\]|\\["\\n])*)"/.exec(rest.slice(label.length));
      assert.ok(value, line);
      assert.ok(!(label in labels), line);
      labels[label] = unescaped(value[1]!, true);
      rest = rest.slice(label.length + value[0].length);
      if (rest.startsWith(",")) rest = rest.slice(1);
      else assert.ok(rest.startsWith("}"), line);
    }
    rest = rest.slice(1);
  }
  const number = /^ (\+Inf|-Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest)?.[1];
  assert.ok(number, line);
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
}

function unescaped(text: string, hasQuotes: boolean): string {
  return text.replace(/\\(.)/g, (_, letter: string) => {
    if (letter === "n") return "\n";
    assert.ok(letter === "\\" || (hasQuotes && letter === '"'), text);
    return letter;
  });
}
