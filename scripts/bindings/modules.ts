/**
 * Which modules are generated: one a header. A symbol's prefix decides its header and so its module.
 */

import { AREAS, type LibraryName, TWIN_AREAS } from "../../src/areas.ts";

/** One module of generated calls. */
export interface Module {
  /** Prefix of the header's functions; its constants have it in upper case. */
  readonly prefix: string;
  /** The header, from the root of the repository. */
  readonly header: string;
  /** The generated file's name in `src/native/generated/`; none where only symbols are wanted. */
  readonly file?: string;
  /** The library that exports it; none for the toolkit, whose exports every library has. */
  readonly library?: LibraryName;
}

/** The toolkit's header: common exports, the ABI number, the status codes. */
export const TOOLKIT: Module = {
  prefix: "agent_ffi_",
  header: "rust/agent-ffi/include/agent_ffi.h",
};

/** Every header, the toolkit's first. */
export const MODULES: readonly Module[] = [
  TOOLKIT,
  {
    prefix: "agent_core_",
    header: "rust/agent-core-utils/include/library.h",
    library: "core-utils",
  },
  ...TWIN_AREAS.flatMap((area) => {
    const { library, headers = [] } = AREAS[area];
    return headers.map((name): Module => ({
      prefix: library === "core-utils" ? `agent_core_${name}_` : `agent_${name}_`,
      header: `rust/agent-${library}/include/${name}.h`,
      file: `${name}.ts`,
      library: library!,
    }));
  }),
];
