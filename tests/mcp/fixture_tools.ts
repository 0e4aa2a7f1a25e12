/**
 * The tools, prompts and resources that the conformance suite asks a server for, as data and small functions. What each
 * must say is the suite's; nothing of the product is in here.
 */

import type { ServerContext, ServerSdk } from "../../src/mcp/sdk.ts";

/** A picture of one pixel, and a sound of one sample. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==";

/** What a fixture answers. */
export type Answer = Record<string, unknown>;

/** A tool of the fixture. */
export interface FixtureTool {
  readonly input?: Record<string, unknown>;
  readonly run: (
    args: Record<string, unknown>,
    context: ServerContext,
    sdk: ServerSdk,
    mint: (value: unknown) => Promise<string>,
  ) => Answer | Promise<Answer>;
}

const said = (text: string): Answer => ({ content: [{ type: "text", text }] });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const wordsOf = (name: string) => ({
  type: "object" as const,
  properties: { [name]: { type: "string" as const } },
  required: [name],
});

/** Asks for what is missing, and goes on when all of it is there. */
function asking(
  requests: (sdk: ServerSdk) => Record<string, ReturnType<ServerSdk["inputRequired"]["elicit"]>>,
  then: (context: ServerContext, sdk: ServerSdk) => Answer,
  state?: string,
): FixtureTool["run"] {
  return async (_, context, sdk, mint) => {
    const inputRequests = requests(sdk);
    const { inputResponses } = context.mcpReq;
    const isThere = (name: string): boolean =>
      sdk.inputResponse(inputResponses, name).kind !== "missing";
    if (Object.keys(inputRequests).every(isThere)) return then(context, sdk);
    return sdk.inputRequired({
      inputRequests,
      ...(state !== undefined && { requestState: await mint(state) }),
    }) as unknown as Answer;
  };
}

const elicited = (message: string, properties: Record<string, unknown>, required?: string[]) =>
  asking(
    (sdk) => ({
      asked: sdk.inputRequired.elicit({
        message,
        requestedSchema: {
          type: "object",
          properties,
          ...(required !== undefined && { required }),
        } as never,
      }),
    }),
    (context, sdk) => {
      const answer = sdk.inputResponse(context.mcpReq.inputResponses, "asked");
      const { action, content } = answer.kind === "elicit"
        ? answer
        : { action: "cancel", content: {} };
      return said(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`);
    },
  );

const sampled = (name: string, text: string, maxTokens: number) => (sdk: ServerSdk) => ({
  [name]: sdk.inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text } }],
    maxTokens,
  }),
});

const named = (name: string, message: string, field: string) => (sdk: ServerSdk) => ({
  [name]: sdk.inputRequired.elicit({ message, requestedSchema: wordsOf(field) }),
});

const textOf = (context: ServerContext, sdk: ServerSdk, name: string): string => {
  const answer = sdk.inputResponse(context.mcpReq.inputResponses, name);
  return answer.kind === "sampling" ? JSON.stringify(answer.result.content) : "";
};

const titled = (kind: "oneOf" | "anyOf") => ({
  [kind]: ["First", "Second", "Third"].map((title, at) => ({ const: `value${at + 1}`, title })),
});
const THREE = ["option1", "option2", "option3"];

/** The tools by name. */
export const TOOLS: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: { run: () => said("This is a simple text response for testing.") },
  test_image_content: {
    run: () => ({ content: [{ type: "image", data: PICTURE, mimeType: "image/png" }] }),
  },
  test_audio_content: {
    run: () => ({ content: [{ type: "audio", data: SOUND, mimeType: "audio/wav" }] }),
  },
  test_embedded_resource: {
    run: () => ({
      content: [{
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      }],
    }),
  },
  test_multiple_content_types: {
    run: () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        { type: "image", data: PICTURE, mimeType: "image/png" },
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: JSON.stringify({ test: "data", value: 123 }),
          },
        },
      ],
    }),
  },
  test_tool_with_logging: {
    async run(_, context) {
      for (const data of ["started", "processing data", "completed"]) {
        await context.mcpReq.log("info", `Tool ${data}`);
        await pause(50);
      }
      return said("It was logged");
    },
  },
  test_logging_tool: {
    async run(_, context) {
      await context.mcpReq.log("info", "logged");
      return said("It was logged if that was asked for");
    },
  },
  test_error_handling: {
    run: () => ({
      ...said("This tool intentionally returns an error for testing"),
      isError: true,
    }),
  },
  test_tool_with_progress: {
    async run(_, context) {
      const progressToken = context.mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined) {
          await context.mcpReq.notify({
            method: "notifications/progress",
            params: { progressToken, progress, total: 100 },
          });
        }
        await pause(50);
      }
      return said("All of it was done");
    },
  },
  test_reconnection: {
    async run(_, context) {
      context.http?.closeSSE?.();
      await pause(100);
      return said("The client came back");
    },
  },
  test_sampling: {
    input: wordsOf("prompt"),
    run: (args, context, sdk, mint) =>
      asking(
        sampled("answer", String(args["prompt"]), 100),
        (again) => said(`LLM response: ${textOf(again, sdk, "answer")}`),
      )(args, context, sdk, mint),
  },
  test_elicitation: {
    input: wordsOf("message"),
    run: (args, context, sdk, mint) =>
      elicited(String(args["message"]), {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      }, ["username", "email"])(args, context, sdk, mint),
  },
  test_elicitation_sep1034_defaults: {
    run: elicited("Look through these", {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    }),
  },
  test_elicitation_sep1330_enums: {
    run: elicited("Choose", {
      untitledSingle: { type: "string", enum: THREE },
      titledSingle: { type: "string", ...titled("oneOf") },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: { type: "array", items: { type: "string", enum: THREE } },
      titledMulti: { type: "array", items: titled("anyOf") },
    }),
  },
  test_missing_capability: {
    run: asking(sampled("answer", "Anything", 10), () => said("The client can sample")),
  },
  test_streaming_elicitation: {
    run: elicited("Anything?", { anything: { type: "string" } }),
  },
  test_input_required_result_elicitation: {
    async run(args, context, sdk, mint) {
      const given = sdk.acceptedContent(context.mcpReq.inputResponses, "user_name");
      if (typeof given?.["name"] === "string") return said(`Hello, ${given["name"]}!`);
      const ask = named("user_name", "What is your name?", "name");
      return await asking(
        (sdk) => ({ ...ask(sdk) }),
        () => sdk.inputRequired({ inputRequests: ask(sdk) }) as unknown as Answer,
      )(args, context, sdk, mint);
    },
  },
  test_input_required_result_sampling: {
    run: asking(
      sampled("capital_question", "What is the capital of France?", 100),
      (context, sdk) => said(textOf(context, sdk, "capital_question")),
    ),
  },
  test_input_required_result_list_roots: {
    run: asking(
      (sdk) => ({ client_roots: sdk.inputRequired.listRoots() }),
      (context) => said(JSON.stringify(context.mcpReq.inputResponses?.["client_roots"])),
    ),
  },
  test_input_required_result_request_state: {
    run: asking(
      (sdk) => ({
        confirm: sdk.inputRequired.elicit({
          message: "Please confirm",
          requestedSchema: {
            type: "object",
            properties: { ok: { type: "boolean" } },
            required: ["ok"],
          },
        }),
      }),
      (context) => said(context.mcpReq.requestState() === "confirming" ? "state-ok" : "no state"),
      "confirming",
    ),
  },
  test_input_required_result_multiple_inputs: {
    run: asking(
      (sdk) => ({
        ...named("user_name", "What is your name?", "name")(sdk),
        ...sampled("greeting", "Generate a greeting", 50)(sdk),
        client_roots: sdk.inputRequired.listRoots(),
      }),
      () => said("All three came"),
      "three",
    ),
  },
  test_input_required_result_multi_round: {
    async run(args, context, sdk, mint) {
      const round = context.mcpReq.requestState();
      if (round === "second") {
        return await asking(
          named("step2", "Step 2: What is your favorite color?", "color"),
          () => said("Both rounds are done"),
          "second",
        )(args, context, sdk, mint);
      }
      const first = named("step1", "Step 1: What is your name?", "name");
      if (round === "first" && sdk.inputResponse(context.mcpReq.inputResponses, "step1")) {
        return sdk.inputRequired({
          inputRequests: named("step2", "Step 2: What is your favorite color?", "color")(sdk),
          requestState: await mint("second"),
        }) as unknown as Answer;
      }
      return await asking(first, () => said("never"), "first")(args, context, sdk, mint);
    },
  },
  test_input_required_result_tampered_state: {
    run: asking(
      named("confirm", "Please confirm", "ok"),
      () => said("It was not tampered with"),
      "untouched",
    ),
  },
  test_input_required_result_capabilities: {
    run: (args, context, sdk, mint) => {
      const envelope = context.mcpReq.envelope as Record<string, unknown> | undefined;
      const can = envelope?.["io.modelcontextprotocol/clientCapabilities"] as
        | Record<string, unknown>
        | undefined;
      return asking(
        (sdk) => ({
          ...(can?.["sampling"] !== undefined && sampled("sampling", "Anything", 10)(sdk)),
          ...(can?.["elicitation"] !== undefined &&
            named("elicitation", "Anything?", "anything")(sdk)),
        }),
        () => said("Only what the client can was asked for"),
      )(args, context, sdk, mint);
    },
  },
  json_schema_2020_12_tool: {
    input: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    run: () => said("ok"),
  },
};

/** The prompt that asks first. */
export const askingPrompt: FixtureTool["run"] = asking(
  named("user_context", "What context should the prompt use?", "context"),
  () => ({ messages: [{ role: "user", content: { type: "text", text: "With context" } }] }),
);
