/** Stems of English words beside those of a package that has the same rules. */

import assert from "assertions";
import { stemmer } from "stemmer";
import { porterStem } from "../../src/knowledge/porter.ts";
import { ROOT } from "../support/programs.ts";

/** The package leaves this one alone, since it takes the whole word for the ending. */
const OTHERWISE: ReadonlySet<string> = new Set(["ies"]);

Deno.test("porterStem() gives the stems of the package, for all words of the documents here", () => {
  const words = new Set<string>();
  for (const folder of ["docs", "tests/agent/documents"]) {
    for (const { name, isFile } of Deno.readDirSync(`${ROOT}${folder}`)) {
      if (!isFile || !name.endsWith(".md")) continue;
      const text = Deno.readTextFileSync(`${ROOT}${folder}/${name}`).toLowerCase();
      for (const [word] of text.matchAll(/[a-z]{1,40}/g)) words.add(word);
    }
  }
  // Each ending of the rules behind stems of several measures.
  const endings =
    "s es ies sses ed ing eed ational tional enci anci izer bli alli entli eli ousli ization ation ator alism " +
    "iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able " +
    "ible ant ement ment ent sion tion ou ism ate iti ous ive ize y e l ll";
  for (
    const stem of ["t", "tr", "rel", "hop", "fall", "oper", "depend", "controll", "sky", "agree"]
  ) {
    for (const ending of endings.split(" ")) words.add(stem + ending);
  }
  assert.ok(words.size > 3_000, `${words.size} words`);
  for (const word of words) {
    if (!OTHERWISE.has(word)) assert.equal(porterStem(word), stemmer(word), word);
  }
});
