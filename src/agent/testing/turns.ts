/**
 * Reads turns of a script.
 *
 * @module
 */

import { checkNumber, checkString, wrongType, wrongValue } from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ScriptedCall, ScriptedError, ScriptedReply, ScriptedTurn } from "./types.ts";

const REPLY: readonly (keyof ScriptedReply)[] = [
  ...["text", "toolCalls", "usage", "finishReason", "delayMs", "pieceCharacters", "error"] as const,
];
const CALL: readonly (keyof ScriptedCall)[] = ["name", "input", "arguments", "id"];
const ERROR: readonly (keyof ScriptedError)[] = ["message", "times", "afterCharacters"];
const REASONS = ["stop", "length", "tool-calls", "filter", "other"];

/**
 * Checks a turn.
 *
 * @throws {TypeError | RangeError} If it is none; the message names the field.
 */
export function readTurn(turn: ScriptedTurn, name: string): ScriptedTurn {
  if (typeof turn === "string" || typeof turn === "function") return turn;
  const reply = knownFields(turn, name, REPLY) as ScriptedReply;
  const { text, toolCalls, usage, finishReason, delayMs, pieceCharacters, error } = reply;
  if (text !== undefined) checkString(text, `${name}.text`);
  if (finishReason !== undefined && !REASONS.includes(finishReason)) {
    throw wrongValue(`${name}.finishReason`, REASONS.join(", "), finishReason);
  }
  if (delayMs !== undefined) checkFrom(delayMs, 0, `${name}.delayMs`);
  if (pieceCharacters !== undefined) checkFrom(pieceCharacters, 1, `${name}.pieceCharacters`);
  if (usage !== undefined) {
    checkFrom(usage?.inputTokens, 0, `${name}.usage.inputTokens`);
    checkFrom(usage?.outputTokens, 0, `${name}.usage.outputTokens`);
  }
  if (toolCalls !== undefined) {
    if (!Array.isArray(toolCalls)) throw wrongType(`${name}.toolCalls`, "a list", toolCalls);
    for (const [at, call] of toolCalls.entries()) checkCall(call, `${name}.toolCalls[${at}]`);
  }
  checkError(error, `${name}.error`);
  return reply;
}

function checkCall(given: ScriptedCall, name: string): void {
  const call = knownFields(given, name, CALL) as unknown as ScriptedCall;
  checkString(call.name, `${name}.name`);
  if (call.id !== undefined) checkString(call.id, `${name}.id`);
  if (call.arguments === undefined) return;
  checkString(call.arguments, `${name}.arguments`);
  if (call.input !== undefined) {
    throw new TypeError(`${name} has input and arguments; one of both says what is given`);
  }
}

function checkError(error: ScriptedReply["error"], name: string): void {
  if (error === undefined || error instanceof Error || typeof error === "string") return;
  const { message, times, afterCharacters } = knownFields(error, name, ERROR);
  checkString(message, `${name}.message`);
  if (times !== undefined) checkFrom(times, 0, `${name}.times`);
  if (afterCharacters !== undefined) checkFrom(afterCharacters, 0, `${name}.afterCharacters`);
}

function checkFrom(value: unknown, least: number, name: string): void {
  checkNumber(value, name);
  if (!(value as number >= least)) throw wrongValue(name, `a number from ${least} on`, value);
}
