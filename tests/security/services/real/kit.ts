/** What the plans of real servers have in common: folders, files, certificates. */

/** How to start one. */
export interface Plan {
  program: string;
  args: string[];
  env?: Record<string, string>;
}

/** A real server. */
export interface RealServer {
  /** Its name in tests. */
  readonly name: string;
  readonly transport: "tcp" | "udp";
  /** The program and its package; a second one where it needs it. */
  readonly needs: readonly (readonly [program: string, debianPackage: string])[];
  /** What is right to say. */
  readonly service: string;
  readonly product: string | null;
  /** The program's own word on its version, and where in it; null where the server does not tell its version. */
  readonly version: readonly [command: readonly string[], pattern: RegExp] | null;
  /** Whether TLS is right to be seen. */
  readonly tls?: true;
  plan(folder: string, port: number): Promise<Plan> | Plan;
}

/** Where they listen. */
export const HOST = "127.0.0.1";

/** Runs a program to its end; gives what it wrote. */
export async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${program} ${args.join(" ")} failed: ${text}`);
  return text;
}

/** Writes a file of lines. */
export const write = (path: string, lines: string[]): Promise<void> =>
  Deno.writeTextFile(path, lines.join("\n") + "\n");

/** A folder below that a server's own user may write to. */
export async function writable(folder: string, name: string): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.mkdir(path);
  await Deno.chmod(path, 0o777);
  return path;
}

/** A certificate that signed itself. */
export async function certify(folder: string): Promise<{ certificate: string; key: string }> {
  const certificate = `${folder}/own.crt`;
  const key = `${folder}/own.key`;
  await run("openssl", [
    ..."req -x509 -newkey rsa:2048 -nodes -days 30 -subj /O=Tests/CN=localhost".split(" "),
    ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1".split(" "),
    "-keyout",
    key,
    "-out",
    certificate,
  ]);
  await Deno.chmod(key, 0o644);
  return { certificate, key };
}

/** What certificates are made with. */
export const OPENSSL = ["openssl", "openssl"] as const;
