/** Readers of protocols by themselves: on answers that are not theirs, cut, changed and made up. */

import assert from "assertions";
import fc from "fast-check";
import {
  bannerOf,
  harmless,
  MOST_BANNER_BYTES,
  word,
} from "../../../src/security/services/banner.ts";
import { bytesOf, concat, hex } from "../../../src/security/services/bytes.ts";
import { PROTOCOLS } from "../../../src/security/services/protocols/mod.ts";
import { recognise } from "../../../src/security/services/protocols/recognise.ts";
import { recordings } from "./replay.ts";

const NAMES = ["", ...new Set(PROTOCOLS.map(({ name }) => name))];
const ANSWERS = recordings().flatMap(({ answers }) =>
  Object.values(answers).map(({ bytes }) => Uint8Array.fromBase64(bytes)).filter(({ length }) =>
    length > 0
  )
);

/** Every reader, and what it asks next, on some bytes: nothing throws, and nothing is said that could do harm. */
function readAll(bytes: Uint8Array): void {
  for (const protocol of PROTOCOLS) {
    for (const asked of NAMES) {
      const reading = protocol.read(bytes, asked);
      if (reading === null) continue;
      // deno-lint-ignore no-control-regex
      const harmful = /[\x00-\x1f\x7f-\x9f]|\\u00[01]/;
      assert.doesNotMatch(JSON.stringify(reading), harmful);
      const more = protocol.follow?.read(bytes, reading);
      assert.doesNotMatch(JSON.stringify(more ?? null), harmful);
    }
    protocol.startTls?.ready(bytes);
    protocol.question?.enough?.(bytes);
    for (const { enough } of protocol.follow?.questions ?? []) enough?.(bytes);
  }
}

Deno.test("protocols: there are at least 25, each with its own name and transport", () => {
  const services = new Set(PROTOCOLS.map(({ name }) => name));
  assert.ok(services.size >= 25, `${services.size}`);
  const keys = PROTOCOLS.map(({ name, transport }) => `${name}/${transport}`);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("protocols: what real servers said, cut anywhere", () => {
  for (const answer of ANSWERS) {
    for (let length = 0; length < Math.min(answer.length, 200); length++) {
      readAll(answer.subarray(0, length));
    }
  }
});

Deno.test("protocols: what real servers said, changed anywhere", () => {
  const change = fc.tuple(fc.nat(1_000), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...ANSWERS),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      (answer, changes) => {
        const bytes = answer.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        readAll(bytes);
      },
    ),
    { seed: 10, numRuns: 1_000 },
  );
});

Deno.test("protocols: a list of capabilities without an end is read in one pass", () => {
  const pop3 = PROTOCOLS.find(({ name }) => name === "pop3")!;
  const greeting = pop3.read(bytesOf("+OK ready\r\n"), "")!;
  const read = (text: string) => pop3.follow!.read(bytesOf(text), greeting).confidence;
  // Read in every way that there is, these would take longer than the machine lasts.
  for (const line of ["AAAA\r\n", "A-9\r\n", "CAPA TOP\r\n"]) {
    const lines = line.repeat(16_000 / line.length);
    assert.equal(read(`+OK\r\n${lines}`), "likely");
    assert.equal(read(`+OK\r\n${lines}.\r\n`), "certain");
  }
  assert.equal(read("+OK\r\n.\r\n"), "certain");
  assert.equal(read("+OK\r\nTOP\r\n UIDL\r\n.\r\n"), "likely");
});

Deno.test("protocols: answers that repeat themselves to the last byte that is read", () => {
  // Each reader's own beginnings, then what its patterns are made of: what can be read in many ways ends never.
  const beginnings = [
    ...[
      "",
      "+OK\r\n",
      "+OK ",
      "* ID (",
      "* OK ",
      "220 ",
      "250-",
      "421 ",
      "554 ",
      "INFO {",
      "-ERR ",
    ],
    ...["HTTP/1.1 200 OK\r\n", "RTSP/1.0 200 ", "SIP/2.0 200 ", "RFB ", "@RSYNCD: ", "$1\r\n"],
    ...["\n8.0", "<stream:stream", ":a NOTICE ", "STAT ", "VERSION ", "OK 1\r\n---\n", "SSH-2.0-"],
  ];
  const units = [
    "A",
    "AA\r\n",
    "a1 \n",
    "1",
    " ",
    "\n",
    "\r\n",
    '"',
    "<",
    "<a",
    "<a@",
    "a@",
    "(",
    "-",
  ];
  const more = [
    "Host '",
    "\r\nserver: ",
    '"number":"',
    '"name" "',
    "\xff\xfb",
    "\x1b]",
    "STAT a b\r\n",
  ];
  for (const beginning of beginnings) {
    for (const unit of [...units, ...more]) {
      const text = beginning + unit.repeat(16_384 / unit.length);
      readAll(Uint8Array.from(text.slice(0, 16_384), (byte) => byte.charCodeAt(0)));
    }
  }
});

Deno.test("protocols: bytes of nobody are nobody's", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 400 }), (bytes) => {
      readAll(bytes);
      assert.equal(
        recognise(PROTOCOLS, bytes, "")?.reading.confidence === "certain" && bytes[0] !== 255,
        false,
      );
    }),
    { seed: 11, numRuns: 1_000 },
  );
  const words = "Welcome to the machine. Please do as you are told.\r\n";
  assert.equal(recognise(PROTOCOLS, bytesOf(words), ""), null);
});

// Made by the protocols' documents; no server of these is in Debian, or none was at hand.
const DOCUMENTED: readonly (readonly [
  asked: string,
  answer: string | Uint8Array,
  service: string,
  product: string | null,
  version: string | null,
])[] = [
  [
    "http",
    "HTTP/1.1 404 Not Found\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n\r\n{}",
    "docker",
    "Docker Engine",
    "20.10.24",
  ],
  [
    "http",
    'HTTP/1.1 200 OK\r\n\r\n{"version":{"number":"8.14.0"},"tagline":"You Know, for Search"}',
    "elasticsearch",
    "Elasticsearch",
    "8.14.0",
  ],
  [
    "http",
    'HTTP/1.1 200 OK\r\n\r\n{"version":{"distribution":"opensearch","number":"2.13.0"}}',
    "elasticsearch",
    "OpenSearch",
    "2.13.0",
  ],
  [
    "http",
    "HTTP/1.1 200 OK\r\nServer: Apache/2.4.62 (Debian)\r\n\r\n",
    "http",
    "Apache",
    "2.4.62",
  ],
  [
    "http",
    "HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\n\r\n",
    "http",
    "SimpleHTTP",
    "0.6",
  ],
  ["", "220 mail ESMTP Postfix (Debian/GNU)\r\n", "smtp", "Postfix", null],
  ["", "220 ProFTPD Server (Debian) [127.0.0.1]\r\n", "ftp", "ProFTPD", null],
  ["", "220-FileZilla Server 1.8.2\r\n220 Hi\r\n", "ftp", "FileZilla Server", "1.8.2"],
  ["", "RFB 003.889\n", "vnc", "Apple Remote Desktop", null],
  ["", ":irc.test NOTICE * :*** Looking up your hostname...\r\n", "irc", null, null],
  [
    "",
    '"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n"SIEVE" "fileinto"\r\nOK "ready"\r\n',
    "managesieve",
    "Dovecot Pigeonhole",
    null,
  ],
  [
    "",
    "200 news.test InterNetNews server INN 2.7.1 ready (posting ok)\r\n",
    "nntp",
    "INN",
    "2.7.1",
  ],
  [
    "zookeeper",
    "Zookeeper version: 3.8.0-1, built on 2022\nLatency\n",
    "zookeeper",
    "ZooKeeper",
    "3.8.0",
  ],
  [
    "rtsp",
    "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: GStreamer RTSP server/1.22\r\n\r\n",
    "rtsp",
    "GStreamer RTSP server",
    "1.22",
  ],
  [
    "sip",
    "SIP/2.0 200 OK\r\nUser-Agent: kamailio (5.6.3)\r\n\r\n",
    "sip",
    "kamailio (5.6.3)",
    null,
  ],
  ["xmpp", "<?xml version='1.0'?><stream:stream from='localhost' id='1'>", "xmpp", null, null],
  [
    "beanstalkd",
    'OK 42\r\n---\ncurrent-jobs-ready: 0\nversion: "1.12"\n\r\n',
    "beanstalkd",
    "beanstalkd",
    "1.12",
  ],
  ["git", "003aERR access denied or repository not exported: /none", "git", "git daemon", null],
  ["socks5", hex("0500"), "socks5", null, null],
  [
    "kafka",
    hex("00000016 4147454e 0000 00000002 0000 0000 0009 0001 0000 000d"),
    "kafka",
    "Kafka",
    null,
  ],
  [
    "cassandra",
    concat(
      hex("84 00 0000 06 00000018 0001 000b"),
      bytesOf("CQL_VERSION"),
      hex("0001 0005"),
      bytesOf("3.4.5"),
    ),
    "cassandra",
    "Cassandra",
    null,
  ],
  [
    "x11",
    concat(hex("00 16 0b00 0000 0600"), bytesOf("No protocol specified\n\0\0")),
    "x11",
    null,
    null,
  ],
  [
    "mongodb",
    concat(
      hex("35000000 01000000 01000000 dd070000 00000000 00 20000000"),
      hex("02"),
      bytesOf("version\0"),
      hex("06000000"),
      bytesOf("7.0.1\0"),
      hex("10"),
      bytesOf("ok\0"),
      hex("01000000 00"),
    ),
    "mongodb",
    "MongoDB",
    "7.0.1",
  ],
  ["telnet", hex("fffb01 fffb03"), "telnet", null, null],
];

for (const [asked, answer, service, product, version] of DOCUMENTED) {
  Deno.test(`protocols: ${service} ${product ?? ""} as its document has it`, () => {
    const bytes = typeof answer === "string" ? bytesOf(answer) : answer;
    const found = recognise(PROTOCOLS, bytes, asked)?.reading;
    assert.deepEqual([found?.service, found?.product, found?.version], [service, product, version]);
  });
}

Deno.test("banners: sequences go whole, hidden characters go, and there is a bound", () => {
  assert.equal(harmless("a\x1b[31mb\x1b[0m\x1b]8;;http://x\x1b\\c\x9b1md"), "abcd");
  assert.equal(harmless("a\r\nb\rc\td"), "a\nb\nc d");
  assert.equal(harmless("x\u202e\u200b\ufeff\u{e0041}\u00ady"), "xy");
  assert.equal(word("  a \n b\x00 "), "a b");
  assert.equal(word("x".repeat(1_000))!.length, 120);
  assert.equal(word("\x1b[2J"), null);
  const long = bannerOf(new Uint8Array(10_000).fill(97))!;
  assert.deepEqual([long.text.length, long.truncated, long.untrusted], [
    MOST_BANNER_BYTES,
    true,
    true,
  ]);
  assert.equal(bannerOf(new Uint8Array(8)), null);
  // No way of repeating sequences makes the cleaning slow.
  for (const unit of ["\x1b]", "\x1b[", "\x9d", "\x1b[0;", "\x1b"]) {
    harmless(unit.repeat(100_000 / unit.length));
  }
});
