// What the page asks of its server. The key came behind "#" when the browser was signed in; it is sent by this page alone.

const STORE = "agent-key";
let taking;

/**
 * Takes the key out of the address, where it stands once. Any page may link here with one that it made up: one that the server
 * does not know takes the place of none.
 */
export function takeKey() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return;
  history.replaceState(null, "", location.pathname);
  if (localStorage.getItem(STORE) === null) localStorage.setItem(STORE, key);
  else taking = replaceKey(key);
}

async function replaceKey(key) {
  const response = await fetch("/v1/models", { headers: { "x-agent-key": key } }).catch(() => {});
  if (response?.ok) localStorage.setItem(STORE, key);
  await response?.body?.cancel();
}

/** Asks; what is refused is thrown with the server's words. */
export async function ask(path, { body, signal, accept } = {}) {
  await taking;
  const headers = { "x-agent-key": localStorage.getItem(STORE) ?? "" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (accept !== undefined) headers["accept"] = accept;
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error("The server does not answer. Is it still running?");
  }
  if (response.ok) return response;
  const fault = await response.json().catch(() => undefined);
  const error = new Error(fault?.error?.message ?? `The server answered ${response.status}`);
  error.status = response.status;
  throw error;
}

/** The JSON of an address. */
export async function json(path, options) {
  return await (await ask(path, options)).json();
}

/** What a command gives. */
export function command(name, input = {}, signal) {
  return json(`/api/commands/${name}`, { body: input, signal });
}

/** The events of an address, as they come. */
export async function* events(path, options = {}) {
  const response = await ask(path, { ...options, accept: "text/event-stream" });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      const parts = rest.split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const lines = part.split("\n");
        const data = lines.filter((line) => line.startsWith("data: "))
          .map((line) => line.slice(6)).join("\n");
        if (data === "" || data === "[DONE]") continue;
        const event = lines.find((line) => line.startsWith("event: "))?.slice(7);
        const told = JSON.parse(data);
        if (told.error !== undefined && told.choices === undefined) {
          throw new Error(told.error.message ?? "It failed");
        }
        yield { event, data: told };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
