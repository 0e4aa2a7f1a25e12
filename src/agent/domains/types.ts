/** The shapes of the domains' tools. @module */

/** The domains that bring tools. */
export type DomainToolsName = "developer" | "trader" | "lawyer" | "general";

/** What the tools of domains are given. */
export interface DomainToolsOptions {
  /** Of `developer`: the folder of the sources that its tools read, and nothing outside of it. */
  readonly folder?: string | undefined;
}
