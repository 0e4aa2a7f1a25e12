/**
 * Texts with secrets whose places are known: kinds of secrets, made by their published formats from a seed, in templates
 * of logs, JSON, code, configuration, mails and shells, some escaped once more. Nothing in it was ever valid.
 *
 * The kinds and templates with an even place are those that rules may be made with; the odd ones are looked at only to
 * measure.
 */

import type { Random } from "./random.ts";

/** A text and the secret in it. */
export interface Sample {
  /** The kind of the secret. */
  kind: string;
  /** Which template it stands in. */
  template: number;
  /** The secret as it is. */
  secret: string;
  /** The text, in which it may be escaped. */
  text: string;
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const ALNUM = LOWER + UPPER + DIGITS;
const HEX = `${DIGITS}abcdef`;

class Maker {
  constructor(readonly random: Random) {}

  of(characters: string, length: number): string {
    return Array.from({ length }, () => characters[this.random.below(characters.length)]).join("");
  }
  alnum(length: number): string {
    // A digit in it, as in any of that length but few.
    return `${this.of(ALNUM, length - 2)}${this.of(DIGITS, 1)}${this.of(ALNUM, 1)}`;
  }
  hex(length: number): string {
    return `${this.of("abcdef", 1)}${this.of(HEX, length - 2)}${this.of(DIGITS, 1)}`;
  }
  token(length: number): string {
    return this.alnum(length - 1) + this.of(`${ALNUM}_-`, 0) + this.of(ALNUM, 1);
  }
  digits(length: number): string {
    return this.of(DIGITS, length);
  }
  password(): string {
    const word = this.random.pick([
      "tiger",
      "Winter",
      "blue",
      "Kafka",
      "zebra",
      "hunter",
      "Monday",
    ]);
    return word + this.digits(2 + this.random.below(3)) +
      this.random.pick(["", "!", "#", "@x", "$$"]);
  }
  word(): string {
    return `${this.of(LOWER, 4)}${this.digits(3)}${this.of(LOWER, 2)}`;
  }
  base64(length: number): string {
    return this.of(`${ALNUM}+/`, length);
  }
  card(): string {
    const body = `4${this.digits(14)}`;
    for (let check = 0; check < 10; check++) {
      const digits = `${body}${check}`;
      let sum = 0;
      for (let i = 0; i < 16; i++) {
        const digit = Number(digits[15 - i]);
        sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
      }
      if (sum % 10 === 0) return digits;
    }
    return body;
  }
  iban(): string {
    const body = this.digits(18);
    const rest = BigInt(`${body}131400`) % 97n;
    return `DE${String(98n - rest).padStart(2, "0")}${body}`;
  }
  pem(label: string): string {
    const lines = Array.from({ length: 6 }, () => this.base64(64));
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join("\n");
  }
  jwt(): string {
    const part = (value: unknown): string =>
      btoa(JSON.stringify(value)).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
    return `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: this.digits(8) })}.${
      this.token(43)
    }`;
  }
}

/** Where a secret is known by what stands before it, the text has that. */
type Kind = readonly [name: string, make: (m: Maker) => string, before?: string, after?: string];

/** The kinds. */
export const KINDS: readonly Kind[] = [
  ["aws-key", (m) => `AKIA${m.of(`${UPPER}234567`, 16)}`],
  ["aws-secret", (m) => m.base64(40).replace(/^./, "k"), "AWS_SECRET_ACCESS_KEY="],
  ["github", (m) => `ghp_${m.alnum(36)}`],
  ["github-fine", (m) => `github_pat_${m.alnum(22)}_${m.alnum(59)}`],
  ["gitlab", (m) => `glpat-${m.alnum(20)}`],
  ["slack", (m) => `xoxb-${m.digits(12)}-${m.digits(12)}-${m.alnum(24)}`],
  ["slack-hook", (m) => `hooks.slack.com/services/T${m.alnum(8)}/B${m.alnum(8)}/${m.alnum(24)}`],
  ["openai", (m) => `sk-proj-${m.alnum(40)}T3BlbkFJ${m.alnum(40)}`],
  ["anthropic", (m) => `sk-ant-api03-${m.alnum(93)}AA`],
  ["stripe", (m) => `sk_live_${m.alnum(24)}`],
  ["google", (m) => `AIza${m.alnum(35)}`],
  ["sendgrid", (m) => `SG.${m.alnum(22)}.${m.alnum(43)}`],
  ["npm", (m) => `npm_${m.alnum(36)}`],
  ["pypi", (m) => `pypi-AgEIcHlwaS5vcmc${m.alnum(60)}`],
  ["hugging-face", (m) => `hf_${m.of(LOWER + UPPER, 34)}`],
  ["digitalocean", (m) => `dop_v1_${m.hex(64)}`],
  ["shopify", (m) => `shpat_${m.hex(32)}`],
  ["databricks", (m) => `dapi${m.hex(32)}`],
  ["linear", (m) => `lin_api_${m.alnum(40)}`],
  ["grafana", (m) => `glsa_${m.alnum(32)}_${m.hex(8)}`],
  ["tailscale", (m) => `tskey-auth-${m.alnum(12)}-${m.alnum(24)}`],
  ["vault", (m) => `hvs.${m.alnum(95)}`],
  ["supabase", (m) => `sb_secret_${m.alnum(31)}`],
  ["telegram", (m) => `${m.of("123456789", 1)}${m.digits(8)}:AA${m.alnum(33)}`],
  ["discord", (m) => `M${m.alnum(23)}.${m.alnum(6)}.${m.alnum(27)}`],
  ["azure-ad", (m) => `${m.of(LOWER, 3)}8Q~${m.alnum(34)}`],
  ["terraform", (m) => `${m.alnum(14)}.atlasv1.${m.alnum(66)}`],
  ["age", (m) => `AGE-SECRET-KEY-1${m.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)}`],
  ["doppler", (m) => `dp.pt.${m.alnum(43)}`],
  ["pulumi", (m) => `pul-${m.hex(40)}`],
  ["postman", (m) => `PMAK-${m.hex(24)}-${m.hex(34)}`],
  ["new-relic", (m) => `NRAK-${m.of(UPPER + DIGITS, 27)}`],
  ["jwt", (m) => m.jwt()],
  ["pem-rsa", (m) => m.pem("RSA PRIVATE KEY")],
  ["pem-openssh", (m) => m.pem("OPENSSH PRIVATE KEY")],
  ["bearer-hex", (m) => m.hex(32), "Authorization: Bearer "],
  ["basic", (m) => btoa(`${m.of(LOWER, 6)}:${m.password()}`), "Authorization: Basic "],
  ["token-header", (m) => m.alnum(32), "X-Auth-Token: "],
  ["api-key-header", (m) => m.hex(32), "X-Api-Key: "],
  ["query-token", (m) => m.alnum(24), "GET /v1/items?page=2&token=", "&sort=up"],
  ["query-signature", (m) => m.hex(64), "https://files.example.net/a.pdf?X-Amz-Signature="],
  ["password", (m) => m.password(), "password="],
  ["password-yaml", (m) => m.password(), "db_password: "],
  ["password-json", (m) => m.password(), '"password": "', '"'],
  ["password-env", (m) => m.password(), "export PGPASSWORD='", "'"],
  ["password-option", (m) => m.password(), "login --user ann --password "],
  ["ado", (m) => m.password(), "Server=db;User Id=sa;Password=", ";Encrypt=yes"],
  ["account-key", (m) => `${m.base64(86)}==`, "AccountName=files;AccountKey=", ";Suffix=x"],
  [
    "url-redis",
    (m) => m.password().replace(/[#@$!].*/, "x7"),
    "redis://cache:",
    "@10-0-0-7.internal:6379/0",
  ],
  [
    "url-postgres",
    (m) => m.password().replace(/[#@$!].*/, "q"),
    "postgresql://app:",
    "@db.internal/app",
  ],
  ["url-token", (m) => m.hex(40), "https://", "@git.example.net/a/b.git"],
  ["secret-code", (m) => m.alnum(20), 'const clientSecret = "', '";'],
  ["secret-hex", (m) => m.hex(32), "SECRET_KEY_BASE="],
  ["option-short", (m) => m.word(), "mysql -h db -u root -p", " shop"],
  ["option-command", (m) => m.word(), "sshpass -p ", " ssh ann@host"],
  ["option-user", (m) => m.word(), "curl -u svc:", " http://localhost/"],
  ["sql-identified", (m) => m.word(), "ALTER USER app IDENTIFIED BY '", "'"],
  ["sql-password", (m) => m.word(), "ALTER ROLE app WITH PASSWORD '", "'"],
  ["sentence", (m) => m.word(), "the password is "],
  ["sentence-whose", (m) => m.word(), "the password for the admin of db is "],
  ["netrc", (m) => m.word(), "machine api.local login ann password "],
  ["yaml-line", (m) => m.word(), "password:\n          ", "\n"],
  ["yaml-block", (m) => m.word(), "password: |\n          ", "\n"],
  ["pair", (m) => m.word(), '{"name":"db_password","value":"', '"}'],
  ["pair-reversed", (m) => m.word(), '{"value":"', '","name":"db_password"}'],
  ["pair-header", (m) => btoa(`svc:${m.word()}`), '{"name":"Authorization","value":"Basic ', '"}'],
  ["element-named", (m) => m.word(), '<property name="password">', "</property>"],
  ["element-typed", (m) => m.word(), '<p:Password Type="PasswordText">', "</p:Password>"],
  ["typed-constant", (m) => m.word(), 'const PASSWORD: &str = "', '";'],
  ["argument", (m) => m.word(), 'props.setProperty("db.password", "', '");'],
  ["windows-option", (m) => m.word(), "xfreerdp /v:srv /u:ann /p:", " /cert:ignore"],
  ["docker-auth", (m) => btoa(`svc:${m.word()}`), '{"auths":{"r.local":{"auth":"', '"}}}'],
  ["hash", (m) => `$2y$10$${m.of(ALNUM, 53)}`, "ann:"],
  ["high-entropy", (m) => m.base64(44).replace(/^../, "aB").replace(/..$/, "7x")],
  ["email", (m) => `${m.of(LOWER, 5)}.${m.of(LOWER, 6)}@${m.of(LOWER, 7)}.org`],
  [
    "email-plus",
    (m) => `${m.of(LOWER, 5)}+${m.of(LOWER, 3)}${m.digits(2)}@mail.${m.of(LOWER, 6)}.co.uk`,
  ],
  [
    "email-letters",
    (m) => `${m.of(LOWER, 3)}ö${m.of(LOWER, 3)}@b${m.of(LOWER, 3)}ü${m.of(LOWER, 3)}.de`,
  ],
  ["card", (m) => m.card()],
  ["card-groups", (m) => m.card().replace(/(\d{4})(?=\d)/g, "$1 ")],
  ["iban", (m) => m.iban()],
  ["iban-groups", (m) => m.iban().replace(/(.{4})(?=.)/g, "$1 ")],
  [
    "ssn",
    (m) => `${200 + m.random.below(400)}-${10 + m.random.below(80)}-${1000 + m.random.below(8000)}`,
  ],
  ["phone-uk", (m) => `+44 20 7946 0${m.digits(3)}`],
  ["phone-fr", (m) => `+33 1 99 00 ${m.digits(2)} ${m.digits(2)}`],
  ["phone-us", (m) => `(415) 555-01${m.digits(2)}`],
  ["mac", (m) => Array.from({ length: 6 }, () => m.hex(2)).join(":")],
  ["ipv4", (m) => `198.51.100.${m.random.below(256)}`],
  ["ipv6", (m) => `2001:db8:${m.of("123456789", 1)}${m.hex(3)}::${m.hex(4)}`],
];

/** The templates; `@` is where the secret is with what belongs to it. */
const TEMPLATES: readonly ((text: string, random: Random) => string)[] = [
  (text) => `2026-11-03T10:31:07.123Z INFO  [main] got ${text} from peer\n`,
  (text, random) => `${random.prose(120)}\n${text}\n${random.prose(60)}`,
  (text) => JSON.stringify({ at: 1762165867, level: "info", message: `line one\n${text}` }),
  (text) => `From: a\nSubject: access\n\nHi,\n\nuse ${text} until Friday.\n\n> thanks\n`,
  (text) => `// see the wiki\n# ${text}\nfn main() {}\n`,
  (text) => `$ curl -s http://localhost:8080/ # ${text}\nHTTP/1.1 200 OK\n`,
  (text) =>
    `<td class="v">${
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll(
        "'",
        "&#39;",
      )
    }</td>\n`,
  (text) => JSON.stringify({ log: JSON.stringify({ message: `\t${text}` }) }),
  (text) =>
    `<13>Nov  3 10:31:07 host app[412]: \u001b[33mWARN\u001b[0m ${
      text.replaceAll("\n", "\n\u001b[36m|\u001b[0m ")
    }\n`,
  (text) => `body=${encodeURIComponent(text)}&done=1\n`,
  (text) => `      ${text.replaceAll("\n", "\n      ")}\n    key: value\n`,
  (text) => `echo '${text.replaceAll("'", "'\\''")}' | tee out.txt\n`,
];

/** Makes so many samples of each kind in each template. */
export function corpus(random: Random, each: number): Sample[] {
  const maker = new Maker(random);
  const samples: Sample[] = [];
  for (const [kind, make, before = "", after = ""] of KINDS) {
    TEMPLATES.forEach((write, template) => {
      for (let i = 0; i < each; i++) {
        const secret = make(maker);
        samples.push({ kind, template, secret, text: write(before + secret + after, random) });
      }
    });
  }
  return samples;
}

/** Whether a redacted text has a piece of the secret left: eight letters and digits on end, or a whole shorter one. */
export function isLeft(redacted: string, secret: string): boolean {
  const kept = redacted.replace(/\[[A-Z_0-9]+\]/g, "\u0000");
  const words = new Set(kept.split(/[^A-Za-z0-9]+/));
  return secret.split(/[^A-Za-z0-9]+/).some((piece) => {
    if (piece.length < 4 || /^[A-Z]+$/.test(piece)) return false;
    if (piece.length < 8) return words.has(piece);
    for (let at = 0; at + 8 <= piece.length; at++) {
      if (kept.includes(piece.slice(at, at + 8))) return true;
    }
    return false;
  });
}
