/** Reading and checking certificates: real ones of OpenSSL, and every way in which they can be broken. */

import assert from "assertions";
import fc from "fast-check";
import {
  type Certificate,
  readCertificate,
} from "../../../src/security/services/tls/certificate.ts";
import { fits, type Verdict, verify } from "../../../src/security/services/tls/verify.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";

const missing = programMissing("openssl", "openssl");
const DAY = 86_400_000;

/** A workshop for certificates. */
async function workshop(
  body: (make: Workshop) => Promise<void>,
): Promise<void> {
  await temporary(async (folder) => await body(new Workshop(folder)));
}

class Workshop {
  constructor(readonly folder: string) {}

  async #openssl(...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command("openssl", { args, cwd: this.folder })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }

  /** A key, and a certificate that it signed itself. */
  async own(
    name: string,
    extension: string,
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  ): Promise<void> {
    await this.#openssl(
      ...["req", "-x509", ...key, "-nodes", "-keyout", `${name}.key`, "-out", `${name}.crt`],
      ...["-days", "30", "-subj", `/C=DE/O=Tests/CN=${name}`, "-addext", extension],
    );
  }

  /** A certificate for one's key, signed by another; its file is `name-by`. */
  async signed(name: string, by: string, extension: string, digest = "-sha256"): Promise<void> {
    await this.#openssl(
      "req",
      "-new",
      "-key",
      `${name}.key`,
      "-out",
      "one.csr",
      "-subj",
      `/C=DE/O=Tests/CN=${name}`,
    );
    await Deno.writeTextFile(`${this.folder}/extension`, extension);
    await this.#openssl(
      ...[
        "x509",
        "-req",
        "-in",
        "one.csr",
        "-CA",
        `${by}.crt`,
        "-CAkey",
        `${by}.key`,
        "-CAcreateserial",
      ],
      ...["-days", "30", digest, "-extfile", "extension", "-out", `${name}-${by}.crt`],
    );
  }

  der(file: string): Uint8Array {
    const pem = Deno.readTextFileSync(`${this.folder}/${file}.crt`);
    return Uint8Array.fromBase64(pem.replace(/-----[^-]*-----|\s/g, ""));
  }

  read(file: string): Certificate {
    const certificate = readCertificate(this.der(file));
    assert.ok(certificate !== null, file);
    return certificate;
  }
}

const CA = "basicConstraints=critical,CA:TRUE";
const NO_CA = "basicConstraints=critical,CA:FALSE";

testNeeding([missing], "certificates: what they say is read", () =>
  workshop(async (make) => {
    await make.own(
      "site",
      "subjectAltName=DNS:a.test,DNS:*.b.test,IP:10.0.0.1,IP:2001:db8::1,email:x@a.test",
    );
    const { report, dnsNames } = make.read("site");
    assert.deepEqual(
      { ...report, serial: "", sha256: "", notBefore: "", notAfter: "" },
      {
        subject: "C=DE, O=Tests, CN=site",
        issuer: "C=DE, O=Tests, CN=site",
        names: ["a.test", "*.b.test", "10.0.0.1", "2001:db8::1", "x@a.test"],
        serial: "",
        key: "EC P-256",
        signatureAlgorithm: "ecdsa-with-SHA256",
        notBefore: "",
        notAfter: "",
        expiryDays: 29,
        selfSigned: true,
        authority: true,
        sha256: "",
      },
    );
    assert.match(report.serial, /^[0-9a-f]{2,40}$/);
    assert.equal(Date.parse(report.notAfter) - Date.parse(report.notBefore), 30 * DAY);
    assert.deepEqual(dnsNames, ["a.test", "*.b.test"]);
    await make.own("edwards", CA, ["-newkey", "ed25519"]);
    const edwards = make.read("edwards").report;
    assert.deepEqual([edwards.key, edwards.signatureAlgorithm, edwards.selfSigned], [
      "Ed25519",
      "Ed25519",
      true,
    ]);
    await make.own("large", CA, ["-newkey", "rsa:3072"]);
    assert.equal(make.read("large").report.key, "RSA 3072");
  }));

testNeeding(
  [missing],
  "certificates: chains, good ones and others",
  () =>
    workshop(async (make) => {
      await make.own("root", CA);
      await make.own("middle", CA);
      await make.own("site", NO_CA);
      await make.own("other", CA);
      await make.signed("middle", "root", CA);
      await make.signed("site", "middle", "subjectAltName=DNS:a.test,DNS:*.b.test,IP:127.0.0.1");
      await make.signed("other", "site", NO_CA);
      const [root, middle, site, other] = ["root", "middle-root", "site-middle", "other-site"].map((
        file,
      ) => make.read(file)) as [Certificate, Certificate, Certificate, Certificate];
      const now = Date.now();
      const of = async (
        chain: (Certificate | null)[],
        name: string | null = null,
        at = now,
      ): Promise<Verdict> => await verify(chain, name, at, [root]);
      const good = { verified: true, reason: null };
      assert.deepEqual(await of([site, middle]), good);
      assert.deepEqual(await of([site, other, middle], "a.test"), good, "in any order");
      assert.deepEqual(await of([site, middle], "x.b.test"), good);
      assert.deepEqual(await of([site, middle], "127.0.0.1"), good);
      const no = async (reason: string, ...args: Parameters<typeof of>): Promise<void> =>
        assert.deepEqual(await of(...args), { verified: false, reason });
      await no("name-mismatch", [site, middle], "c.test");
      await no("name-mismatch", [site, middle], "x.y.b.test");
      await no("name-mismatch", [site, middle], "127.0.0.2");
      await no("unknown-authority", [site]);
      await no("unknown-authority", [site, null]);
      await no("self-signed", [root]);
      await no("expired", [site, middle], null, now + 31 * DAY);
      await no("not-yet-valid", [site, middle], null, now - DAY);
      await no("not-an-authority", [other, site, middle]);
      await no("no-certificate", []);
      await no("unreadable", [null, middle]);
      await no("bad-signature", [site, { ...middle, publicKey: root.publicKey }]);
      await make.signed("site", "middle", NO_CA, "-sha1");
      // It may be of the second after the one in which the test began.
      await no("weak-signature", [make.read("site-middle"), middle], null, Date.now() + 1_000);
    }),
);

testNeeding([missing], "certificates: a loop ends", () =>
  workshop(async (make) => {
    await make.own("left", CA);
    await make.own("right", CA);
    await make.own("site", NO_CA);
    await make.signed("left", "right", CA);
    await make.signed("right", "left", CA);
    await make.signed("site", "left", NO_CA);
    const chain = ["site-left", "left-right", "right-left", "left-right"].map((file) =>
      make.read(file)
    );
    assert.deepEqual(await verify(chain, null, Date.now(), []), {
      verified: false,
      reason: "unknown-authority",
    });
  }));

testNeeding(
  [missing],
  "certificates: broken ones are null, and never more than that",
  () =>
    workshop(async (make) => {
      await make.own("site", "subjectAltName=DNS:a.test,IP:10.0.0.1");
      const der = make.der("site");
      for (let length = 0; length < der.length; length++) {
        assert.equal(readCertificate(der.subarray(0, length)), null, `cut at ${length}`);
      }
      const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const broken = der.slice();
          for (const [at, by] of changes) broken[at]! ^= by;
          const certificate = readCertificate(broken);
          // deno-lint-ignore no-control-regex
          const harmful = /[\x00-\x1f\x7f-\x9f]|\\u00[01]/;
          assert.doesNotMatch(JSON.stringify(certificate?.report ?? null), harmful);
        }),
        { seed: 20, numRuns: 2_000 },
      );
      assert.equal(readCertificate(new Uint8Array(100_000)), null);
      // Tens of thousands of values one in the other: no recursion goes along with them.
      const nested = new Uint8Array(60_000);
      for (let at = 0; at + 4 <= nested.length; at += 4) {
        nested.set([0x30, 0x82, (nested.length - at - 4) >> 8, (nested.length - at - 4) & 255], at);
      }
      assert.equal(readCertificate(nested), null);
    }),
);

Deno.test("certificates: a star stands for one label, the first, and never for all of a zone", () => {
  const given = (name: string): Certificate =>
    ({ dnsNames: [name], addresses: [] }) as unknown as Certificate;
  assert.equal(fits(given("*.a.test"), "x.a.test"), true);
  assert.equal(fits(given("*.A.test"), "X.a.TEST."), true);
  for (
    const [name, host] of [["*.test", "a.test"], ["*", "a"], ["*.a.test", "a.test"], [
      "x*.a.test",
      "xy.a.test",
    ], ["*.a.test", "x.y.a.test"]] as const
  ) {
    assert.equal(fits(given(name), host), false, `${name} ${host}`);
  }
});
