/**
 * Registries of packages on loopback, both of the kind that JSR is and of npm's, for what `scripts/release` lays out.
 * They serve one version of each package, and keep a list of what was asked for.
 */

import { createHash } from "node:crypto";
import { packTar } from "npm:modern-tar@0.8.6";

/** The registries of one test. */
export interface PackageRegistries extends AsyncDisposable {
  /** The address for `JSR_URL`. */
  readonly jsr: string;
  /** The address of npm's kind. */
  readonly npm: string;
  /** The paths that were asked for, in order. */
  readonly asked: string[];
}

/** What a registry has of a package of npm. */
interface Packed {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly archive: Uint8Array<ArrayBuffer>;
}

/** Every file below a folder, as a path from there with a slash at its beginning. */
export function filesBelow(folder: string, path = ""): string[] {
  return [...Deno.readDirSync(folder + path)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(folder, `${path}/${name}`) : [`${path}/${name}`]
  );
}

/**
 * Starts the registries.
 *
 * @param jsr The folder of the package `@agent/runtime` as it is published.
 * @param npm The folder that holds a folder for each package of npm.
 */
export function startRegistries(jsr: string, npm: string): PackageRegistries {
  const asked: string[] = [];
  const { name, version, exports } = JSON.parse(Deno.readTextFileSync(`${jsr}/deno.json`));
  const manifest = Object.fromEntries(
    filesBelow(jsr).map((path) => {
      const bytes = Deno.readFileSync(jsr + path);
      const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
      return [path, { size: bytes.length, checksum }];
    }),
  );
  const packages = new Map<string, Promise<Packed>>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname);
      asked.push(path);
      if (path === `/${name}/meta.json`) {
        const [scope, own] = name.slice(1).split("/");
        return Response.json({ scope, name: own, latest: version, versions: { [version]: {} } });
      }
      if (path === `/${name}/${version}_meta.json`) return Response.json({ manifest, exports });
      const file = path.startsWith(`/${name}/${version}/`) &&
        path.slice(name.length + version.length + 2);
      if (file && file in manifest) {
        const type = file.endsWith(".ts") ? "text/typescript" : "text/plain";
        return new Response(Deno.readFileSync(jsr + file), { headers: { "content-type": type } });
      }
      const asks = /^\/npm\/(@[\w-]+\/[\w-]+)(\/-\/.*)?$/.exec(path);
      if (asks === null) return new Response("", { status: 404 });
      const wanted = asks[1]!;
      if (!packages.has(wanted)) packages.set(wanted, pack(`${npm}/${wanted}`));
      const packed = await packages.get(wanted)!.catch(() => undefined);
      if (packed === undefined) return new Response("{}", { status: 404 });
      if (asks[2] !== undefined) return new Response(packed.archive);
      return Response.json(describe(packed, `${url.origin}/npm/`));
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}/`;
  return {
    jsr: origin,
    npm: `${origin}npm/`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** As `npm publish` packs it: the files that the manifest names, and what always belongs to a package. */
async function pack(folder: string): Promise<Packed> {
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const names = ["package.json", "README.md", "LICENSE", ...manifest.files as string[]];
  const entries = names.map((name) => {
    const body = Deno.readFileSync(`${folder}/${name}`);
    return { header: { name: `package/${name}`, size: body.length, type: "file" as const }, body };
  });
  const tar = new Blob([await packTar(entries) as Uint8Array<ArrayBuffer>]);
  const zipped = tar.stream().pipeThrough(new CompressionStream("gzip"));
  return { manifest, archive: await new Response(zipped).bytes() };
}

function describe({ manifest, archive }: Packed, registry: string): Record<string, unknown> {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  const tarball = `${registry}${name}/-/${name.split("/")[1]}-${version}.tgz`;
  const versions = { [version]: { ...manifest, dist: { tarball, integrity } } };
  return { name, "dist-tags": { latest: version }, versions };
}
