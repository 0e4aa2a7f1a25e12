/**
 * Whether what stands in a journal is an entry, so that a damaged one is told as such and not by what stumbles over it.
 *
 * @module
 */

import { checkedReply } from "./replies.ts";
import type { Entry } from "./state.ts";

/** Looks at an entry of each kind. */
const SHAPES: Readonly<Record<Entry["kind"], (entry: Record<string, unknown>) => boolean>> = {
  "input": ({ messages }) => Array.isArray(messages) && messages.every(isMessage),
  "turn-begun": () => true,
  "turn": ({ step, reply, provider }) =>
    typeof step === "number" && typeof provider === "string" && isReply(reply),
  "asked": ({ calls }) => Array.isArray(calls),
  "decided": ({ call, decision }) => typeof call === "string" && decision !== undefined,
  "call-begun": ({ call }) => typeof call === "string",
  "call": ({ call, outcome, result }) =>
    typeof call === "string" && typeof outcome === "string" && typeof result === "string",
  "finish": ({ finish }) => typeof (finish as { reason?: unknown } | null)?.reason === "string",
};

/** Whether a value is an entry. */
export function isEntry(value: unknown): value is Entry {
  if (value === null || typeof value !== "object") return false;
  const { kind } = value as { kind?: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(SHAPES, kind)) return false;
  return SHAPES[kind as Entry["kind"]](value as Record<string, unknown>);
}

function isMessage(value: unknown): boolean {
  const { role, content } = (value ?? {}) as { role?: unknown; content?: unknown };
  return typeof role === "string" && typeof content === "string";
}

function isReply(value: unknown): boolean {
  try {
    checkedReply(value, "");
    return true;
  } catch {
    return false;
  }
}
