/** Documents by chance, of bounded size: prose, code, tables, secrets and HTML, with words that nothing else has. */

const WORDS =
  ("the lamp burns for nine hours while water boils in a kettle of steel and each person of the house " +
    "reads what the council wrote about bridges, taxes, gardens and trains in the year of the flood " +
    "die Lampe brennt über Nacht und das Wasser kocht schnell für fünf Gäste " +
    "la lampe brûle toute la nuit et l'eau bout très vite pour les invités naïve café 東京 の 天気 は " +
    "晴れ です привет мир как дела 😀 👩‍👩‍👧 ﬁnal Straße").split(" ");

const CONSONANTS = "bdfgklmprv";
const VOWELS = "aeiou";
const SPACE = 50n ** 8n;
/** Has no divisor in common with the space, so that no two numbers are one word. */
const SCATTER = 24_157_817_390_881n;

/** Makes texts by a source of chance. */
export class Texts {
  readonly #below: (count: number) => number;

  constructor(below: (count: number) => number) {
    this.#below = below;
  }

  /** Words, with a full stop now and then. */
  words(count: number): string {
    const said: string[] = [];
    for (let at = 0; at < count; at++) {
      const word = WORDS[this.#below(WORDS.length)]!;
      said.push(at % 12 === 11 ? `${word}.` : word);
    }
    return said.join(" ");
  }

  /** A word that is no other's and like none: of its number scattered over all words of eight syllables. */
  rare(number: number): string {
    let rest = BigInt(number) * SCATTER % SPACE;
    let word = "";
    for (let at = 0; at < 8; at++) {
      const syllable = Number(rest % 50n);
      rest /= 50n;
      word += CONSONANTS[Math.floor(syllable / 5)]! + VOWELS[syllable % 5]!;
    }
    return `${word}k`;
  }

  /** A Markdown document with this word in it. */
  markdown(word: string): string {
    const parts = Array.from({ length: 1 + this.#below(5) }, (_, at) =>
      [
        `## Part ${at}`,
        this.words(20 + this.#below(120)),
        ...(this.#below(3) === 0 ? ["```ts\nconst x = { a: [1, 2, 3] };\n```"] : []),
        ...(this.#below(3) === 0 ? ["| a | b |\n| - | - |\n| 1 | 2 |"] : []),
      ].join("\n\n"));
    return `# About ${word}\n\nThis is what is known of ${word}.\n\n${parts.join("\n\n")}\n`;
  }

  /** A page with this word in its content. */
  html(word: string): string {
    const items = Array.from({ length: this.#below(20) }, () => `<li>${this.words(6)}</li>`);
    return `<!doctype html><title>${word}</title><nav><a href="/">Home</a></nav><main><h1>${word}</h1>` +
      `<p>This is what is known of ${word}.</p><p>${
        this.words(60 + this.#below(200))
      } <b>${word}</b> &amp; <i>more</p><ul>${items.join("")}</ul>` +
      `<table><tr><th>a<td>b</table></main><script>let x = "<p>";</script>`;
  }

  /** A secret that redaction has to find, new each time. */
  secret(): string {
    const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    return `AKIA${Array.from({ length: 16 }, () => signs[this.#below(32)]).join("")}`;
  }
}
