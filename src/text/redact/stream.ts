/**
 * Redaction of a stream: what is undecided is held, what is decided goes out at once.
 *
 * @module
 */

import { checkString } from "../../shared/arguments.ts";
import { contextOf } from "./pure.ts";
import { moved, NO_TABLE } from "./scan/table.ts";
import type { Engine } from "./types.ts";
import type { Writer } from "./writer.ts";

/** What is held beyond this is searched again only once some has been added: small chunks would make it quadratic. */
const PATIENT = 1024;
/** How much must be added: a share of what is held, up to a bound. */
const patience = (held: number): number => held < PATIENT ? 0 : Math.min(held >> 5, 512);

/**
 * Makes the stream.
 *
 * @param engineFor The engine for a stretch of text of a length.
 * @param writer Writes the output.
 * @param signal Ends the stream.
 */
export function redactionStream(
  engineFor: (length: number) => Engine,
  writer: Writer,
  signal: AbortSignal | undefined,
): TransformStream<string, string> {
  // What was seen of the text: context, which is decided, then what is held.
  let text = "";
  let from = 0;
  // From where on headings of tables are looked for, and the table that this place is in.
  let since = 0;
  let table = NO_TABLE;
  // The first half of a character whose other half may come.
  let half = "";
  // Before the text is this long, it is not searched again.
  let needed = 0;
  const advance = (more: string, last: boolean): string => {
    text += more;
    if (text.length < needed && !last) return "";
    // Halves that stayed alone are searched as U+FFFD and passed on as they were.
    const searched = text.toWellFormed();
    const scan = engineFor(text.length).scan(searched, from, last, since, table);
    const { out, end } = writer.write(text, from, scan, last);
    // What goes out may end before what is decided: its context begins earlier, too.
    const early = end < scan.hold;
    const tabular = early && (scan.table[0] | table[2]) !== 0;
    const context = tabular ? 0 : early ? contextOf(searched, end, last) : scan.keep;
    const keep = writer.drop(context);
    from = end - keep;
    if (!tabular) {
      since = from;
      table = early ? NO_TABLE : moved(scan.table, scan.table[1] - keep);
    }
    text = text.slice(keep);
    needed = text.length + patience(text.length - from);
    return out;
  };
  let abort = (): void => {};
  return new TransformStream<string, string>({
    start(controller) {
      if (signal === undefined) return;
      abort = (): void => controller.error(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
    },
    transform(chunk, controller) {
      checkString(chunk, "chunk");
      let more = half + chunk;
      half = "";
      if ((more.charCodeAt(more.length - 1) & 0xfc00) === 0xd800) {
        half = more.slice(-1);
        more = more.slice(0, -1);
      }
      if (more === "") return;
      const out = advance(more, false);
      if (out !== "") controller.enqueue(out);
    },
    flush(controller) {
      signal?.removeEventListener("abort", abort);
      const out = advance(half, true);
      if (out !== "") controller.enqueue(out);
    },
  });
}
