/**
 * Makes commands of what a file says of them: the type of the input follows from its schema.
 *
 * @module
 */

import { inputOf } from "../agent/tools/input.ts";
import type { JsonSchema } from "../llm/types.ts";
import type { CommandContext, RegisteredCommand } from "./types.ts";

/** The fields of an input, each with its JSON Schema; names that end with "?" may be left out. */
export type Fields = Readonly<Record<string, JsonSchema>>;

/** The type of a value of a schema. */
export type ValueOf<S> = S extends { readonly enum: readonly (infer W)[] } ? W
  : S extends { readonly type: "string" } ? string
  : S extends { readonly type: "integer" | "number" } ? number
  : S extends { readonly type: "boolean" } ? boolean
  : S extends { readonly type: "array"; readonly items: infer I } ? readonly ValueOf<I>[]
  : S extends { readonly type: "object"; readonly additionalProperties: infer V }
    ? Readonly<Record<string, ValueOf<V>>>
  : unknown;

/** The type of an input with these fields. */
export type InputOf<F extends Fields> =
  & { readonly [K in keyof F as K extends `${string}?` ? never : K]: ValueOf<F[K]> }
  & { readonly [K in keyof F as K extends `${infer N}?` ? N : never]?: ValueOf<F[K]> };

/** The bare names of fields. */
export type NameOf<F extends Fields> = keyof F extends infer K
  ? K extends `${infer N}?` ? N : K extends string ? K : never
  : never;

type Told = "name" | "summary" | "details" | "annotations" | "permissions" | "surfaces" | "cli";

/** What is said of a command. */
export interface Definition<F extends Fields> extends Pick<RegisteredCommand, Told> {
  /** The fields of its input. */
  readonly fields: F;
  /** The fields of its result; names that end with "?" may be left out. Others may be there too. */
  readonly result: Fields;
  /** The kinds of its events. */
  readonly events?: readonly string[];
  /** Inputs that work. */
  readonly examples: readonly { readonly title: string; readonly input: InputOf<F> }[];
  /** What a remote caller may set. */
  readonly remote: readonly NameOf<F>[];
  /** What of it is a path. */
  readonly paths?: readonly NameOf<F>[];
  /** What of it is probed. */
  readonly targets?: readonly NameOf<F>[];
  /** Does it. */
  run(input: InputOf<F>, context: CommandContext): object | Promise<object>;
  /** Does it, and tells what happens. */
  stream?(input: InputOf<F>, context: CommandContext): AsyncIterable<{ readonly type: string }>;
}

/** Changes nothing, here or elsewhere. */
export const LOOKS = {
  ...{ readOnly: true, destructive: false, idempotent: true, openWorld: false },
} as const;

/** Makes a command. */
export function define<const F extends Fields>(definition: Definition<F>): RegisteredCommand {
  const { fields, result, events, run, stream, remote, paths = [], targets = [], ...told } =
    definition;
  // Whoever calls it has checked the input against the schema that its type is made of.
  const typed = (input: Readonly<Record<string, unknown>>) => input as InputOf<F>;
  return {
    ...told,
    ...{ remote, paths, targets },
    examples: told.examples as unknown as RegisteredCommand["examples"],
    input: inputOf(fields),
    output: { ...inputOf(result), additionalProperties: true },
    ...(events !== undefined && { events: eventsOf(events) }),
    run: async (input, context) => await run(typed(input), context),
    ...(stream !== undefined && { stream: (input, context) => stream(typed(input), context) }),
  };
}

function eventsOf(kinds: readonly string[]): JsonSchema {
  return {
    type: "object",
    properties: { type: { type: "string", enum: [...kinds, "done"] } },
    required: ["type"],
  };
}
