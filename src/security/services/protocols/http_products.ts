/** Which product an HTTP response comes from, and what is spoken over HTTP there. @module */

import { found } from "../bytes.ts";

/** What a response tells. */
export interface HttpProduct {
  readonly service: string;
  readonly product: string | null;
  readonly productVersion: string | null;
  readonly extra: string | null;
}

type Rule = readonly [
  service: string,
  product: string,
  where: "head" | "body",
  pattern: RegExp,
  version?: RegExp,
];

/** Services over HTTP that say so themselves. The version is looked for in head and body. */
const RULES: readonly Rule[] = [
  ["docker", "Docker Engine", "head", /\r\nserver: docker\//i, /\r\nserver: docker\/([\w.+~-]+)/i],
  ["docker", "Podman", "head", /\r\nlibpod-api-version:/i, /\r\nlibpod-api-version: ([\w.+~-]+)/i],
  [
    "elasticsearch",
    "OpenSearch",
    "body",
    /"distribution" ?: ?"opensearch"/,
    /"number" ?: ?"([\w.+-]+)"/,
  ],
  [
    "elasticsearch",
    "Elasticsearch",
    "body",
    /"tagline" ?: ?"You Know, for Search"/,
    /"number" ?: ?"([\w.+-]+)"/,
  ],
  ["elasticsearch", "Elasticsearch", "head", /\r\nx-elastic-product: /i],
  ["couchdb", "Apache CouchDB", "body", /"couchdb" ?: ?"Welcome"/, /"version" ?: ?"([\w.+-]+)"/],
  [
    "influxdb",
    "InfluxDB",
    "head",
    /\r\nx-influxdb-version:/i,
    /\r\nx-influxdb-version: v?([\w.+-]+)/i,
  ],
  [
    "clickhouse",
    "ClickHouse",
    "head",
    /\r\nx-clickhouse-/i,
    /\r\nx-clickhouse-server-version: ([\w.+-]+)/i,
  ],
  ["ipp", "CUPS", "head", /\r\nserver: cups\//i, /\r\nserver: cups\/([\w.+-]+)/i],
  ["vault", "HashiCorp Vault", "head", /\r\nx-vault-/i],
];

/** Finds the product in a response's head (without the blank line) and the beginning of its body. */
export function productOf(head: string, body: string): HttpProduct {
  for (const [service, product, where, pattern, version] of RULES) {
    if (!pattern.test(where === "head" ? head : body)) continue;
    const productVersion = version === undefined
      ? null
      : found(head, version) ?? found(body, version);
    return { service, product, productVersion, extra: null };
  }
  const server = found(head, /\r\nserver: *([^\r\n]{1,200})/i);
  if (server === null) {
    const powered = found(head, /\r\nx-powered-by: *([^\r\n/]{1,100})/i);
    return { service: "http", product: powered, productVersion: null, extra: null };
  }
  const match = /^([^/(]{1,100}?)(?:[/ ]v?([0-9][\w.+~-]*))?(?: \(([^)]{1,80})\))?(?: |$)/.exec(
    server,
  );
  return {
    service: "http",
    product: match?.[1] ?? server,
    productVersion: match?.[2] ?? null,
    extra: match?.[3] ?? null,
  };
}
