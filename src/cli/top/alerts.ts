/**
 * Alerts that stand: what fires, and what cannot be read, which is no less to look at.
 *
 * @module
 */

import type { Alert } from "../../monitor/mod.ts";

/** Those that stand now, in the order in which they began. */
export class StandingAlerts {
  /** A threshold on each of several has an alert of the same name for each. */
  readonly #standing = new Map<string, Alert>();

  /** Takes in a change. */
  take(alert: Alert): void {
    const key = JSON.stringify([alert.name, alert.metric]);
    if (alert.state === "resolved") this.#standing.delete(key);
    else this.#standing.set(key, alert);
  }

  /** Those that stand. */
  list(): Alert[] {
    return [...this.#standing.values()];
  }
}
