/** The OpenTelemetry export: a program of its own, and a collector of ours that speaks OTLP over HTTP. */

import assert from "assertions";
import { METRICS, OPERATION_DURATION, SCHEMA_URL } from "../../src/monitor/otel/metrics.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { bareEnvironment, DENO, deno, finish, temporary } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";
import { scripted } from "./scripted.ts";

/** Waits until something was exported; a program of its own takes long to start on a busy machine. */
async function exported(isThere: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isThere()) {
    assert.ok(performance.now() < end, "nothing was exported");
    await delay(20);
  }
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: string };
}
interface Point {
  attributes: Attribute[];
  asInt?: number | string;
  asDouble?: number;
  count?: string;
  sum?: number;
}
interface Exported {
  name: string;
  unit: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean; aggregationTemporality: number };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
}
interface Export {
  resourceMetrics: {
    scopeMetrics: { scope: { name: string }; metrics: Exported[]; schemaUrl: string }[];
  }[];
}

/** A collector on this machine. */
class Collector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #exports: Export[] = [];

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const body = await request.json();
        if (new URL(request.url).pathname === "/v1/metrics") this.#exports.push(body);
        return Response.json({});
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What came of our own metrics: of each the latest. */
  latest(): Map<string, Exported> {
    const latest = new Map<string, Exported>();
    for (const { resourceMetrics } of this.#exports) {
      for (const { scopeMetrics } of resourceMetrics) {
        for (const { scope, metrics, schemaUrl } of scopeMetrics) {
          if (scope.name !== "@agent/runtime") continue;
          assert.equal(schemaUrl, SCHEMA_URL);
          for (const metric of metrics) latest.set(metric.name, metric);
        }
      }
    }
    return latest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const MODULE = new URL("../../src/monitor/mod.ts", import.meta.url).href;

/** Runs a program that exports, while `watch` looks at what comes of it. */
async function exporting(
  body: string,
  collector: Collector,
  watch: () => Promise<void>,
): Promise<void> {
  await temporary(async (folder) => {
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(
      program,
      `import { createMonitor } from ${JSON.stringify(MODULE)};\n${body}
       // Until the test has seen enough.
       for await (const _ of Deno.stdin.readable);`,
    );
    const child = new Deno.Command(DENO, {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "--allow-read",
        "--allow-sys",
        "--allow-ffi",
        "--allow-env",
        `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
        program,
      ],
      clearEnv: true,
      env: {
        ...bareEnvironment(),
        OTEL_DENO: "true",
        OTEL_METRIC_EXPORT_INTERVAL: "200",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_DENO_CONSOLE: "ignore",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    try {
      await watch();
    } finally {
      await child.stdin.close();
      const { code, stderr } = await finish(child);
      assert.equal(`${code}: ${stderr}`, "0: ");
    }
  });
}

function points({ sum, gauge, histogram }: Exported): Point[] {
  return (sum ?? gauge ?? histogram)!.dataPoints;
}

function attributesOf({ attributes }: Point): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? String(value.intValue)]),
  );
}

for (const twin of twins("monitor").each) {
  testOf(
    "openTelemetry()",
    twin,
    "a collector gets the figures, by the conventions' names",
    async () => {
      await using collector = new Collector();
      const body = `
      const monitor = createMonitor({ implementation: "${twin.name}" });
      await monitor.openTelemetry();
      monitor.record("pay", 30, true);
      monitor.record("pay", 300, false);`;
      await exporting(body, collector, () =>
        exported(() => {
          const latest = collector.latest();
          return latest.has("system.memory.limit") && latest.has(OPERATION_DURATION.name);
        }));
      const latest = collector.latest();
      const known = new Map(METRICS.map((metric) => [metric.name, metric]));
      for (const [name, metric] of latest) {
        if (name === OPERATION_DURATION.name) continue;
        const { kind, unit } = known.get(name)!;
        assert.equal(metric.unit, unit, name);
        assert.equal(metric.gauge !== undefined, kind === "gauge", name);
        if (kind !== "gauge") assert.equal(metric.sum?.isMonotonic, kind === "counter", name);
      }
      const [limit] = points(latest.get("system.memory.limit")!);
      assert.equal(Number(limit?.asInt ?? limit?.asDouble), Deno.systemMemoryInfo().total);
      const [own] = points(latest.get("process.memory.usage")!);
      assert.ok(Number(own?.asInt ?? own?.asDouble) > 1_000_000);
      const durations = points(latest.get(OPERATION_DURATION.name)!);
      assert.deepEqual(
        durations.map((point) => [attributesOf(point), point.count, point.sum]).sort(),
        [
          [{ "agent.operation.name": "pay", "agent.operation.outcome": "failure" }, "1", 0.3],
          [{ "agent.operation.name": "pay", "agent.operation.outcome": "success" }, "1", 0.03],
        ].sort(),
      );
      if (twin.name === "native") {
        const modes = points(latest.get("system.cpu.time")!).map(attributesOf);
        assert.ok(
          modes.some((mode) => mode["cpu.mode"] === "iowait" && "cpu.logical_number" in mode),
        );
      }
    },
  );
}

Deno.test("openTelemetry(): it ends with what it gave, and is one for all who ask", async () => {
  await using collector = new Collector();
  const body = `
    const monitor = createMonitor({ implementation: "pure", include: ["load"] });
    const [one, other] = await Promise.all([monitor.openTelemetry(), monitor.openTelemetry()]);
    if (one !== other) throw new Error("two exports");
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    monitor.record("after", 1, true);
    const second = createMonitor({ implementation: "pure", include: [] });
    await second.openTelemetry();
    await second.close();
    const third = createMonitor({ implementation: "pure", include: [] });
    await third.openTelemetry();
    third.record("third", 1, true);`;
  await exporting(
    body,
    collector,
    () => exported(() => collector.latest().has(OPERATION_DURATION.name)),
  );
  const names = points(collector.latest().get(OPERATION_DURATION.name)!).map((point) =>
    attributesOf(point)["agent.operation.name"]
  );
  assert.deepEqual(names, ["third"]);
  assert.equal(collector.latest().has("agent.system.load"), false);
});

Deno.test("openTelemetry(): where nothing takes metrics the error says what to do", async () => {
  const { monitor } = scripted();
  for (let i = 0; i < 2; i++) {
    await assert.rejects(monitor.openTelemetry(), (error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"));
      assert.match(error.message, /start it with OTEL_DENO=true/);
      return true;
    });
  }
  await monitor.close();
});

Deno.test("openTelemetry(): a machine without the package says which, and what to do", async () => {
  await temporary(async (folder) => {
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(
      program,
      `import { createMonitor } from ${JSON.stringify(MODULE)};
       const monitor = createMonitor({ implementation: "pure" });
       const error = await monitor.openTelemetry().catch((error) => error);
       console.log(error.code, error.message);`,
    );
    const flags = [
      "--no-prompt",
      "--quiet",
      "--no-check",
      "--cached-only",
      "--no-lock",
      "--no-config",
    ];
    const { stdout, stderr } = await deno(["run", ...flags, program], {
      DENO_DIR: `${folder}/downloads`,
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      OTEL_DENO_CONSOLE: "ignore",
    });
    assert.match(
      stdout,
      /^UNAVAILABLE The export of metrics needs the package @opentelemetry\/api/,
    );
    assert.equal(stderr.includes("Uncaught"), false);
  });
});

Deno.test("openTelemetry(): the table has each name once, and only names that the conventions allow", () => {
  const names = METRICS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, unit, description } of METRICS) {
    assert.match(name, /^(system|process|hw|agent)(\.[a-z][a-z0-9_]*)+$/);
    assert.ok(unit !== "" && description.endsWith("."), name);
  }
});
