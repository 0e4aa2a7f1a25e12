/**
 * Stems of English words by the rules that M. F. Porter published in 1980 ("An algorithm for suffix stripping") with his
 * two later ones (-bli, -logi). They are here and not in a package, since an index must have the same terms on a
 * machine that has no packages.
 *
 * @module
 */

/** Suffixes of steps 2 to 4 with what takes their place; of several that fit the longest counts. */
const STEP_2 = rules(
  "ational ate;tional tion;enci ence;anci ance;izer ize;bli ble;alli al;entli ent;eli e;ousli ous;ization ize;" +
    "ation ate;ator ate;alism al;iveness ive;fulness ful;ousness ous;aliti al;iviti ive;biliti ble;logi log",
);
const STEP_3 = rules("icate ic;ative ;alize al;iciti ic;ical ic;ful ;ness ");
const STEP_4 = rules(
  "al ;ance ;ence ;er ;ic ;able ;ible ;ant ;ement ;ment ;ent ;sion s;tion t;ou ;ism ;ate ;iti ;ous ;ive ;ize ",
);

function rules(text: string): [suffix: string, instead: string][] {
  return text.split(";").map((rule) => rule.split(" ") as [string, string])
    .sort(([a], [b]) => b.length - a.length);
}

/** The stem of a word of the letters a to z. */
export function porterStem(word: string): string {
  if (word.length < 3) return word;
  let stem = withoutPlural(word);
  stem = withoutEnding(stem);
  if (stem.endsWith("y") && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  stem = replaced(stem, STEP_2, 0);
  stem = replaced(stem, STEP_3, 0);
  stem = replaced(stem, STEP_4, 1);
  if (stem.endsWith("e")) {
    const bare = stem.slice(0, -1);
    const sequences = measure(bare);
    if (sequences > 1 || sequences === 1 && !endsShort(bare)) stem = bare;
  }
  return stem.endsWith("ll") && measure(stem) > 1 ? stem.slice(0, -1) : stem;
}

function withoutPlural(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function withoutEnding(word: string): string {
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const ending = /(?:ed|ing)$/.exec(word);
  if (ending === null) return word;
  const stem = word.slice(0, ending.index);
  if (!hasVowel(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  const last = stem.length - 1;
  const isDouble = last > 0 && stem[last] === stem[last - 1] && isConsonant(stem, last);
  if (isDouble) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function replaced(word: string, rules: readonly [string, string][], least: number): string {
  for (const [suffix, instead] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, -suffix.length) + (least > 0 ? instead : "");
    if (measure(stem) <= least) return word;
    return least > 0 ? stem : stem + instead;
  }
  return word;
}

/** How many times a consonant follows a vowel. */
function measure(word: string): number {
  let count = 0;
  let afterVowel = false;
  for (let at = 0; at < word.length; at++) {
    const consonant = isConsonant(word, at);
    if (consonant && afterVowel) count++;
    afterVowel = !consonant;
  }
  return count;
}

function hasVowel(word: string): boolean {
  for (let at = 0; at < word.length; at++) if (!isConsonant(word, at)) return true;
  return false;
}

/** Whether a word ends in consonant, vowel, consonant, the last none of w, x and y. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  return last >= 2 && isConsonant(word, last) && !isConsonant(word, last - 1) &&
    isConsonant(word, last - 2) && !"wxy".includes(word[last]!);
}

/** A y is a vowel after a consonant. */
function isConsonant(word: string, at: number): boolean {
  const letter = word[at]!;
  if (letter === "y") return at === 0 || !isConsonant(word, at - 1);
  return !"aeiou".includes(letter);
}
