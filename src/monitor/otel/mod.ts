/**
 * A monitor's figures as OpenTelemetry metrics of the program: instruments of `@opentelemetry/api` alone, without an SDK.
 * Deno itself exports them where it was started with `OTEL_DENO=true`; so does whatever else the program registered.
 *
 * @module
 */

import type * as api from "npm:@opentelemetry/api@1.10.0";
import config from "../../../deno.json" with { type: "json" };
import { AgentError } from "../../shared/errors.ts";
import { loadPackage } from "../../shared/packages.ts";
import type { Look } from "../look.ts";
import { BUCKETS_MS, type RecordListener } from "../operations.ts";
import { METRICS, OPERATION_DURATION, SCHEMA_URL } from "./metrics.ts";

/** What is exported. */
export interface Telemetry {
  /** Reads now. */
  readonly look: () => Promise<Look>;
  /** Tells the listener of each operation from now on; undefined ends that. */
  readonly onRecord: (listener: RecordListener | undefined) => void;
}

/** Items of one metric that are exported; processes are not among them. */
const MOST_POINTS = 1_000;

/** Where the API keeps what takes metrics, in all of its versions 1. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/**
 * Makes the instruments and keeps them until it is disposed.
 *
 * @throws {AgentError} `UNSUPPORTED` if nothing takes metrics; `UNAVAILABLE` if the package cannot be had.
 */
export async function openTelemetry(telemetry: Telemetry): Promise<Disposable> {
  const registered = (globalThis as { [REGISTERED]?: { metrics?: unknown } })[REGISTERED];
  // Before the package is loaded: whoever exports nothing need not have it.
  if (registered?.metrics === undefined) throw nothingTakes();
  const { createNoopMeter, diag, metrics } = await loadPackage<typeof api>(
    "@opentelemetry/api",
    "The export of metrics",
  );
  const meter = metrics.getMeter(config.name, config.version, { schemaUrl: SCHEMA_URL });
  if (meter === createNoopMeter()) throw nothingTakes();
  const instruments = METRICS.map((metric) => ({
    ...metric,
    instrument: observable(meter, metric),
  }));
  const observe = async (result: api.BatchObservableResult): Promise<void> => {
    try {
      const look = await telemetry.look();
      for (const { points, instrument } of instruments) {
        for (const [value, attributes] of points(look).slice(0, MOST_POINTS)) {
          if (typeof value === "number") result.observe(instrument, value, attributes);
        }
      }
    } catch (error) {
      // Nobody waits for this; it is where the API's own failures go.
      diag.error("The figures of the monitor cannot be read", error);
    }
  };
  const observed = instruments.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, observed);
  telemetry.onRecord(recorder(meter));
  return {
    [Symbol.dispose]: () => {
      meter.removeBatchObservableCallback(observe, observed);
      telemetry.onRecord(undefined);
    },
  };
}

function observable(
  meter: api.Meter,
  { name, kind, unit, description }: (typeof METRICS)[number],
): api.Observable {
  const options = { unit, description };
  if (kind === "counter") return meter.createObservableCounter(name, options);
  if (kind === "updown") return meter.createObservableUpDownCounter(name, options);
  return meter.createObservableGauge(name, options);
}

/** Tells the histogram of each operation. */
function recorder(meter: api.Meter): RecordListener {
  const { name, ...options } = OPERATION_DURATION;
  const explicitBucketBoundaries = BUCKETS_MS.map((bound) => bound / 1_000);
  const histogram = meter.createHistogram(name, {
    ...options,
    advice: { explicitBucketBoundaries },
  });
  return (operation, durationMs, ok) =>
    histogram.record(durationMs / 1_000, {
      "agent.operation.name": operation,
      "agent.operation.outcome": ok ? "success" : "failure",
    });
}

function nothingTakes(): AgentError {
  return new AgentError(
    "UNSUPPORTED",
    "Nothing in this program takes OpenTelemetry metrics; start it with OTEL_DENO=true in its environment, and " +
      "OTEL_EXPORTER_OTLP_ENDPOINT where the collector is not on this machine",
    { what: "OpenTelemetry metrics" },
  );
}
