/** NATS: greets with INFO and JSON. @module */

import { found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const nats: Protocol = {
  name: "nats",
  transport: "tcp",
  ports: [4222],
  read(answer): Reading | null {
    const text = latin1(answer);
    if (!/^INFO \{[^\r\n]*"(?:server_id|server_name|max_payload)":/.test(text)) return null;
    const version = found(text, /"version": ?"([^"]{1,40})"/);
    const needs = /"auth_required": ?true/.test(text) ? "asks for a login" : null;
    return reading("nats", "certain", "nats-server", version, needs);
  },
};
