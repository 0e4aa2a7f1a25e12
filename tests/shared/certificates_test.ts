/** What is taken for certificates, and what is not. */

import assert from "assertions";
import { checkCertificates } from "../../src/shared/certificates.ts";

const BLOCK = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
const NONE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

Deno.test("certificates: one or more in a text, with words around them", () => {
  for (const good of [[], [BLOCK], [BLOCK + BLOCK, `# ours\n${BLOCK}`]]) {
    checkCertificates(good, "x");
  }
  const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    ["pem", TypeError, /^x must be an array of strings/],
    [[5], TypeError, /^x/],
    [[""], RangeError, /^x\[0\] must be certificates in PEM, got ""/],
    [[BLOCK, "none"], RangeError, /^x\[1\] must be certificates in PEM, got "none"/],
    [[BLOCK + NONE], RangeError, /^x\[0\]/],
    [[BLOCK.replace("MAA=", "M!")], RangeError, /^x\[0\]/],
    [[BLOCK.replace("END", "BEGIN")], RangeError, /^x\[0\]/],
  ];
  for (const [value, type, message] of wrong) {
    assert.throws(() => checkCertificates(value, "x"), (error: unknown) => {
      assert.ok(error instanceof type, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});
