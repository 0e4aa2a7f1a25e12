// How the program is set up: which implementation runs each area and why, cache, queue, containers.

import { bytes, make, share, state } from "./dom.js";
import { command, json } from "./server.js";

/** Shows the view. */
export function systemView(main, signal) {
  const part = (title, load) => {
    const out = make(
      "div",
      {},
      make("p", { class: "faint loading", role: "status", text: "Loading" }),
    );
    load().then((content) => out.replaceChildren(content), (error) => {
      if (!signal.aborted) out.replaceChildren(state("failed", error.message));
    });
    return make(
      "section",
      { class: "card stack", "aria-label": title },
      make("h2", { text: title }),
      out,
    );
  };
  main.append(make(
    "div",
    { class: "stack" },
    make("h1", { text: "System" }),
    part("What runs each area, and why", areas),
    make(
      "div",
      { class: "grid" },
      part("Documents and answers", answers),
      part("Cache", cache),
      part("Queue", queue),
    ),
    part("Containers", containers),
  ));

  async function areas() {
    const { areas } = await json("/api/status", { signal });
    return table(
      ["Area", "Implementation", "Why"],
      areas.map(({ area, implementation, reason }) => [area, implementation, reason]),
    );
  }

  async function answers() {
    const { agent } = await json("/api/status", { signal });
    const { knowledge, metrics } = agent;
    return pairs({
      Documents: `${knowledge.documents}`,
      Size: bytes(knowledge.bytes),
      Questions: `${metrics.questions}`,
      "Answered before": `${metrics.cached}`,
      "Not in the documents": `${metrics.abstained}`,
      "Median time": metrics.p50Ms === null ? "none yet" : `${metrics.p50Ms.toFixed(1)} ms`,
    });
  }

  async function cache() {
    const { entries, bytes: size, hits, misses } = await command("cache_stats", {}, signal);
    return pairs({
      Entries: `${entries}`,
      Size: bytes(size),
      Hits: hits + misses === 0 ? "none yet" : `${hits} (${share(hits / (hits + misses))})`,
      Misses: `${misses}`,
    });
  }

  async function queue() {
    const { stats } = await command("queue_stats", {}, signal);
    const numbers = Object.entries(stats).filter(([, value]) => typeof value === "number");
    return pairs(Object.fromEntries(numbers.map(([name, value]) => [name, `${value}`])));
  }

  async function containers() {
    try {
      const { containers } = await command("list_containers", {}, signal);
      if (containers.length === 0) return state("empty", "This program has made no container.");
      return table(
        ["Name", "Image", "State"],
        containers.map((one) => [one.name ?? one.id, one.image ?? "", one.state ?? ""]),
      );
    } catch (error) {
      if (error.status === 424 || error.status === 404) return state("empty", error.message);
      throw error;
    }
  }
}

function table(head, rows) {
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": head.join(", ") },
    make(
      "table",
      { class: "records" },
      make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col", text })))),
      make(
        "tbody",
        {},
        ...rows.map((row) =>
          make("tr", {}, ...row.map((text) => make("td", { text: String(text) })))
        ),
      ),
    ),
  );
}

function pairs(fields) {
  return make(
    "dl",
    { class: "pairs" },
    ...Object.entries(fields).flatMap((
      [name, value],
    ) => [make("dt", { text: name }), make("dd", { text: value })]),
  );
}
