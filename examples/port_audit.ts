/**
 * Compares the open ports of this machine with those that should be open; ends with code 1 if another one is.
 *
 * deno run --allow-net=127.0.0.1 examples/port_audit.ts 1-1024 22 80 443
 */

import { scanPorts } from "@agent/runtime/security";

const [ports = "common", ...expected] = Deno.args;
const { ports: open, counts, durationMs } = await scanPorts("127.0.0.1", {
  ports,
  services: true,
});
const wanted = new Set(expected.map(Number));
for (const { port, service, product, version } of open) {
  const what = [service, product, version].filter((word) => word).join(" ");
  console.log(`${wanted.has(port) ? "expected  " : "UNEXPECTED"} ${port} ${what}`);
}
for (const port of wanted) {
  if (!open.some((found) => found.port === port)) console.log(`missing    ${port}`);
}
console.log(`${counts.open} open, ${counts.closed} closed in ${Math.round(durationMs)} ms`);
Deno.exitCode = open.some(({ port }) => !wanted.has(port)) ? 1 : 0;
