/**
 * What a file is, by its name and its first bytes. Any file may be text whatever it is called; a name only says what is
 * done with it.
 *
 * @module
 */

/** How a file is read; what is no document although it is text is `other`. */
export type FileKind = "text" | "code" | "table" | "json" | "pdf" | "docx" | "gzip" | "other";

const words = (list: string): string[] => list.split(" ");

const KINDS: ReadonlyMap<string, FileKind> = new Map([
  ...words("csv tsv tab").map((e) => [e, "table"] as const),
  ...words("json jsonc json5 geojson jsonl ndjson webmanifest ipynb").map((e) =>
    [e, "json"] as const
  ),
  ["pdf", "pdf"],
  ["docx", "docx"],
  ["gz", "gzip"],
  ...words("map svg po pot xmp").map((e) => [e, "other"] as const),
  // Of these a line that begins with # is a comment and no heading.
  ...words(
    "js mjs cjs jsx ts mts cts tsx vue svelte css scss sass less py pyi pyx rb pl pm t php java kt kts scala groovy " +
      "gradle c h cc cpp cxx hpp hh hxx m mm cs fs fsx vb go rs swift zig nim d dart lua r jl hs lhs elm ex exs erl hrl " +
      "clj cljs cljc edn lisp el scm rkt ml mli pas pp asm s f f90 f95 for v sv vhd vhdl sh bash zsh fish ksh csh ps1 psm1 " +
      "bat cmd awk sed sql graphql gql proto thrift yaml yml toml ini cfg conf cnf properties env desktop service socket " +
      "timer mk mak cmake bzl bazel nix tf hcl dockerfile am ac m4 in spec patch diff xml xsd xsl xslt rng wsdl plist " +
      "tex sty cls bib lock",
  ).map((e) => [e, "code"] as const),
]);

/** Where a name ends. */
function endings(base: string): string[] {
  return base.toLowerCase().split(".").slice(1);
}

/** The part of a path behind its folders. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** What a name says of a file; most say nothing but that it may be text. */
export function kindOfName(path: string): FileKind {
  const base = baseName(path);
  const [before, last] = endings(base).slice(-2).length < 2
    ? [undefined, endings(base).at(-1)]
    : endings(base).slice(-2);
  if (before === "min" && (last === "js" || last === "mjs" || last === "css")) return "other";
  if (/^(?:gnu)?makefile$|^dockerfile$|^cmakelists\.txt$/i.test(base)) return "code";
  return KINDS.get(last ?? "") ?? "text";
}

const SIGNATURES: readonly (readonly [string, string])[] = [
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["GIF8", "a GIF picture"],
  ["RIFF", "a sound, film or WebP picture"],
  ["\x7fELF", "a program or library"],
  ["MZ", "a program for Windows"],
  ["\xca\xfe\xba\xbe", "a Java class or a program for macOS"],
  ["\xcf\xfa\xed\xfe", "a program for macOS"],
  ["\0asm", "WebAssembly"],
  ["PK\x03\x04", "a ZIP archive, or an office document other than .docx"],
  ["\xd0\xcf\x11\xe0", "an office document of the old kind (.doc, .xls, .ppt)"],
  ["\x1f\x8b", "a compressed file (gzip) without .gz at the end of its name"],
  ["BZh", "a compressed file (bzip2)"],
  ["\xfd7zXZ", "a compressed file (xz)"],
  ["\x28\xb5\x2f\xfd", "a compressed file (Zstandard)"],
  ["7z\xbc\xaf", "a 7-Zip archive"],
  ["SQLite format 3\0", "an SQLite database"],
  ["OggS", "an Ogg sound or film"],
  ["ID3", "an MP3 sound"],
  ["fLaC", "a FLAC sound"],
  ["wOF", "a font"],
  ["\0\x01\0\0", "a font or another table of binary data"],
  ["OTTO", "a font"],
  ["%!PS", "PostScript"],
  ["!<arch>", "an archive of compiled code or a Debian package"],
];

/** What first bytes say of a file that is no text, in words; undefined for nothing known. */
export function signatureOf(head: Uint8Array): string | undefined {
  const begin = String.fromCharCode(...head.subarray(0, 16));
  if (begin.slice(4, 8) === "ftyp") return "a film, sound or picture (MP4, HEIC)";
  return SIGNATURES.find(([mark]) => begin.startsWith(mark))?.[1];
}

/** Whether first bytes are those of a PDF, whatever its name. */
export function isPdf(head: Uint8Array): boolean {
  return head[0] === 0x25 && String.fromCharCode(...head.subarray(0, 5)) === "%PDF-";
}
