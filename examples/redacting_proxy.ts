/**
 * A proxy before a model's API: secrets and personal data never leave the machine. Placeholders take their places, and
 * the answer has the real words again.
 *
 * deno run --allow-net examples/redacting_proxy.ts https://api.openai.com 8787
 *
 * Then point a client at http://127.0.0.1:8787/v1 in place of the API.
 */

import { redact, RedactionVault } from "@agent/runtime/text";

const [upstream = "https://api.openai.com", port = "8787"] = Deno.args;

Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, async (request) => {
  const { pathname, search } = new URL(request.url);
  // A vault for each request: what one caller said is put back into no other's answer.
  const vault = new RedactionVault();
  const sent = request.body === null ? null : redact(await request.text(), { replace: vault });
  const headers = new Headers(request.headers);
  for (const name of ["host", "content-length", "accept-encoding"]) headers.delete(name);
  const answer = await fetch(new URL(pathname + search, upstream), {
    method: request.method,
    headers,
    body: sent?.text ?? null,
    redirect: "manual",
  });
  if (sent !== null) console.log(`${pathname}: ${sent.matches.length} taken out`);
  const type = answer.headers.get("content-type") ?? "application/json";
  return new Response(vault.restore(await answer.text()), {
    status: answer.status,
    headers: { "content-type": type },
  });
});
