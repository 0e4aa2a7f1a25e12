/**
 * Makes PDF and Word documents for tests, small or hostile, without any library.
 *
 * @module
 */

import { crc32 } from "node:zlib";

const UTF8 = new TextEncoder();

/** A piece of text on a page: where it stands, how large, what it says. */
export interface PdfText {
  x: number;
  y: number;
  size: number;
  text: string;
}

async function packed(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return await new Response(stream).bytes();
}

/** A PDF from objects, numbered from 1; the first is the catalogue. */
export function pdfOf(objects: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [UTF8.encode("%PDF-1.7\n")];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  const push = (bytes: Uint8Array): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    push(UTF8.encode(`${index + 1} 0 obj\n`));
    push(typeof object === "string" ? UTF8.encode(object) : object);
    push(UTF8.encode("\nendobj\n"));
  }
  const start = at;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  push(UTF8.encode(
    `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n` +
      `<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
  ));
  const all = new Uint8Array(at);
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/** A stream object. */
export async function streamOf(
  content: Uint8Array<ArrayBuffer> | string,
  more = "",
  isPacked = false,
): Promise<Uint8Array> {
  const raw = typeof content === "string" ? UTF8.encode(content) : content;
  const bytes = isPacked ? await packed(raw, "deflate") : raw;
  const filter = isPacked ? "/Filter /FlateDecode " : "";
  const head = UTF8.encode(`<< ${filter}${more} /Length ${bytes.length} >>\nstream\n`);
  return new Uint8Array([...head, ...bytes, ...UTF8.encode("\nendstream")]);
}

/** A PDF of pages with text. */
export async function pdfWith(
  pages: readonly (readonly PdfText[])[],
): Promise<Uint8Array<ArrayBuffer>> {
  const objects: (string | Uint8Array)[] = ["<< /Type /Catalog /Pages 2 0 R >>", "", FONT];
  const kids: string[] = [];
  for (const texts of pages) {
    const shown = texts.map(({ x, y, size, text }) =>
      `/F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${text.replace(/[()\\]/g, "\\$&")}) Tj`
    ).join("\n");
    const page = objects.length + 1;
    kids.push(`${page} 0 R`);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${page + 1} 0 R ` +
        "/Resources << /Font << /F1 3 0 R >> >> >>",
      await streamOf(`BT\n${shown}\nET`),
    );
  }
  objects[1] = `<< /Type /Pages /Kids [${kids.join(" ")}] /Count ${kids.length} >>`;
  return pdfOf(objects);
}

const FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/** A PDF of one page whose content, all resources and further objects (from number 5 on) are given. */
export function pdfPage(
  content: Uint8Array,
  resources: string,
  more: readonly (string | Uint8Array)[] = [],
): Uint8Array<ArrayBuffer> {
  return pdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << ${resources} >> >>`,
    content,
    ...more,
  ]);
}

/** A ZIP archive, packed. */
export async function zipOf(
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const raw = typeof content === "string" ? UTF8.encode(content) : content;
    const body = await packed(raw, "deflate-raw");
    const called = UTF8.encode(name);
    const fields = new DataView(new ArrayBuffer(26));
    fields.setUint16(0, 20, true);
    fields.setUint16(4, 8, true);
    fields.setUint32(10, crc32(raw), true);
    fields.setUint32(14, body.length, true);
    fields.setUint32(18, raw.length, true);
    fields.setUint16(22, called.length, true);
    const shared = new Uint8Array(fields.buffer);
    const local = [UTF8.encode("PK\x03\x04"), shared, called, body];
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(10, at, true);
    directory.push(
      UTF8.encode("PK\x01\x02"),
      new Uint8Array([20, 0]),
      shared,
      new Uint8Array(rest.buffer),
      called,
    );
    parts.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = new DataView(new ArrayBuffer(18));
  end.setUint16(4, Object.keys(files).length, true);
  end.setUint16(6, Object.keys(files).length, true);
  end.setUint32(8, size, true);
  end.setUint32(12, at, true);
  const whole = [...parts, ...directory, UTF8.encode("PK\x05\x06"), new Uint8Array(end.buffer)];
  return await new Blob(whole as BlobPart[]).bytes() as Uint8Array<ArrayBuffer>;
}

const TYPES =
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
const RELATIONS =
  `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`;

/** A Word document; of each paragraph its style, or "", and its words. */
export function docxWith(
  paragraphs: readonly (readonly [string, string])[],
  more: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const body = paragraphs.map(([style, text]) =>
    `<w:p>${
      style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`
    }<w:r><w:t>${text}</w:t></w:r></w:p>`
  ).join("");
  const space = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`;
  const styles = paragraphs.map(([style]) => style).filter((style) => style !== "");
  return zipOf({
    "[Content_Types].xml": TYPES,
    "_rels/.rels": RELATIONS,
    "word/document.xml":
      `<?xml version="1.0"?><w:document ${space}><w:body>${body}</w:body></w:document>`,
    "word/styles.xml": `<?xml version="1.0"?><w:styles ${space}>${
      [...new Set(styles)].map((style) =>
        `<w:style w:type="paragraph" w:styleId="${style}"><w:name w:val="${
          style.replace(/(\d)$/, " $1").toLowerCase()
        }"/></w:style>`
      ).join("")
    }</w:styles>`,
    ...more,
  });
}
