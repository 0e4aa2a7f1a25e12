/**
 * The files of the page, which are part of the program: nothing is read and nothing comes from elsewhere.
 *
 * @module
 */

/** A file of the page. */
interface PageFile {
  /** Its media type. */
  type: string;
  /** What it holds. */
  text: string;
}

let files: Promise<ReadonlyMap<string, PageFile>> | undefined;

/**
 * The response with a file of the page.
 *
 * @param path The path that was asked for.
 * @returns The response; undefined if there is no such file.
 */
export async function pageFile(path: string): Promise<Response | undefined> {
  if (!/^\/([a-z]+\.(js|css|svg))?$/.test(path)) return undefined;
  const file = (await (files ??= load())).get(path);
  return file && new Response(file.text, { headers: { "content-type": file.type } });
}

async function load(): Promise<ReadonlyMap<string, PageFile>> {
  const { PAGE } = await import("./page_files.ts");
  const types: Record<string, string> = {
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    svg: "image/svg+xml",
  };
  return new Map(
    Object.entries(PAGE).map(([name, text]) => {
      const type = types[name.slice(name.lastIndexOf(".") + 1)]!;
      return [name === "index.html" ? "/" : `/${name}`, { type, text }];
    }),
  );
}
