/** Certificates for servers of the tests, signed by an authority that nobody knows. */

import assert from "assertions";

/** Writes a certificate of 127.0.0.1 into a folder: `ca.crt`, `server.crt`, `server.key`. Needs openssl. */
export async function certify(folder: string): Promise<void> {
  const openssl = async (...args: string[]): Promise<void> => {
    const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
  await openssl("req", "-x509", ...key, "ca.key", "-out", "ca.crt", "-subj", "/CN=tests");
  await openssl("req", ...key, "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  await Deno.writeTextFile(`${folder}/names`, "subjectAltName=IP:127.0.0.1");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "server.csr", ...signed, "-out", "server.crt");
}

const SELF_SIGNED = [
  ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=shop"],
  ...["-keyout", "own.key", "-out", "own.crt"],
];

/** A certificate of `CN=shop` that signs itself and ends tomorrow. Needs openssl. */
export async function selfSigned(folder: string): Promise<{ cert: string; key: string }> {
  const path = selfSignedIn(folder);
  const read = (name: string): Promise<string> => Deno.readTextFile(name);
  return { cert: await read(path), key: await read(`${folder}/own.key`) };
}

/** The same as files, `own.crt` and `own.key`; the path of the certificate. */
export function selfSignedIn(folder: string): string {
  const options = { args: SELF_SIGNED, cwd: folder };
  const { success, stderr } = new Deno.Command("openssl", options).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return `${folder}/own.crt`;
}
