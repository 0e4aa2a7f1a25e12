/** Which addresses are reached, in every spelling: of no twin, since all of it is decided before one works. */

import assert from "assertions";
import { createHttpClient } from "../../src/http/mod.ts";
import { addressKind, isTunnelled } from "../../src/shared/addresses.ts";
import { rejects } from "./support.ts";

const KINDS: Record<string, string[]> = {
  public: [
    "8.8.8.8",
    "1.1.1.1",
    "100.128.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2001:0:1:1:1:1:f7f7:f7f7",
  ],
  loopback: [
    "127.0.0.1",
    "127.255.255.255",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:FFFF:7F00:0001",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:1:1:1:1:80ff:fffe",
    "::ffff:0:127.0.0.1",
  ],
  private: [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fdff::1",
    "fec0::1",
    "::ffff:10.1.2.3",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "2002:c0a8:101::1",
  ],
  "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1"],
  shared: ["100.64.0.1", "100.127.255.255"],
  benchmark: ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  metadata: [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd00:0ec2:0:0:0:0:0:254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
  ],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
  broadcast: ["255.255.255.255", "::ffff:255.255.255.255"],
  unspecified: ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"],
  reserved: [
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "240.0.0.1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "100::1",
    "4000::1",
    "::8.8.8.8",
    "no address",
    "1.2.3",
    "1.2.3.256",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "",
  ],
};

Deno.test("addressKind() tells each kind", () => {
  for (const [kind, addresses] of Object.entries(KINDS)) {
    for (const address of addresses) assert.equal(addressKind(address), kind, address);
  }
  assert.equal(isTunnelled("2002:7f00:1::"), true);
  assert.equal(isTunnelled("64:ff9b::1"), true);
  for (const plain of ["::1", "::", "::ffff:1.2.3.4", "1.2.3.4", "fe80::1", "nothing"]) {
    assert.equal(isTunnelled(plain), false, plain);
  }
});

/** Whatever leads to this machine, by a spelling that URLs allow. */
const SPELLINGS = [
  "http://127.0.0.1/",
  "http://127.1/",
  "http://0x7f.1/",
  "http://0x7f000001/",
  "http://2130706433/",
  "http://017700000001/",
  "http://0177.0.0.1/",
  "http://127.0.0.1./",
  "http://１２７.０.０.１/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://[64:ff9b::127.0.0.1]/",
  "http://[2002:7f00:1::]/",
  "https://127.0.0.1:8443/",
];

Deno.test("this machine is refused in every spelling", async () => {
  await using client = createHttpClient({ implementation: "pure" });
  for (const url of SPELLINGS) {
    await rejects(client.fetch(url), "SCOPE", /an address of this machine; allowPrivate opens it/);
  }
});

Deno.test("names that lead to special addresses are refused", async () => {
  const names: [string, RegExp][] = [
    ["127.0.0.1", /this machine/],
    ["10.0.0.1", /private network/],
    ["169.254.169.254", /metadata/],
    ["169.254.7.7", /link-local/],
    ["100.64.1.1", /carrier/],
    ["0.0.0.0", /no address of a host/],
    ["224.0.0.1", /multicast/],
    ["255.255.255.255", /broadcast/],
    ["203.0.113.9", /reserved/],
    ["fd12::1", /private network/],
    ["::ffff:192.168.0.1", /private network/],
  ];
  for (const [address, message] of names) {
    await using client = createHttpClient({
      implementation: "pure",
      // As public services do it that answer a name with the address in it.
      resolver: (name) => {
        assert.equal(name, "rebind.nip.test");
        return Promise.resolve(["8.8.8.8", address]);
      },
    });
    const error = await rejects(client.fetch("http://rebind.nip.test/a?b=c"), "SCOPE", message);
    assert.equal((error.details as { address: string }).address, address);
    assert.ok(!error.message.includes("b=c"), "a query may hold secrets");
  }
});

Deno.test("allowPrivate opens no metadata service and nothing that is no host", async () => {
  await using client = createHttpClient({
    implementation: "pure",
    allowPrivate: true,
    resolver: (name) => Promise.resolve([name === "meta.test" ? "fd00:ec2::254" : "224.0.0.1"]),
  });
  const urls = [
    "http://169.254.169.254/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://METADATA.google.internal./",
    "http://instance-data/",
    "http://meta.test/",
    "http://many.test/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://255.255.255.255/",
  ];
  for (const url of urls) {
    await assert.rejects(client.fetch(url), { code: "SCOPE" }, url);
  }
});

Deno.test("schemes and user info are refused", async () => {
  await using client = createHttpClient({ implementation: "pure" });
  for (
    const url of ["ftp://x/", "file:///etc/passwd", "data:,x", "blob:x", "javascript:1", "ws://x/"]
  ) {
    await rejects(client.fetch(url), "SCOPE", /neither http: nor https:/);
  }
  for (const url of ["http://a@x.test/", "http://a:b@x.test/", "http://:b@x.test/"]) {
    const error = await rejects(client.fetch(url), "SCOPE", /user info; say it with the header/);
    assert.ok(!error.message.includes("b@"), "the message has no password");
  }
  for (const url of ["", "x", "//x/", "http://", "http://a b/"]) {
    await assert.rejects(client.fetch(url), TypeError);
  }
});
