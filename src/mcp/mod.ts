/**
 * The Model Context Protocol: what a program has as a server for other programs' clients, and servers of others as tools.
 *
 * @module
 */

export { AgentError } from "../shared/errors.ts";
export { createMcpHandler } from "./http/handler.ts";
export { mcpTools } from "./client/tools.ts";
export type * from "./client/types.ts";
export { commandTools } from "./server/commands.ts";
export { serveMcp } from "./stdio.ts";
export type { CommandBounds, CommandRuntime } from "../commands/types.ts";
export type * from "./types.ts";
