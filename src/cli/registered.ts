/**
 * Commands of the command line that are made from the registry: options from the fields of the input, help from what the
 * command says of itself.
 *
 * @module
 */

import { callCommand, type CommandRuntime, type RegisteredCommand } from "../commands/mod.ts";
import { commandNamed } from "../commands/mod.ts";
import type { JsonValue } from "../shared/json.ts";
import type { Call, Command, OptionSpec } from "./command.ts";
import { pairs } from "./containers_text.ts";
import { UsageError } from "./options.ts";

/** What the registry does not know of a command line. */
export interface Form {
  /** Options that say what the runtime is made of. */
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Whole command lines that work. */
  readonly examples: readonly string[];
  /** Makes what the command works with. */
  open(call: Call, signal: AbortSignal): Promise<{ runtime: CommandRuntime } & AsyncDisposable>;
  /** Prints a result for a person. */
  show(result: Record<string, JsonValue>, call: Call): void;
}

type Field = { readonly [key: string]: JsonValue };

/** The command of the registry's name. */
export function registered(name: string, form: Form): Command {
  const command = commandNamed(name)!;
  const { cli, summary, details } = command;
  const { arguments: places = [] } = cli!;
  const required = command.input["required"] as readonly string[];
  const options = optionsOf(command);
  return {
    name: cli!.name,
    summary,
    ...(details !== undefined && { details }),
    usage: [...places.map((field) => field.toUpperCase()), "[OPTIONS]"].join(" "),
    options: { ...options, ...form.options },
    positionals: [places.filter((field) => required.includes(field)).length, places.length],
    ...(places[0] !== undefined && { expects: `The ${places[0]}` }),
    examples: form.examples,
    async run(call: Call): Promise<number> {
      const input = inputOf(command, call);
      const signal = call.interruptible();
      await using opened = await form.open(call, signal);
      const { runtime } = opened;
      const result = await called(command, input, { runtime, signal, surface: "cli" });
      if (call.output.json) call.output.document(result);
      else form.show(result as Record<string, JsonValue>, call);
      return 0;
    },
  };
}

/** The option of a field. */
export function flagOf({ cli }: RegisteredCommand, field: string): string {
  return cli?.flags?.[field] ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function fieldsOf(command: RegisteredCommand): [string, Field][] {
  const places = command.cli?.arguments ?? [];
  return Object.entries(command.input["properties"] as Record<string, Field>)
    .filter(([field]) => !places.includes(field));
}

function optionsOf(command: RegisteredCommand): Record<string, OptionSpec> {
  return Object.fromEntries(
    fieldsOf(command).map(([field, schema]) => {
      const help = String(schema["description"]);
      const { type } = schema;
      if (type === "boolean") return [flagOf(command, field), { help }];
      const value = type === "object"
        ? "NAME=VALUE"
        : type === "string"
        ? "WORDS"
        : type === "array"
        ? "WORD"
        : "N";
      const many = type === "object" || type === "array";
      return [flagOf(command, field), { value, help, ...(many && { many }) }];
    }),
  );
}

function inputOf(command: RegisteredCommand, { options, positionals }: Call): Field {
  const input: Record<string, JsonValue> = {};
  for (const [at, field] of (command.cli?.arguments ?? []).entries()) {
    if (positionals[at] !== undefined) input[field] = positionals[at];
  }
  for (const [field, schema] of fieldsOf(command)) {
    const flag = flagOf(command, field);
    const value = valueOf(flag, schema, options);
    if (value !== undefined) input[field] = value;
  }
  return input;
}

function valueOf(flag: string, schema: Field, options: Call["options"]): JsonValue | undefined {
  switch (schema["type"]) {
    case "boolean":
      return options.on(flag) ? true : undefined;
    case "array": {
      const list = options.list(flag);
      return list.length === 0 ? undefined : list;
    }
    case "object": {
      const given = pairs(options.list(flag), `--${flag}`);
      return Object.keys(given).length === 0 ? undefined : given;
    }
    case "string":
      return options.text(flag);
    default: {
      const kind = schema["type"] === "integer" ? "whole" : "any";
      return options.number(flag, Number(schema["minimum"]), Number(schema["maximum"]), kind);
    }
  }
}

/** A mistake in the input is one of the command line. */
async function called(...call: Parameters<typeof callCommand>): Promise<JsonValue> {
  try {
    return await callCommand(...call);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}
