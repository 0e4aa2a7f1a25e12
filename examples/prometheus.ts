/**
 * The machine's figures and the program's own, at an address that Prometheus reads.
 *
 * deno run --allow-read --allow-sys --allow-net=127.0.0.1:9100 examples/prometheus.ts 9100
 */

import { createMonitor } from "@agent/runtime/monitor";

const port = Number(Deno.args[0] ?? 9100);
const monitor = createMonitor();

Deno.serve({ hostname: "127.0.0.1", port }, async (request) => {
  if (new URL(request.url).pathname !== "/metrics") {
    return new Response("/metrics", { status: 404 });
  }
  const started = performance.now();
  const text = await monitor.prometheus();
  // What the program does itself is recorded the same way.
  monitor.record("scrape", performance.now() - started, true);
  return new Response(text, {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
});
