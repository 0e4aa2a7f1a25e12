/**
 * Which of Debian's servers, each on a port that is not its own, is told right: by `detectService` and by `nmap -sV`. Prints
 * JSON, for the servers named as arguments or all: how many there are here, and for each way the right products and the
 * right versions of those that tell one. nmap's words for a product are its own: one is right if ours is in it, or it in
 * ours.
 */

import { detectService } from "@agent/runtime/security";
import {
  REAL_SERVERS,
  type RealServer,
  serverMissing,
  versionOf,
  withServer,
} from "../../../tests/security/services/servers.ts";

interface Told {
  product: string;
  version: string;
}

interface Score {
  products: number;
  versions: number;
}

const DECODER = new TextDecoder();

async function byNmap(port: number, transport: "tcp" | "udp"): Promise<Told> {
  const kind = transport === "udp" ? "-sU" : "-sT";
  const args = [kind, "-sV", "-n", "-Pn", "-p", String(port), "-oX", "-", "127.0.0.1"];
  const { stdout } = await new Deno.Command("nmap", { args, stderr: "null" }).output();
  const service = /<service [^>]*>/.exec(DECODER.decode(stdout))?.[0] ?? "";
  const word = (name: string): string =>
    new RegExp(` ${name}="([^"]*)"`).exec(service)?.[1]?.toLowerCase() ?? "";
  return { product: word("product"), version: word("version") };
}

async function byUs(port: number, transport: "tcp" | "udp"): Promise<Told> {
  const { product, version } = await detectService("127.0.0.1", port, { transport });
  return { product: product?.toLowerCase() ?? "", version: version?.toLowerCase() ?? "" };
}

function isRight(told: string, right: string): boolean {
  return told !== "" && (told.includes(right) || right.includes(told));
}

/** nmap takes most of a minute for some servers, and waits. */
const AT_ONCE = 4;
const scores: Record<"own" | "nmap", Score> = {
  own: { products: 0, versions: 0 },
  nmap: { products: 0, versions: 0 },
};
let products = 0;
let versions = 0;
const wrong: string[] = [];

async function judge(server: RealServer, product: string): Promise<void> {
  const { name, transport } = server;
  const version = (await versionOf(server))?.toLowerCase() ?? null;
  await withServer(server, async (port) => {
    products++;
    versions += version === null ? 0 : 1;
    for (const [way, ask] of [["own", byUs], ["nmap", byNmap]] as const) {
      const told = await ask(port, transport);
      const isProduct = isRight(told.product, product.toLowerCase());
      const isVersion = version !== null && isRight(told.version, version);
      scores[way].products += isProduct ? 1 : 0;
      scores[way].versions += isVersion ? 1 : 0;
      if (isProduct && (isVersion || version === null)) continue;
      wrong.push(`${way}: ${name}: ${told.product} ${told.version}`);
    }
  });
}

const asked = REAL_SERVERS.filter((server) =>
  serverMissing(server) === undefined && (Deno.args.length === 0 || Deno.args.includes(server.name))
);
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let server; (server = asked.shift()) !== undefined;) {
    if (server.product !== null) await judge(server, server.product);
  }
}));
Deno.stdout.writeSync(
  new TextEncoder().encode(`${JSON.stringify({ products, versions, ...scores, wrong })}\n`),
);
Deno.exit(0);
