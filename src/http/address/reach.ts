/**
 * Asks, before anything is sent, whether a host may be reached and where it is: Deno's permissions, then the name's
 * addresses, each of which is checked. A name is resolved once an exchange; in a batch once in a while for all.
 *
 * @module
 */

import { allowHost, allowName, mayReachAll } from "../../shared/access.ts";
import type { Resolver } from "../types.ts";
import type { ProxyChoice } from "../client/proxy.ts";
import type { Batch, KnownWay, Way } from "../transport/types.ts";
import { checkAddresses, checkUrl, hostOf, withoutZones } from "./check.ts";

/** What decides about ways. */
export interface ReachOptions {
  readonly allowPrivate: boolean;
  readonly resolver: Resolver | undefined;
  readonly proxy: ProxyChoice;
}

/** How long a batch uses what it found out about a host, milliseconds. */
const KNOWN_MS = 30_000;
/** Hosts that a batch knows at once. */
const MOST_KNOWN = 1_024;

/** Finds ways. */
export class Reach {
  readonly #options: ReachOptions;
  /** The origin that passed last. */
  #fine: string | undefined;

  /** Makes one with a client's settings. */
  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** Refuses an address as it is written; see `checkUrl`. */
  check(url: URL, origin: string = url.origin): void {
    // What is not said of an origin as a whole is user info alone, which an at sign ends.
    if (this.#fine === origin && !url.href.includes("@")) return;
    checkUrl(url, this.#options.allowPrivate);
    this.#fine = origin;
  }

  /** The way that a batch knows already, which needs no waiting. */
  known(url: URL, batch: Batch): Way | undefined {
    return this.knownOf(url.origin, batch, performance.now())?.found;
  }

  /** The same with the host, by origin. */
  knownOf(origin: string, batch: Batch, now: number): KnownWay | undefined {
    const known = batch.hosts.get(origin);
    return known !== undefined && known.until > now ? known : undefined;
  }

  /**
   * The way to an address.
   *
   * @throws {AgentError} `SCOPE`, `PERMISSION`, `NOT_FOUND` or `IO`; nothing was sent then.
   */
  find(url: URL, batch: Batch | undefined): Promise<Way> {
    if (batch === undefined) return this.#find(url);
    const key = url.origin;
    const now = performance.now();
    const known = batch.hosts.get(key);
    if (known !== undefined && known.until > now) return known.way;
    const way = this.#find(url);
    const entry: KnownWay = {
      way,
      found: undefined,
      until: now + KNOWN_MS,
      host: url.host,
    };
    if (batch.hosts.size >= MOST_KNOWN) batch.hosts.delete(batch.hosts.keys().next().value!);
    batch.hosts.set(key, entry);
    way.then((found) => entry.found = found, () => {
      // The next request asks anew: what failed may have been a moment's failure.
      if (batch.hosts.get(key) === entry) batch.hosts.delete(key);
    });
    return way;
  }

  async #find(url: URL): Promise<Way> {
    const { allowPrivate, resolver: resolve, proxy: choice } = this.#options;
    const named = choice(url);
    if (named === undefined) {
      const found = await allowHost(hostOf(url), portOf(url), { resolve });
      const addresses = withoutZones(url, found.addresses);
      checkAddresses(url, addresses, allowPrivate);
      return { addresses, proxy: undefined };
    }
    // Through a proxy nobody here knows the address; the permission is asked for all the same.
    if (!mayReachAll()) allowName(hostOf(url), portOf(url));
    checkUrl(named.url, true);
    const found = await allowHost(hostOf(named.url), portOf(named.url), { resolve });
    const addresses = withoutZones(named.url, found.addresses);
    checkAddresses(named.url, addresses, true);
    return {
      addresses: [],
      proxy: { url: named.url, addresses, authorization: named.authorization },
    };
  }
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
