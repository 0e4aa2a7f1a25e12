/** The words that begin declarations, by family of languages: data. @module */

import type { Family } from "./languages.ts";

/** How one kind of declaration begins. */
export interface Rule {
  /** With groups `name` and perhaps `kind`; it begins with a line. */
  readonly pattern: RegExp;
  /** Of all that are found, if the pattern does not say it. */
  readonly kind?: string;
  /** Behind the brackets that open at the end of what was found; what does not follow is no declaration. */
  readonly behind?: RegExp;
  /**
   * Where it ends: `line`: with its line, unless a backslash goes on; `body`: with the braces behind its type; `statement`: with
   * what follows. Left out: with the first braces.
   */
  readonly ends?: "line" | "body" | "statement";
  /** Only where it is not set in. */
  readonly top?: boolean;
}

/** Words that look like names of functions and are none. */
export const NO_NAME =
  /^(?:if|for|while|switch|catch|return|function|new|await|typeof|else|do|throw|yield|super|sizeof|using|lock|foreach|case)$/;

/** By family; of two that find the same place the first holds. */
export const RULES: Readonly<Record<Family, readonly Rule[]>> = {
  script: [
    {
      pattern:
        /^[ \t]*(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?(?:abstract[ \t]+)?(?:const[ \t]+)?(?<kind>class|interface|enum|namespace)[ \t]+(?<name>[\w$]+)/gm,
    },
    {
      pattern: /^[ \t]*(?:export[ \t]+)?(?:declare[ \t]+)?type[ \t]+(?<name>[\w$]+)[ \t]*[=<]/gm,
      kind: "type",
      ends: "statement",
    },
    {
      pattern:
        /^[ \t]*(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?(?:async[ \t]+)?function[ \t]*\*?[ \t]*(?<name>[\w$]+)[^(\n]*\(/gm,
      kind: "function",
      ends: "body",
    },
    {
      pattern:
        /^[ \t]*(?:export[ \t]+)?(?:const|let|var)[ \t]+(?<name>[\w$]+)[^=\n]*=[ \t]*(?:async[ \t]*)?(?:function\b[^(\n]*)?\(/gm,
      kind: "function",
      behind: /^\s*(?::[^=;{}]{0,200})?(?:=>|\{)/,
    },
    {
      pattern: /^(?:export[ \t]+)?(?:const|let|var)[ \t]+(?<name>[\w$]+)/gm,
      kind: "constant",
      top: true,
    },
    {
      pattern:
        /^[ \t]+(?:(?:public|private|protected|static|override|abstract|async|get|set)[ \t]+)*(?:\*[ \t]*)?(?<name>#?[\w$]+|\[[\w$.]+\])(?:<[^()\n]*>)?\(/gm,
      kind: "method",
      behind: /^\s*[:{]/,
      ends: "body",
    },
  ],
  python: [
    { pattern: /^[ \t]*class[ \t]+(?<name>\w+)/gm, kind: "class" },
    { pattern: /^[ \t]*(?:async[ \t]+)?def[ \t]+(?<name>\w+)/gm, kind: "function" },
    {
      pattern: /^(?<name>[A-Z][A-Z0-9_]+)[ \t]*(?::[^=\n]+)?=(?!=)/gm,
      kind: "constant",
      top: true,
    },
  ],
  rust: [
    {
      pattern:
        /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?(?:unsafe[ \t]+)?(?<kind>struct|enum|trait|mod|union|type|static|macro_rules!)[ \t]+(?:mut[ \t]+)?(?<name>\w+)/gm,
    },
    {
      pattern:
        /^[ \t]*(?:unsafe[ \t]+)?impl\b(?:<[^{\n]*?>)?[ \t]+(?<name>[^{\n]+?)[ \t]*(?:where\b|\{|$)/gm,
      kind: "impl",
    },
    {
      pattern:
        /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?(?:default[ \t]+)?(?:const[ \t]+)?(?:async[ \t]+)?(?:unsafe[ \t]+)?(?:extern[ \t]+\S+[ \t]+)?fn[ \t]+(?<name>\w+)[^(\n]*\(/gm,
      kind: "function",
    },
    {
      pattern: /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?const[ \t]+(?<name>\w+)[ \t]*:/gm,
      kind: "constant",
    },
  ],
  go: [
    { pattern: /^func[ \t]+(?<name>\w+)[^(\n]*\(/gm, kind: "function" },
    { pattern: /^func[ \t]+\([^)\n]*\)[ \t]*(?<name>\w+)[ \t]*\(/gm, kind: "method" },
    { pattern: /^type[ \t]+(?<name>\w+)[^\n]*?\b(?<kind>struct|interface)\b/gm },
    { pattern: /^type[ \t]+(?<name>\w+)(?![^\n]*\b(?:struct|interface)\b)/gm, kind: "type" },
    { pattern: /^(?<kind>const|var)[ \t]+(?<name>\w+)/gm },
  ],
  c: [
    {
      pattern:
        /^[ \t]*(?:(?:public|private|protected|internal|static|final|abstract|sealed|partial|typedef|export)[ \t]+)*(?<kind>class|struct|enum|union|interface|record|namespace)[ \t]+(?:class[ \t]+)?(?<name>[\w:.]+)[^;={}()]{0,300}(?=\{)/gm,
    },
    { pattern: /^[ \t]*#[ \t]*define[ \t]+(?<name>\w+)/gm, kind: "macro", ends: "line" },
    {
      pattern: /^[ \t]*(?:[\w:<>,*&[\]~]+[ \t]+)*[*&]*(?<name>[\w:~]+)[ \t]*\(/gm,
      kind: "function",
      behind: /^[\w\s:&,<>*]{0,200}(?:\([^(){}]{0,200}\)[\w\s,]{0,100}){0,8}\{/,
    },
  ],
};

/** Kinds that others stand in. */
export const HOLDS = /^(?:class|interface|namespace|impl|trait|mod|struct|record|enum)$/;
