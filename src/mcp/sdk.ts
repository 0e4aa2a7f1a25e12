/**
 * The official SDK of the Model Context Protocol, loaded when the first server or client of it is made: its import takes
 * some 70 ms and 31 MB.
 *
 * @module
 */

import type * as client from "npm:@modelcontextprotocol/client@2.4.0";
import type * as server from "npm:@modelcontextprotocol/server@2.4.0";
import { loadPackage, specifierOf } from "../shared/packages.ts";

/** The module of servers. */
export type ServerSdk = typeof server;
/** A server of one era: a connection, a session, or one request. */
export type Server = server.Server;
/** Makes one. */
export type ServerFactory = server.McpServerFactory;
/** What a handler of requests is told beside the request. */
export type ServerContext = server.ServerContext;
/** Where messages come from and go to. */
export type Transport = server.Transport;
/** The module of clients. */
export type ClientSdk = typeof client;
/** A client with one server. */
export type Client = client.Client;
/** Where its messages go to and come from. */
export type ClientTransport = client.Transport;
/** A message. */
export type Message = client.JSONRPCMessage;

/** The part of the module for standard input and output that is used. */
export interface ServerStdio {
  StdioServerTransport: new (
    input?: unknown,
    output?: unknown,
    options?: { maxBufferSize?: number },
  ) => Transport;
  serveStdio(
    factory: ServerFactory,
    options: { transport: Transport; maxSubscriptions: number },
  ): { close(): Promise<void> };
}

const SERVER = "@modelcontextprotocol/server";
const CLIENT = "@modelcontextprotocol/client";

/** Loads what servers are made of. */
export function loadServer(): Promise<ServerSdk> {
  return loadPackage<ServerSdk>(SERVER, "A server of the Model Context Protocol");
}

/** Loads how a server speaks over standard input and output. */
export function loadServerStdio(): Promise<ServerStdio> {
  const user = "A server of the Model Context Protocol";
  return loadPackage<ServerStdio>(SERVER, user, `${specifierOf(SERVER)}/stdio`);
}

/** Loads what clients are made of. */
export function loadClient(): Promise<ClientSdk> {
  return loadPackage<ClientSdk>(CLIENT, "Tools of another MCP server");
}
