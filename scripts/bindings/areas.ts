/**
 * Which symbols belong together: one table an area, opened at the area's first use. A symbol's
 * prefix decides its area, and its area the only header that may declare it.
 */

/** One generated symbol table. */
export interface Area {
  /** Prefix of its functions; constants have it in upper case. Of several that fit the longest counts. */
  readonly prefix: string;
  /** A further prefix. */
  readonly also?: string;
  /** The header that declares them, from the root of the repository. */
  readonly header: string;
  /** The generated file's name in `src/ffi/generated/`. */
  readonly file: string;
  /** Name of the table; its type has the same name in PascalCase. */
  readonly table: string;
  /** What the table is, for its comment. */
  readonly title: string;
}

const CORE = "rust/agent-core-utils/include/agent_core_utils.h";

/** Every area that may export. */
export const AREAS: readonly Area[] = [
  {
    prefix: "agent_ffi_",
    header: "rust/agent-ffi/include/agent_ffi.h",
    file: "ffi.ts",
    table: "ffiSymbols",
    title: "The exports that every library has: handles, the completion ring, errors.",
  },
  {
    prefix: "agent_ffi_test_",
    header: "rust/agent-ffi/include/agent_ffi.h",
    file: "ffi_testing.ts",
    table: "ffiTestingSymbols",
    title: "The exports of every library that only its tests and benches open.",
  },
  {
    prefix: "agent_core_text_",
    header: CORE,
    file: "core_text.ts",
    table: "coreTextSymbols",
    title: "Text, in agent-core-utils: one call at a time.",
  },
  {
    prefix: "agent_core_text_matcher_",
    also: "agent_core_text_submit_",
    header: CORE,
    file: "core_text_many.ts",
    table: "coreTextManySymbols",
    title: "Text, in agent-core-utils: matchers, and work on the ring.",
  },
  {
    prefix: "agent_core_text_hasher_",
    header: CORE,
    file: "core_text_hasher.ts",
    table: "coreHasherSymbols",
    title: "Hashes of what comes in parts, in agent-core-utils.",
  },
  {
    prefix: "agent_core_tokens_",
    header: CORE,
    file: "core_tokens.ts",
    table: "coreTokensSymbols",
    title: "Tokens of language models, in agent-core-utils.",
  },
  {
    prefix: "agent_core_redact_",
    header: CORE,
    file: "core_redact.ts",
    table: "coreRedactSymbols",
    title: "Redaction, in agent-core-utils.",
  },
  {
    prefix: "agent_core_near_",
    header: CORE,
    file: "core_near.ts",
    table: "coreNearSymbols",
    title: "Near duplicates, in agent-core-utils.",
  },
  {
    prefix: "agent_core_markdown_",
    header: CORE,
    file: "core_markdown.ts",
    table: "coreMarkdownSymbols",
    title: "Markdown of HTML pages, in agent-core-utils.",
  },
  {
    prefix: "agent_core_cache_",
    header: CORE,
    file: "core_cache.ts",
    table: "coreCacheSymbols",
    title: "The cache, in agent-core-utils.",
  },
  {
    prefix: "agent_core_cachetags_",
    header: CORE,
    file: "core_cachetags.ts",
    table: "coreCachetagsSymbols",
    title: "Tags of the cache, in agent-core-utils.",
  },
  {
    prefix: "agent_core_cachefile_",
    header: CORE,
    file: "core_cachefile.ts",
    table: "coreCachefileSymbols",
    title: "Snapshots of the cache, in agent-core-utils.",
  },
  {
    prefix: "agent_containers_",
    header: "rust/agent-container-orchestrator/include/agent_container_orchestrator.h",
    file: "containers.ts",
    table: "containersSymbols",
    title: "Containers, in agent-container-orchestrator.",
  },
  {
    prefix: "agent_security_",
    header: "rust/agent-security-tools/include/agent_security_tools.h",
    file: "security.ts",
    table: "securitySymbols",
    title: "Security tools, in agent-security-tools.",
  },
  {
    prefix: "agent_monitor_",
    header: "rust/agent-performance-monitor/include/agent_performance_monitor.h",
    file: "monitor.ts",
    table: "monitorSymbols",
    title: "The performance monitor, in agent-performance-monitor.",
  },
];

/** Prefix of the status codes, which get a file of their own. */
export const STATUS_PREFIX = "AGENT_STATUS_";

/** The header that declares the status codes. */
export const STATUS_HEADER = "rust/agent-ffi/include/agent_ffi.h";

/** The one symbol with which a library is opened first. */
export const ABI_SYMBOL = "agent_ffi_abi_version";
