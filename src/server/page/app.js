// The page: which part is shown, the theme, and sources that are opened over it.

import { askView, openSource } from "./ask.js";
import { make } from "./dom.js";
import { machineView } from "./machine.js";
import { runsView } from "./runs.js";
import { scanView } from "./scan.js";
import { takeKey } from "./server.js";
import { systemView } from "./system.js";

const VIEWS = {
  ask: askView,
  machine: machineView,
  runs: runsView,
  scan: scanView,
  system: systemView,
};
const main = document.querySelector("main");
const dialog = document.querySelector("#source");
let shown;
let leaving = new AbortController();

function show(name) {
  if (shown === name) return;
  const first = shown === undefined;
  shown = name;
  leaving.abort();
  leaving = new AbortController();
  main.replaceChildren();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = name[0].toUpperCase() + name.slice(1);
  document.title = `${title} · AGENT`;
  VIEWS[name](main, leaving.signal);
  if (!first && name !== "ask") main.focus({ preventScroll: true });
}

function route() {
  takeKey();
  const hash = location.hash.slice(1);
  if (hash.startsWith("source=")) {
    show(shown ?? "ask");
    void openSource(new URLSearchParams(hash));
    return;
  }
  if (dialog.open) dialog.close();
  // "#main" is the link over the header.
  if (hash !== "main") show(Object.hasOwn(VIEWS, hash) ? hash : "ask");
}

dialog.addEventListener("close", () => {
  if (location.hash.startsWith("#source=")) history.replaceState(null, "", `#${shown}`);
});
document.querySelector("#source-close").addEventListener("click", () => dialog.close());
// The same citation followed again changes no address.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#source=']") : null;
  if (link !== null && link.hash === location.hash) {
    void openSource(new URLSearchParams(link.hash.slice(1)));
  }
});

const THEMES = ["system", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");
const button = document.querySelector("#theme");

function theme() {
  const chosen = localStorage.getItem("agent-theme") ?? "system";
  const dark = chosen === "dark" || (chosen === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  button.textContent = `Theme: ${chosen}`;
}

button.addEventListener("click", () => {
  const at = THEMES.indexOf(localStorage.getItem("agent-theme") ?? "system");
  localStorage.setItem("agent-theme", THEMES[(at + 1) % THEMES.length]);
  theme();
});
system.addEventListener("change", theme);
theme();
addEventListener("hashchange", route);
main.replaceChildren(make("p", { class: "faint", text: "Loading" }));
route();
