/**
 * A server with what the conformance suite asks for, on the transport of the product: `Answering`, `Guard`, `Eras` and its
 * sessions. The suite cannot send a token, so each request gets it here, before the product sees it.
 */

import { Answering, Eras } from "../../src/mcp/http/handler.ts";
import { Guard } from "../../src/mcp/http/guard.ts";
import { loadServer, type ServerFactory, type ServerSdk } from "../../src/mcp/sdk.ts";
import { type Answer, askingPrompt, PICTURE, TOOLS } from "./fixture_tools.ts";

const STATIC_TEXT = "This is the content of the static text resource.";
const said = (text: string) => ({
  role: "user" as const,
  content: { type: "text" as const, text },
});

const PROMPTS: Readonly<
  Record<string, { args: readonly string[]; get: (args: Record<string, string>) => Answer }>
> = {
  test_simple_prompt: {
    args: [],
    get: () => ({ messages: [said("This is a simple prompt for testing.")] }),
  },
  test_prompt_with_arguments: {
    args: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => ({
      messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    }),
  },
  test_prompt_with_embedded_resource: {
    args: ["resourceUri"],
    get: ({ resourceUri }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: {
              uri: resourceUri,
              mimeType: "text/plain",
              text: "Embedded resource content for testing.",
            },
          },
        },
        said("Please process the embedded resource above."),
      ],
    }),
  },
  test_prompt_with_image: {
    args: [],
    get: () => ({
      messages: [
        { role: "user", content: { type: "image", data: PICTURE, mimeType: "image/png" } },
        said("Please analyze the image above."),
      ],
    }),
  },
};

function read(sdk: ServerSdk, uri: string): Answer {
  if (uri === "test://static-text" || uri === "test://watched-resource") {
    return { contents: [{ uri, mimeType: "text/plain", text: STATIC_TEXT }] };
  }
  if (uri === "test://static-binary") {
    return { contents: [{ uri, mimeType: "image/png", blob: PICTURE }] };
  }
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new sdk.ResourceNotFoundError(uri);
  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: "application/json", text }] };
}

/** Makes servers with all of it. */
export function fixtureFactory(sdk: ServerSdk): ServerFactory {
  const codec = sdk.createRequestStateCodec({ key: "a key that nobody needs to know of" });
  const listed = {
    tools: Object.entries(TOOLS).map(([name, { input }]) => ({
      ...{ name, description: `A fixture: ${name}` },
      inputSchema: (input ?? { type: "object" }) as { type: "object" },
    })),
    prompts: [...Object.entries(PROMPTS), ["test_input_required_result_prompt", { args: [] }]]
      .map((entry) => {
        const [name, { args }] = entry as [string, { args: readonly string[] }];
        return {
          ...{ name, description: `A fixture: ${name}` },
          arguments: args.map((argument) => ({
            ...{ name: argument, description: argument, required: true },
          })),
        };
      }),
    resources: ["static-text", "static-binary", "watched-resource"].map((name) => ({
      ...{ uri: `test://${name}`, name, description: `A fixture: ${name}` },
      mimeType: name === "static-binary" ? "image/png" : "text/plain",
    })),
  };
  return () => {
    const server = new sdk.Server({ name: "fixture", version: "1.0.0" }, {
      capabilities: {
        ...{ tools: {}, prompts: {}, logging: {}, completions: {} },
        resources: { subscribe: true },
      },
      requestState: { verify: codec.verify },
    });
    const none = (what: string): Error =>
      new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, `There is no such ${what}`);
    server.setRequestHandler("tools/list", () => ({ tools: listed.tools }));
    server.setRequestHandler("prompts/list", () => ({ prompts: listed.prompts }));
    server.setRequestHandler("resources/list", () => ({ resources: listed.resources }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
    }));
    server.setRequestHandler("resources/read", ({ params }) => read(sdk, params.uri) as never);
    server.setRequestHandler("resources/subscribe", () => ({}));
    server.setRequestHandler("resources/unsubscribe", () => ({}));
    server.setRequestHandler("completion/complete", () => ({ completion: { values: [] } }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const tool = TOOLS[params.name];
      if (tool === undefined) throw none("tool");
      const mint = (value: unknown) => codec.mint(value, context);
      return await tool.run(params.arguments ?? {}, context, sdk, mint) as never;
    });
    server.setRequestHandler("prompts/get", async ({ params }, context) => {
      if (params.name === "test_input_required_result_prompt") {
        const mint = (value: unknown) => codec.mint(value, context);
        return await askingPrompt({}, context, sdk, mint) as never;
      }
      const prompt = PROMPTS[params.name];
      if (prompt === undefined) throw none("prompt");
      return prompt.get(params.arguments ?? {}) as never;
    });
    return server;
  };
}

/** Serves it on a free port of this machine. */
export async function serveFixture(): Promise<{ url: string } & AsyncDisposable> {
  const sdk = await loadServer();
  const eras = new Eras(sdk, fixtureFactory(sdk), { most: 64, idleMs: 60_000 });
  const guard = new Guard({});
  const answering = new Answering(guard, () => Promise.resolve(eras));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${guard.token}`);
    return answering.to(new Request(request, { headers }));
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    async [Symbol.asyncDispose]() {
      await eras.close();
      await server.shutdown();
    },
  };
}

if (import.meta.main) {
  const served = await serveFixture();
  await Deno.stdout.write(new TextEncoder().encode(`${served.url}\n`));
}
