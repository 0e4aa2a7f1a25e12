/**
 * The texts of the page's files.
 *
 * @module
 */

import app from "./page/app.js" with { type: "text" };
import ask from "./page/ask.js" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import machine from "./page/machine.js" with { type: "text" };
import parts from "./page/parts.css" with { type: "text" };
import runs from "./page/runs.js" with { type: "text" };
import scan from "./page/scan.js" with { type: "text" };
import server from "./page/server.js" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import system from "./page/system.js" with { type: "text" };

/** By name. */
export const PAGE: Readonly<Record<string, string>> = {
  "index.html": index,
  "style.css": style,
  "parts.css": parts,
  "icon.svg": icon,
  "app.js": app,
  "ask.js": ask,
  "dom.js": dom,
  "machine.js": machine,
  "runs.js": runs,
  "scan.js": scan,
  "server.js": server,
  "system.js": system,
};
