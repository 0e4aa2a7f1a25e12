/** HTTP (RFC 9110, 9112). What is spoken over it is told by `http_products.ts`. @module */

import { word } from "../banner.ts";
import { bytesOf, found, latin1 } from "../bytes.ts";
import { productOf } from "./http_products.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** Whether a response has come whole, as far as its head tells. */
export function isWholeResponse(bytes: Uint8Array): boolean {
  const text = latin1(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = found(text.slice(0, end), /\r\ncontent-length: *([0-9]{1,9})/i);
  return length !== null && bytes.length >= end + 4 + Number(length);
}

/** A request that names who asks. */
export function request(path: string): Uint8Array {
  return bytesOf(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: AGENT-scan\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
}

export const http: Protocol = {
  name: "http",
  transport: "tcp",
  ports: [80, 8080, 8000, 8888, 3000, 5000, 2375, 9200, 15672, 8222, 9090],
  question: { send: request("/"), enough: isWholeResponse },
  read(answer): Reading | null {
    const text = latin1(answer);
    const version = found(text, /^HTTP\/([0-9]\.[0-9]) [1-5][0-9]{2}[ \r\n]/);
    if (version === null) return null;
    const end = text.indexOf("\r\n\r\n");
    const head = end < 0 ? text : text.slice(0, end);
    const body = end < 0 ? "" : text.slice(end + 4);
    const { service, product, productVersion, extra } = productOf(head, body);
    return reading(service, "certain", product, productVersion, extra ?? `HTTP/${version}`);
  },
  follow: {
    greets: false,
    // The Docker API has a page for whoever asks; a server of another kind says that there is none.
    questions: [{ send: request("/version"), enough: isWholeResponse }],
    needed: ({ service, version }) => service !== "http" && version === null,
    read(answer, known): Reading {
      const text = latin1(answer);
      const version = found(text, /"(?:Version|number|version)" ?: ?"([^"]{1,40})"/);
      return version === null ? known : { ...known, version: word(version) };
    },
  },
};
