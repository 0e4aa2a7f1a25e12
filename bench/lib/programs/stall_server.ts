/**
 * A server that stalls: for one second of every ten it answers nothing, then everything at once. Says its port, and ends
 * with its standard input.
 */

const EVERY_MS = 10_000;
const STALL_MS = 1_000;

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => void Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, async () => {
  const phase = performance.now() % EVERY_MS;
  if (phase < STALL_MS) await new Promise((resolve) => setTimeout(resolve, STALL_MS - phase));
  return new Response("hello");
});
for await (const _ of Deno.stdin.readable);
await server.shutdown();
