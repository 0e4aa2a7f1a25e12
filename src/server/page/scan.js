// Scans of this machine, with how far they have come.

import { make, state } from "./dom.js";
import { events } from "./server.js";

/** Shows the view. */
export function scanView(main, signal) {
  const target = make("input", {
    id: "target",
    name: "target",
    value: "localhost",
    autocomplete: "off",
  });
  const button = make("button", { text: "Scan" });
  const out = make("section", { class: "stack", "aria-label": "Result" });
  let running;
  const form = make(
    "form",
    {
      class: "row",
      onsubmit: (event) => {
        event.preventDefault();
        if (running !== undefined) return running.abort();
        void scan();
      },
    },
    make("div", { class: "field" }, make("label", { for: "target", text: "Host" }), target),
    button,
  );
  main.append(make(
    "div",
    { class: "narrow stack" },
    make("h1", { text: "Scan" }),
    make("p", {
      class: "lead",
      text:
        "Open ports, and what answers there. Only hosts in the scope that the server was started with.",
    }),
    form,
    out,
  ));

  async function scan() {
    const bar = make("progress", { max: "1", "aria-label": "Progress" });
    const note = make("p", { class: "faint", role: "status", text: "Scanning" });
    out.replaceChildren(bar, note);
    running = new AbortController();
    button.textContent = "Stop";
    try {
      const body = { target: target.value, services: true };
      for await (
        const { event, data } of events("/api/commands/security_scan", {
          body,
          signal: AbortSignal.any([running.signal, signal]),
        })
      ) {
        if (event === "progress" && data.total) {
          bar.value = data.done / data.total;
          note.textContent = `${data.done} of ${data.total}${
            data.message ? `: ${data.message}` : ""
          }`;
        }
        if (event === "done") show(data.result);
      }
    } catch (error) {
      if (!signal.aborted) {
        out.replaceChildren(
          state(
            running.signal.aborted ? "empty" : "failed",
            running.signal.aborted ? "Stopped." : error.message,
          ),
        );
      }
    } finally {
      running = undefined;
      button.textContent = "Scan";
    }
  }

  function show({ address, ports, counts, durationMs }) {
    const summary = make("p", {
      class: "faint",
      role: "status",
      text: `${address}: ${ports.length} open, ${counts.closed ?? 0} closed, ${
        counts.filtered ?? 0
      } filtered, in ${(durationMs / 1000).toFixed(1)} s`,
    });
    if (ports.length === 0) {
      out.replaceChildren(summary, state("empty", "No open port was found."));
      return;
    }
    const rows = ports.map(({ port, service, product, version }) =>
      make(
        "tr",
        {},
        make("td", { text: `${port}` }),
        make("td", { text: service ?? "not known" }),
        make("td", { text: [product, version].filter(Boolean).join(" ") }),
      )
    );
    const head = make(
      "tr",
      {},
      ...["Port", "Service", "Product"].map((text) => make("th", { scope: "col", text })),
    );
    out.replaceChildren(
      summary,
      make(
        "div",
        { class: "scroll card" },
        make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)),
      ),
    );
  }
}
