/**
 * Templates: what can be deployed by name, as data.
 *
 * @module
 */

export { builtInTemplates } from "./catalog.ts";
export { describeTemplate } from "./describe.ts";
export type { DevcontainerOptions } from "./devcontainer.ts";
export { readTemplates } from "./folder.ts";
export type { TemplateFolder } from "./folder.ts";
export { fillTemplate } from "./options.ts";
export { readTemplate } from "./read.ts";
export type * from "./types.ts";
export { readWait } from "./wait_words.ts";
