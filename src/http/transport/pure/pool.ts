/**
 * Connections that wait for another exchange. The newest is taken first; what waits too long, ends or says something
 * unasked is closed. A waiting connection does not keep the program alive.
 *
 * @module
 */

import type { Wire } from "./wire.ts";

/** Over all origins, so that a visit of many hosts does not use up the process's files. */
const MOST_IDLE = 256;

/** Bounds of a pool. */
export interface PoolOptions {
  readonly idlePerHost: number;
  readonly idleTimeoutMs: number;
}

/** The idle connections of a transport. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #idle = new Map<string, Wire[]>();
  #count = 0;
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #letGo: ReturnType<typeof setTimeout> | undefined;

  /** Makes an empty one. */
  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** A connection for an origin, if one waits. */
  take(key: string): Wire | undefined {
    const wires = this.#idle.get(key);
    const wire = wires?.pop();
    if (wire === undefined) return undefined;
    if (wires!.length === 0) this.#idle.delete(key);
    this.#count--;
    wire.onIdleEvent = undefined;
    wire.hold(true);
    return wire;
  }

  /** Keeps a connection whose exchange is over. */
  give(wire: Wire): void {
    let wires = this.#idle.get(wire.key);
    if (wires === undefined) this.#idle.set(wire.key, wires = []);
    if (wires.length >= this.#options.idlePerHost || this.#count >= MOST_IDLE) {
      if (wires.length === 0) this.#idle.delete(wire.key);
      return wire.close();
    }
    wires.push(wire);
    this.#count++;
    wire.idleSince = performance.now();
    wire.onIdleEvent = () => this.#drop(wire);
    wire.listen();
    // Only when a moment has passed: most connections are taken again at once.
    this.#letGo ??= setTimeout(() => this.#release(), 0);
    if (this.#sweep === undefined) {
      this.#sweep = setTimeout(() => this.#swept(), this.#options.idleTimeoutMs / 2);
      Deno.unrefTimer(this.#sweep);
    }
  }

  /** Closes all of them. */
  close(): void {
    clearTimeout(this.#sweep);
    clearTimeout(this.#letGo);
    this.#sweep = this.#letGo = undefined;
    for (const wires of this.#idle.values()) {
      for (const wire of wires) {
        wire.onIdleEvent = undefined;
        wire.close();
      }
    }
    this.#idle.clear();
    this.#count = 0;
  }

  #drop(wire: Wire): void {
    wire.onIdleEvent = undefined;
    wire.close();
    const wires = this.#idle.get(wire.key);
    const at = wires?.indexOf(wire) ?? -1;
    if (at < 0) return;
    wires!.splice(at, 1);
    if (wires!.length === 0) this.#idle.delete(wire.key);
    this.#count--;
  }

  #release(): void {
    this.#letGo = undefined;
    for (const wires of this.#idle.values()) for (const wire of wires) wire.hold(false);
  }

  #swept(): void {
    this.#sweep = undefined;
    const oldest = performance.now() - this.#options.idleTimeoutMs;
    for (const wires of [...this.#idle.values()]) {
      for (const wire of wires.filter(({ idleSince }) => idleSince <= oldest)) this.#drop(wire);
    }
    if (this.#count === 0) return;
    this.#sweep = setTimeout(() => this.#swept(), this.#options.idleTimeoutMs / 2);
    Deno.unrefTimer(this.#sweep);
  }
}
