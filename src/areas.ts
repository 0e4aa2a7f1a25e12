/**
 * The one list of areas. Status, settings, `createRuntime()`, the bindings and `scripts/test checks` read it; what an
 * area has follows from its word: `src/<area>/mod.ts`, the subpath `./<area>`, `tests/<area>/`, `bench/<area>_bench.ts`.
 *
 * @module
 */

/** The name of a native library. */
export type LibraryName =
  | "core-utils"
  | "container-orchestrator"
  | "security-tools"
  | "performance-monitor";

/** What is said of an area. */
export interface AreaEntry {
  /** The native library with its Rust twin; left out where there are no twins. */
  readonly library?: LibraryName;
  /** The headers of that library that are the area's, each a module of generated calls. */
  readonly headers?: readonly string[];
  /** Rooms with a subpath of their own: `./<area>/<room>`. */
  readonly rooms?: readonly string[];
}

const ENTRIES = {
  text: {
    library: "core-utils",
    headers: ["text", "tokens", "redact", "markdown", "duplicates"],
    rooms: [
      "hash",
      "transform",
      "match",
      "keywords",
      "process",
      "tokens",
      "redact",
      "markdown",
      "duplicates",
      "outline",
    ],
  },
  cache: { library: "core-utils", headers: ["cache"] },
  http: { library: "core-utils", headers: ["http", "limiter", "pages"] },
  queue: { library: "core-utils", headers: ["queue"] },
  containers: { library: "container-orchestrator", headers: ["containers"] },
  security: { library: "security-tools", headers: ["security"] },
  monitor: { library: "performance-monitor", headers: ["monitor", "load"] },
  knowledge: { library: "core-utils", headers: ["embedding"] },
  agent: {},
} as const satisfies Record<string, AreaEntry>;

/** The word of an area. */
export type AreaName = keyof typeof ENTRIES;

/** An area that has twins: the words that `AGENT_IMPLEMENTATION` takes. */
export type Area =
  | "text"
  | "cache"
  | "http"
  | "queue"
  | "containers"
  | "security"
  | "monitor"
  | "knowledge";

/** Every area by its word. */
export const AREAS: Readonly<Record<AreaName, AreaEntry>> = ENTRIES;

/** The words of all areas. */
export const AREA_NAMES = Object.keys(ENTRIES) as readonly AreaName[];

/** The words of the areas that have twins; one that is not named here is a type error below. */
export const TWIN_AREAS: readonly Area[] = AREA_NAMES.filter(hasTwins);

type WithLibrary = {
  [A in AreaName]: (typeof ENTRIES)[A] extends { library: LibraryName } ? A : never;
}[AreaName];

function hasTwins(area: AreaName): area is WithLibrary {
  return AREAS[area].library !== undefined;
}

/** The native library of an area with twins. */
export function libraryOf(area: Area): LibraryName {
  return ENTRIES[area].library;
}
