/**
 * A file of data that is too large for the runtime's own package, and so is a package of npm: asked for when something
 * needs it, downloaded once, and opened with no permission, as the libraries' packages are.
 *
 * A Worker imports it: its text in base64 is a third longer than the file, and the modules of an isolate stay in its
 * memory until it ends. What comes back are bytes; whoever asked compares them with what they should be.
 *
 * @module
 */

import { reasonOf } from "../shared/npm_reason.ts";

/** What the Worker does. As an address it needs no file, and so no permission. */
const PROGRAM = `onmessage = async ({ data: specifier }) => {
  try {
    const { default: base64 } = await import(specifier);
    const bytes = Uint8Array.fromBase64(base64);
    postMessage({ bytes }, [bytes.buffer]);
  } catch (error) {
    postMessage({ reason: String(error?.message ?? error) });
  }
};`;

/** What came of asking for a package: its bytes, or why there are none. */
export type PackagedData = { bytes: Uint8Array<ArrayBuffer> } | { reason: string };

/**
 * The bytes that a package gives as its default export, in base64.
 *
 * @param specifier How it is imported, such as `npm:@agent/minilm-l6@1.2.3`.
 * @returns The bytes, not yet verified, or the reason.
 */
export async function packagedData(specifier: string): Promise<PackagedData> {
  const address = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
  const worker = new Worker(address, { type: "module", name: "packaged data" });
  try {
    const answer = await new Promise<PackagedData>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        // Were the program refused, the error would end this one.
        event.preventDefault();
        resolve({ reason: event.message });
      };
      worker.postMessage(specifier);
    });
    return "reason" in answer ? { reason: reasonOf(answer.reason) } : answer;
  } finally {
    worker.terminate();
  }
}
