/**
 * The fetch of a connection over HTTP, with a bound on what one answer may hold.
 *
 * @module
 */

/** Of one answer, in bytes. */
const MOST_BODY = 16 * 2 ** 20;

/** Fetches; an answer that is too long breaks off with an error. */
export async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.body === null) return response;
  let size = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        size += bytes.length;
        if (size <= MOST_BODY) return controller.enqueue(bytes);
        controller.error(new Error(`the server's answer is longer than ${MOST_BODY} bytes`));
      },
    }),
  );
  const { status, statusText, headers } = response;
  const copy = new Response(bounded, { status, statusText, headers });
  // It is looked at where answers were redirected.
  Object.defineProperty(copy, "url", { value: response.url });
  return copy;
}
