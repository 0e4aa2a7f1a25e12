/** Reports in other forms, and what changed between two. */

import assert from "assertions";
import { diff, type ScanReport, toJsonl, toNmapXml } from "@agent/runtime/security";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { start, temporary } from "../../support/programs.ts";

/** A report with everything in it, the server's words hostile. */
function report(change: Partial<ScanReport> = {}): ScanReport {
  return {
    target: "host.example",
    address: "192.0.2.7",
    addresses: ["192.0.2.7"],
    scanned: "22,80-90",
    ports: [
      {
        port: 22,
        state: "open",
        reason: "accepted",
        rttMs: 0.5,
        service: "ssh",
        product: 'Open"SSH" <&>',
        version: "9\u0000\u001b[31m\ud800",
      },
      { port: 80, state: "open", reason: "accepted", rttMs: 1 },
      { port: 81, state: "filtered", reason: "timeout", rttMs: null },
    ],
    udp: [{ port: 53, asked: "dns", state: "open", reason: "response", rttMs: 2 }],
    counts: { open: 2, closed: 8, filtered: 2, unprobed: 0 },
    startedAt: "2027-01-02T03:04:05.000Z",
    durationMs: 1_500,
    complete: true,
    authorization: null,
    planned: 13,
    ...change,
  };
}

Deno.test("toJsonl(): a line a port, and one for the host", () => {
  const lines = toJsonl([report()]).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ type, protocol, port }) => [type, protocol, port]), [
    ["port", "tcp", 22],
    ["port", "tcp", 80],
    ["port", "tcp", 81],
    ["port", "udp", 53],
    ["host", undefined, undefined],
  ]);
  assert.deepEqual(lines.at(-1).counts, report().counts);
  assert.equal(toJsonl([]), "");
});

Deno.test("toNmapXml(): ports, states, services, and what is not listed as a count", () => {
  const xml = toNmapXml([report()]);
  assert.match(xml, /<extraports state="closed" count="8"\/>/);
  assert.match(xml, /<extraports state="filtered" count="1"\/>/);
  assert.match(xml, /portid="81"><state state="filtered" reason="no-response" reason_ttl="0"\/>/);
  assert.match(
    xml,
    /product="Open&quot;SSH&quot; &lt;&amp;&gt;" version="9\ufffd\ufffd\[31m\ufffd"/,
  );
  assert.match(xml, /<hostname name="host.example" type="user"\/>/);
  assert.match(xml, /<port protocol="udp" portid="53">/);
});

const DTD = "/usr/share/nmap/nmap.dtd";
const noDtd = (() => {
  try {
    Deno.statSync(DTD);
    return undefined;
  } catch {
    return `${DTD} is not there (Debian: apt-get install nmap)`;
  }
})();

testNeeding(
  [programMissing("xmllint", "libxml2-utils"), noDtd],
  "toNmapXml(): valid by nmap's own definition",
  () =>
    temporary(async (folder) => {
      const reports = {
        "full.xml": [report(), report({ address: "2001:db8::1", target: "2001:db8::1" })],
        "bare.xml": [report({ ports: [], udp: [], scanned: "" })],
        "none.xml": [],
      };
      for (const [name, list] of Object.entries(reports)) {
        await Deno.writeTextFile(`${folder}/${name}`, toNmapXml(list));
        const args = ["--noout", "--nonet", "--dtdvalid", DTD, `${folder}/${name}`];
        const { code, stderr } = await start("xmllint", args, {
          env: { PATH: Deno.env.get("PATH") ?? "" },
        });
        assert.equal(code, 0, stderr);
      }
    }),
);

Deno.test("diff(): opened, closed, changed, and what cannot be said", () => {
  const [ssh, http] = report().ports as [ScanReport["ports"][0], ScanReport["ports"][0]];
  const before = report({ ports: [ssh, http] });
  const newer = { ...ssh, version: "10" };
  const fresh = { ...http, port: 90 };
  const after = report({ ports: [newer, fresh] });
  assert.deepEqual(diff(before, after), {
    opened: [fresh],
    closed: [http],
    changed: [{ port: 22, before: ssh, after: newer }],
    notCompared: [],
  });
  assert.deepEqual(diff(before, before), { opened: [], closed: [], changed: [], notCompared: [] });
  const part = report({ ports: [], scanned: "22" });
  assert.deepEqual(diff(before, part), {
    opened: [],
    closed: [ssh],
    changed: [],
    notCompared: [80],
  });
  assert.deepEqual(diff(report({ ports: [], complete: false }), before).notCompared, [22, 80]);
});
