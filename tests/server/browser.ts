/** A real browser for the tests of the page. */

import fs from "node:fs";
import type { Browser, Page } from "playwright-core";
import { programMissing } from "../support/needs.ts";
import { type Served, served } from "./support.ts";

/** Why there is no browser here; undefined if there is. */
export const noBrowser: string | undefined = programMissing("chromium", "chromium");

/** Playwright looks at its import whether it runs under WSL, in a file that Deno shows to nobody who may not do everything. */
async function playwright(): Promise<typeof import("playwright-core")> {
  const { existsSync } = fs;
  fs.existsSync = (path) => !String(path).startsWith("/proc/") && existsSync(path);
  try {
    return await import("playwright-core");
  } finally {
    fs.existsSync = existsSync;
  }
}

/** How a page is opened. */
export interface Look {
  /** The width of its window. */
  width?: number;
  /** What the system prefers. */
  colorScheme?: "light" | "dark";
}

/** A browser with a page that is signed in. */
export interface Opened extends Served {
  /** The page. */
  page: Page;
  /** What went wrong in it: errors, and what its policy refused. */
  faults: string[];
  /** Every address that it asked for. */
  requests: string[];
}

/** Runs a body with a browser at a server's page. */
export async function opened(
  body: (opened: Opened) => Promise<void>,
  look: Look = {},
  options: Parameters<typeof served>[1] = {},
): Promise<void> {
  await served(async (it) => {
    const { chromium } = await playwright();
    const browser: Browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      // The kernel's own sandbox is not to be had for root in a container.
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const { width = 1280, colorScheme = "light" } = look;
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme,
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      const faults: string[] = [];
      const requests: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(`${it.url}${it.server.signInPath()}`);
      await body({ ...it, page, faults, requests });
    } finally {
      await browser.close();
    }
  }, options);
}
