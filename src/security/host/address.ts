/**
 * Addresses and states of the kernel's tables of sockets, in the words of people.
 *
 * @module
 */

import type { ConnectionState } from "./types.ts";

const TCP_STATES: readonly ConnectionState[] = [
  "unknown",
  "established",
  "syn-sent",
  "syn-received",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "closed",
  "close-wait",
  "last-ack",
  "listen",
  "closing",
  "syn-received",
];

/** The state of a TCP socket, by the kernel's number. */
export function tcpState(state: number): ConnectionState {
  return TCP_STATES[state] ?? "unknown";
}

/** The state of a socket without connections, such as UDP's. */
export function plainState(state: number): ConnectionState {
  return state === 1 ? "established" : state === 7 ? "unconnected" : "unknown";
}

/** An address as the tables have it: words of 32 bits in the processor's order, which is little-endian on all that Deno runs on. */
export function addressOf(text: string): string {
  return text.length === 8 ? dotted(text, 0) : groups(text);
}

function dotted(text: string, at: number): string {
  const byte = (place: number): number =>
    Number.parseInt(text.slice(at + place, at + place + 2), 16);
  return `${byte(6)}.${byte(4)}.${byte(2)}.${byte(0)}`;
}

/** The canonical spelling of RFC 5952: the longest run of zero groups is `::`, a mapped IPv4 address is dotted. */
function groups(text: string): string {
  if (text.startsWith("0000000000000000FFFF0000")) return `::ffff:${dotted(text, 24)}`;
  const numbers: number[] = [];
  for (let word = 0; word < 32; word += 8) {
    for (const at of [6, 2]) {
      const [high, low] = [
        text.slice(word + at, word + at + 2),
        text.slice(word + at - 2, word + at),
      ];
      numbers.push(Number.parseInt(high + low, 16));
    }
  }
  let [best, length] = [-1, 1];
  for (let begin = 0; begin < 8; begin++) {
    let end = begin;
    while (end < 8 && numbers[end] === 0) end++;
    if (end - begin > length) [best, length] = [begin, end - begin];
    if (end > begin) begin = end;
  }
  const written = (some: readonly number[]): string => some.map((n) => n.toString(16)).join(":");
  if (best < 0) return written(numbers);
  return `${written(numbers.slice(0, best))}::${written(numbers.slice(best + length))}`;
}
