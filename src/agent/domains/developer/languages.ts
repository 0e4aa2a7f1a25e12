/** The languages of sources: how their comments and texts are marked, and which family their declarations are of. @module */

/** How declarations of a language are found. */
export type Family = "script" | "python" | "rust" | "go" | "c";

/** A language. */
export interface Language {
  readonly name: string;
  /** What begins a comment up to the line's end. */
  readonly line: readonly string[];
  /** What begins and ends a comment of several lines. */
  readonly block: readonly (readonly [string, string])[];
  /** Marks of texts that end with their line. */
  readonly quotes: string;
  /** Marks of texts that may have several lines. */
  readonly long: readonly string[];
  /** Whether comments stand within comments. */
  readonly nests: boolean;
  /** How its declarations are found; of the others only lines are counted. */
  readonly family: Family | undefined;
}

const SLASHES = {
  line: ["//"],
  block: [["/*", "*/"]],
  quotes: "\"'",
  long: [],
  nests: false,
} as const;
const HASHES = { line: ["#"], block: [], quotes: "\"'", long: [], nests: false } as const;
const ANGLES = { line: [], block: [["<!--", "-->"]], quotes: "", long: [], nests: false } as const;

const LANGUAGES: readonly (readonly [string, Language])[] = [
  ["ts tsx mts cts", { name: "TypeScript", ...SLASHES, family: "script" }],
  ["js jsx mjs cjs", { name: "JavaScript", ...SLASHES, family: "script" }],
  ["py pyi", { name: "Python", ...HASHES, long: ['"""', "'''"], family: "python" }],
  ["rs", { name: "Rust", ...SLASHES, quotes: "", long: ['"'], nests: true, family: "rust" }],
  ["go", { name: "Go", ...SLASHES, long: ["`"], family: "go" }],
  ["c h", { name: "C", ...SLASHES, family: "c" }],
  ["cc cpp cxx hpp hh hxx", { name: "C++", ...SLASHES, family: "c" }],
  ["java", { name: "Java", ...SLASHES, long: ['"""'], family: "c" }],
  ["cs", { name: "C#", ...SLASHES, long: ['"""'], family: "c" }],
  ["kt kts", { name: "Kotlin", ...SLASHES, long: ['"""'], nests: true, family: undefined }],
  ["swift", { name: "Swift", ...SLASHES, long: ['"""'], nests: true, family: undefined }],
  ["php", { name: "PHP", ...SLASHES, line: ["//", "#"], family: undefined }],
  ["rb", { name: "Ruby", ...HASHES, block: [["\n=begin", "\n=end"]], family: undefined }],
  ["sh bash zsh", { name: "Shell", ...HASHES, quotes: "", long: ['"', "'"], family: undefined }],
  ["sql", { name: "SQL", ...SLASHES, line: ["--"], family: undefined }],
  ["lua", { name: "Lua", ...HASHES, line: ["--"], block: [["--[[", "]]"]], family: undefined }],
  ["css scss less", { name: "CSS", ...SLASHES, line: [], family: undefined }],
  ["yaml yml", { name: "YAML", ...HASHES, quotes: "", family: undefined }],
  ["toml", { name: "TOML", ...HASHES, long: ['"""', "'''"], family: undefined }],
  ["html htm", { name: "HTML", ...ANGLES, family: undefined }],
  ["xml", { name: "XML", ...ANGLES, family: undefined }],
];

const BY_ENDING: ReadonlyMap<string, Language> = new Map(
  LANGUAGES.flatMap(([endings, language]) => endings.split(" ").map((e) => [e, language] as const)),
);

/** The language of a file by its name; undefined if it is none of those known. */
export function languageOf(path: string): Language | undefined {
  return BY_ENDING.get(/\.([A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? "");
}
