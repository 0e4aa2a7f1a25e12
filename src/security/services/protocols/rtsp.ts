/** RTSP and SIP over TCP: both answer a request for options as HTTP does, under their own name. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

/** The product in a header and its version. */
function server(text: string, pattern: RegExp): [string | null, string | null] {
  const value = found(text, pattern);
  const match = value === null ? null : /^([^/(\r\n]{1,80}?)[/ ]v?([0-9][\w.-]*)/.exec(value);
  return match === null ? [value, null] : [match[1]!, match[2]!];
}

export const rtsp: Protocol = {
  name: "rtsp",
  transport: "tcp",
  ports: [554, 8554],
  question: { send: bytesOf("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n") },
  read(answer): Reading | null {
    const text = latin1(answer);
    if (!/^RTSP\/[12]\.0 [1-5][0-9]{2} /.test(text)) return null;
    return reading("rtsp", "certain", ...server(text, /\r\nserver: *([^\r\n]{1,120})/i));
  },
};

const OPTIONS = (transport: string): Uint8Array =>
  bytesOf(
    `OPTIONS sip:localhost SIP/2.0\r\nVia: SIP/2.0/${transport} localhost;branch=z9hG4bKagent;rport\r\n` +
      "From: <sip:agent@localhost>;tag=agent\r\nTo: <sip:localhost>\r\nCall-ID: agent@localhost\r\n" +
      "CSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n",
  );

function readSip(answer: Uint8Array): Reading | null {
  const text = latin1(answer);
  if (!/^SIP\/2\.0 [1-6][0-9]{2} /.test(text)) return null;
  return reading(
    "sip",
    "certain",
    ...server(text, /\r\n(?:server|user-agent): *([^\r\n]{1,120})/i),
  );
}

export const sip: Protocol = {
  name: "sip",
  transport: "tcp",
  ports: [5060],
  question: { send: OPTIONS("TCP") },
  read: readSip,
};

export const sipUdp: Protocol = {
  name: "sip",
  transport: "udp",
  ports: [5060],
  question: { send: OPTIONS("UDP") },
  read: readSip,
};
