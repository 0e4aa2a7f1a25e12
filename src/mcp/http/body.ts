/**
 * The body of a request: bounded in size and in time, and read once.
 *
 * @module
 */

/** Of one body, in bytes. */
export const MOST_BODY = 4 * 2 ** 20;
/** How long one may take to come in, in milliseconds. */
const MOST_MS = 30_000;

/** What came in, or the HTTP status that says why not. */
export async function readBody(
  request: Request,
  mostMs = MOST_MS,
): Promise<{ readonly text: string } | { readonly status: 400 | 408 | 413 }> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BODY) {
    await request.body?.cancel().catch(() => undefined);
    return { status: 413 };
  }
  const reader = request.body?.getReader();
  if (reader === undefined) return { text: "" };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => undefined);
  }, mostMs);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (late) return { status: 408 };
      if (done) return { text: text + decoder.decode() };
      size += value.length;
      if (size > MOST_BODY) {
        await reader.cancel();
        return { status: 413 };
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // It is no UTF-8, or the caller is gone.
    return { status: late ? 408 : 400 };
  } finally {
    clearTimeout(timer);
  }
}
