/**
 * Keeps the locks of jobs whose handler does not let the event loop run: BullMQ renews them on that loop alone. One
 * Worker an isolate does it for all its workers, over connections of its own.
 *
 * It takes a permission to read the modules of this folder, which Deno wants for every Worker. Without it nobody is
 * asked, and locks are renewed on the event loop alone.
 *
 * @module
 */

import { nodeUrl } from "../../shared/builtin.ts";
import { packageFolderUrl } from "../../shared/place.ts";
import type { Address, Credentials } from "../../cache/distributed/address.ts";
import { HeldJobs, PLACES } from "./held.ts";

/** What the Worker is told. */
export type ToKeeper =
  | {
    readonly do: "keep";
    readonly number: number;
    readonly address: Omit<Address, "credentials">;
    readonly credentials: Credentials | undefined;
    /** What the keys of the queue begin with. */
    readonly prefix: string;
    readonly leaseMs: number;
  }
  | { readonly do: "more"; readonly number: number; readonly memory: SharedArrayBuffer }
  | { readonly do: "end"; readonly number: number };

/** What it answers: that it has connected, or could not do so at once. */
export interface FromKeeper {
  readonly number: number;
  readonly keeps: boolean;
}

/** Whose locks are to be kept. */
export interface KeeperSettings {
  readonly address: Address;
  readonly prefix: string;
  readonly leaseMs: number;
}

/** The Worker with those who use it. */
interface Shared {
  readonly worker: Worker;
  readonly users: Map<number, (keeps: boolean) => void>;
}

let shared: Shared | undefined;
let numbers = 0;

/** The locks of one worker's jobs. */
export class Keeper {
  readonly #shared: Shared;
  readonly #number = ++numbers;
  readonly #pieces: HeldJobs[] = [];
  readonly #free: number[] = [];
  #versions = 0;
  #ended = false;
  /** Resolves once it has connected; with false if it could not do so at once. */
  readonly ready: Promise<boolean>;

  private constructor(shared: Shared, { address, prefix, leaseMs }: KeeperSettings) {
    this.#shared = shared;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.ready = promise;
    shared.users.set(this.#number, resolve);
    const { credentials, ...others } = address;
    this.#tell({
      do: "keep",
      number: this.#number,
      address: others,
      credentials: credentials(),
      prefix,
      leaseMs,
    });
  }

  /** Begins to keep locks; undefined where no Worker may be made. */
  static begin(settings: KeeperSettings): Keeper | undefined {
    shared ??= start();
    return shared && new Keeper(shared, settings);
  }

  /** Keeps a job's lock; its place, -1 if it has none. */
  hold(id: string, lock: string): number {
    if (this.#free.length === 0) this.#grow();
    const place = this.#free.pop()!;
    const version = this.#versions = this.#versions % 1e9 + 1;
    const piece = this.#pieces[Math.floor(place / PLACES)]!;
    if (piece.put(place % PLACES, version, id, lock)) return place;
    this.#free.push(place);
    return -1;
  }

  /** Keeps it no more. */
  letGo(place: number): void {
    if (place < 0) return;
    this.#pieces[Math.floor(place / PLACES)]!.clear(place % PLACES);
    this.#free.push(place);
  }

  /** Keeps nothing any more. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { users, worker } = this.#shared;
    users.get(this.#number)?.(false);
    users.delete(this.#number);
    if (users.size > 0) return this.#tell({ do: "end", number: this.#number });
    worker.terminate();
    if (shared === this.#shared) shared = undefined;
  }

  #grow(): void {
    const piece = new HeldJobs();
    const first = this.#pieces.push(piece) * PLACES - PLACES;
    for (let place = first + PLACES - 1; place >= first; place--) this.#free.push(place);
    this.#tell({ do: "more", number: this.#number, memory: piece.memory });
  }

  #tell(message: ToKeeper): void {
    this.#shared.worker.postMessage(message);
  }
}

function start(): Shared | undefined {
  const folder = packageFolderUrl();
  // A bundle has no module for a Worker to begin with.
  if (folder === undefined) return undefined;
  const module = new URL("src/queue/redis/keeper_worker.ts", folder);
  if (module.protocol === "file:") {
    const path = nodeUrl().fileURLToPath(new URL("./", module));
    if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
  }
  const users: Shared["users"] = new Map();
  const worker = new Worker(module, { type: "module", name: "agent locks" });
  worker.onmessage = ({ data: { number, keeps } }: MessageEvent<FromKeeper>) =>
    users.get(number)?.(keeps);
  worker.onerror = (event) => {
    // Its modules may not be had: locks are renewed on the event loop alone.
    event.preventDefault();
    for (const told of users.values()) told(false);
  };
  return { worker, users };
}
