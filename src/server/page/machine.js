// The machine, live.

import { bytes, draw, make, share, state } from "./dom.js";
import { events } from "./server.js";

const KEPT = 120;
const [WIDTH, HEIGHT] = [240, 72];

const sum = (list, ...fields) => {
  if (list === null) return null;
  const values = list.flatMap((one) => fields.map((field) => one[field])).filter((value) =>
    value !== null
  );
  return values.length === 0 ? null : values.reduce((all, value) => all + value, 0);
};

/** What is drawn: a title, a figure of a snapshot, how it is said, and what the top of the chart is at the least. */
const CHARTS = [
  { title: "Processors busy", of: ({ cpu }) => cpu.busy, say: share, top: 1 },
  {
    title: "Memory in use",
    of: ({ memory }) => memory && memory.used / memory.total,
    say: share,
    more: ({ memory }) => memory && `${bytes(memory.used)} of ${bytes(memory.total)}`,
    top: 1,
  },
  {
    title: "Load over a minute",
    of: ({ load }) => load && load.one,
    say: (value) => value === null ? "not known" : value.toFixed(2),
    more: ({ cpu }) => `${cpu.count} processors`,
    top: 1,
  },
  {
    title: "Disks",
    of: ({ disks }) => sum(disks, "readBytes", "writtenBytes"),
    say: (value) => value === null ? "not known" : `${bytes(value)}/s`,
    more: ({ disks }) =>
      disks &&
      `read ${bytes(sum(disks, "readBytes"))}/s, written ${bytes(sum(disks, "writtenBytes"))}/s`,
    top: 1024,
  },
  {
    title: "Networks",
    of: ({ networks }) => sum(networks, "receivedBytes", "sentBytes"),
    say: (value) => value === null ? "not known" : `${bytes(value)}/s`,
    more: ({ networks }) =>
      networks &&
      `received ${bytes(sum(networks, "receivedBytes"))}/s, sent ${
        bytes(sum(networks, "sentBytes"))
      }/s`,
    top: 1024,
  },
  {
    title: "This server's memory",
    of: ({ self }) => self.rss ?? null,
    say: bytes,
    top: 1024,
  },
];

/** Shows the view. */
export function machineView(main, signal) {
  const alerts = make("section", { "aria-label": "Alerts", class: "stack" });
  const grid = make("div", { class: "grid" });
  const note = make("p", { class: "lead loading", role: "status", text: "Reading the machine" });
  main.append(make("div", { class: "stack" }, make("h1", { text: "Machine" }), note, alerts, grid));
  const charts = CHARTS.map(chart);
  const firing = new Map();
  void watch();

  async function watch() {
    try {
      for await (const { event, data } of events("/api/live", { signal })) {
        if (event === "snapshot") show(data);
        else if (event === "alert") tell(data);
      }
      if (!signal.aborted) throw new Error("The server has ended.");
    } catch (error) {
      if (!signal.aborted) {
        note.classList.remove("loading");
        note.replaceChildren();
        alerts.replaceChildren(state("failed", error.message));
      }
    }
  }

  function show(snapshot) {
    if (!grid.hasChildNodes()) grid.append(...charts.map(({ card }) => card));
    note.classList.remove("loading");
    const missing = Object.keys(snapshot.unavailable).length;
    const text = `Read by the ${snapshot.implementation} implementation, each second.` +
      (missing > 0 ? ` ${missing} figures cannot be read here.` : "");
    if (note.textContent !== text) note.textContent = text;
    for (const { add } of charts) add(snapshot);
  }

  function tell({ name, metric, state: now, message }) {
    if (now === "firing") firing.set(`${name} ${metric}`, message);
    else firing.delete(`${name} ${metric}`);
    alerts.replaceChildren(
      ...[...firing.values()].map((text) => make("p", { class: "alert", role: "alert", text })),
    );
  }
}

function chart({ title, of, say, more, top }) {
  const values = [];
  const figure = make("p", { class: "figure", text: "…" });
  const under = make("p", { class: "faint small", text: "\u00a0" });
  const line = draw("path", { class: "line" });
  const area = draw("path", { class: "under" });
  const base = draw("path", { class: "base", d: `M0 ${HEIGHT - 0.5}H${WIDTH}` });
  const svg = draw(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": title,
    },
    area,
    base,
    line,
  );
  const card = make(
    "section",
    { class: "card chart", "aria-label": title },
    make("h2", { class: "faint", text: title }),
    figure,
    under,
    svg,
  );
  return { card, add };

  function add(snapshot) {
    const value = of(snapshot);
    values.push(value);
    if (values.length > KEPT) values.shift();
    figure.textContent = say(value);
    const text = more?.(snapshot);
    if (text) under.textContent = text;
    const known = values.filter((one) => one !== null);
    const highest = Math.max(top, ...known);
    svg.setAttribute(
      "aria-label",
      `${title}: now ${say(value)}, at most ${say(Math.max(0, ...known))} lately`,
    );
    const points = values.map((one, at) => {
      const x = WIDTH - (values.length - 1 - at) * WIDTH / (KEPT - 1);
      return one === null
        ? undefined
        : `${x.toFixed(1)} ${(HEIGHT - 2 - one / highest * (HEIGHT - 6)).toFixed(1)}`;
    }).filter((point) => point !== undefined);
    if (points.length === 0) return;
    line.setAttribute("d", `M${points.join("L")}`);
    area.setAttribute(
      "d",
      `M${points[0].split(" ")[0]} ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}Z`,
    );
  }
}
