/** The page in a real browser: asked, read, looked at, by keyboard, by axe, narrow, light and dark. */

import assert from "assertions";
import axe from "axe-core";
import type { Page } from "playwright-core";
import type { ChatProvider, Tool } from "../../src/agent/types.ts";
import { openKnowledge, preloadNative } from "../../mod.ts";
import { temporary } from "../support/programs.ts";
import { testNeeding } from "../support/needs.ts";
import { noBrowser, opened } from "./browser.ts";
import { QUESTION } from "./support.ts";

preloadNative();

const VIEWS = ["ask", "machine", "runs", "scan", "system"];

/** Waits until a view has its content. */
async function settled(page: Page, view: string): Promise<void> {
  await page.goto(`${page.url().split("#")[0]}#${view}`);
  await page.locator("h1").waitFor();
  await page.locator(".loading").first().waitFor({ state: "detached" });
}

/** Faults but for requests that the server refused, which the page tells: a scan out of the scope, no container engine. */
function withoutRefusals(faults: readonly string[]): string[] {
  return faults.filter((fault) => !/^Failed to load resource: .* (403|404|424) /.test(fault));
}

testNeeding([noBrowser], "a link with a made-up key signs nobody out", async () => {
  await opened(async ({ page, url, server }) => {
    const answers = async (): Promise<void> => {
      await page.getByLabel("Question").fill(QUESTION);
      await page.getByRole("button", { name: "Ask" }).click();
      await page.locator("#answer .cite").first().waitFor();
    };
    await page.goto("about:blank");
    await page.goto(`${url}/#key=made-up`);
    await answers();
    assert.equal(page.url(), `${url}/`);
    await page.reload();
    await answers();
    // One that the server gave replaces the one before.
    const before = await page.evaluate(() => localStorage.getItem("agent-key"));
    await page.goto(`${url}${server.signInPath()}`);
    await answers();
    assert.notEqual(await page.evaluate(() => localStorage.getItem("agent-key")), before);
  });
});

const BROKEN: ChatProvider = {
  name: "broken",
  chat: () => Promise.reject(new Error("out of order")),
};

testNeeding(
  [noBrowser],
  "what looks like a citation in a document is none, and a model's failure is told",
  async () => {
    using knowledge = openKnowledge();
    await opened(
      async ({ page, post }) => {
        const question = "Where does the gardener keep the rake?";
        await knowledge.add([{
          document: "rake.md",
          text: "The gardener keeps the **rake** in tools[1] of the shed.",
        }]);
        const { choices: [{ message }] } = await (await post("/v1/chat/completions", {
          model: "agent",
          messages: [{ role: "user", content: question }],
        })).json();
        assert.match(message.content, /tools\[1\] of the shed\. \[1\]$/);
        assert.deepEqual(
          message.annotations.map((
            { url_citation: { end_index } }: { url_citation: { end_index: number } },
          ) => end_index),
          [message.content.length],
        );
        await page.getByLabel("Question").fill(question);
        await page.getByRole("button", { name: "Ask" }).click();
        await page.locator("#answer .cite").first().waitFor();
        assert.equal(await page.locator("#answer .cite").count(), 1);
        assert.match(await page.locator("#answer").innerText(), /tools\[1\] of the shed/);
        await page.getByRole("status").filter({ hasText: "broken failed: out of order" }).waitFor();
      },
      {},
      { agentOptions: { model: BROKEN, knowledge } },
    );
  },
);

/** What axe finds that is serious. */
async function serious(page: Page): Promise<string[]> {
  // The page's policy lets no script in; the browser's own way of running one does.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run()
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

testNeeding([noBrowser], "ask, follow the citation, and see the sentence marked", async () => {
  await opened(async ({ page, faults, requests, url }) => {
    assert.equal(page.url(), `${url}/`, "neither code nor key stays in the address");
    await page.getByLabel("Question").fill(QUESTION);
    await page.getByRole("button", { name: "Ask" }).click();
    const cite = page.locator("#answer .cite").first();
    await cite.waitFor();
    assert.match(await page.locator("#answer").innerText(), /two minutes/);
    await cite.click();
    const mark = page.locator("dialog mark");
    await mark.waitFor();
    assert.equal(await mark.innerText(), "Green tea steeps for two minutes.");
    assert.match(page.url(), /#source=tea\.md&start=\d+&end=\d+$/);
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    await cite.click();
    await mark.waitFor();
    assert.deepEqual(faults, []);
    for (const address of requests) assert.ok(address.startsWith(url), address);
  });
});

testNeeding(
  [noBrowser],
  "what nothing answers says so; a server that has gone is an error that is told",
  async () => {
    await opened(async ({ page, server }) => {
      await page.getByLabel("Question").fill("Who won the cycling race of 1931?");
      await page.getByRole("button", { name: "Ask" }).click();
      await page.locator(".state.empty").waitFor();
      await server.close();
      await page.getByRole("button", { name: "Ask" }).click();
      await page.locator(".state.failed").waitFor();
      assert.match(await page.locator(".state.failed").innerText(), /closing|does not answer/);
    });
  },
);

testNeeding([noBrowser], "charts of the machine move", async () => {
  await opened(async ({ page, faults }) => {
    await settled(page, "machine");
    const line = page.locator(".chart .line").first();
    await page.locator(".chart .line[d]").first().waitFor({ state: "attached" });
    const before = await line.getAttribute("d");
    while (await line.getAttribute("d") === before) await page.waitForTimeout(100);
    const label = await page.locator(".chart svg").first().getAttribute("aria-label");
    assert.match(label ?? "", /^Processors busy: now \d+ %, at most \d+ % lately$/);
    assert.deepEqual(faults, []);
  });
});

testNeeding(
  [noBrowser],
  "which implementation runs each area; cache and queue; a scan of this machine",
  async () => {
    await opened(async ({ page, url, faults }) => {
      await settled(page, "system");
      const areas = await page.locator("table").first().locator("tbody tr").allInnerTexts();
      assert.equal(areas.length, 8);
      assert.match(areas[0] ?? "", /^text\s+(auto|native|pure)\s+\S/);
      await page.getByRole("region", { name: "Cache" }).getByText("Entries").waitFor();
      await settled(page, "scan");
      await page.getByLabel("Host").fill("192.0.2.1");
      await page.getByRole("button", { name: "Scan" }).click();
      await page.locator(".state.failed").waitFor();
      assert.match(await page.locator(".state.failed").innerText(), /scope/);
      await page.getByLabel("Host").fill("127.0.0.1");
      await page.getByRole("button", { name: "Scan" }).click();
      await page.getByText(/127\.0\.0\.1: \d+ open/).waitFor({ timeout: 60_000 });
      assert.ok(url !== "");
      assert.deepEqual(withoutRefusals(faults), []);
    });
  },
);

testNeeding(
  [noBrowser],
  "a run: a tool call waits for a word, is allowed on the page, and ends",
  async () => {
    let sent = 0;
    const send: Tool = {
      name: "send_letter",
      description: "Sends a letter",
      input: { type: "object", properties: { to: { type: "string" } }, required: ["to"] },
      approval: "always",
      run: () => `sent ${++sent}`,
    };
    const model: ChatProvider = {
      name: "scripted",
      tools: true,
      chat: (messages) =>
        Promise.resolve(
          messages.some(({ role }) => role === "tool") ? { text: "The letter is sent." } : {
            text: "",
            toolCalls: [{ id: "call-1", name: "send_letter", arguments: '{"to":"<b>Ann</b>"}' }],
          },
        ),
    };
    await temporary(async (folder) => {
      await opened(
        async ({ page, faults }) => {
          await settled(page, "runs");
          await page.getByLabel("Task").fill("Send a letter to Ann");
          await page.getByRole("button", { name: "Run" }).click();
          await page.getByRole("heading", { name: "send_letter waits for your word" }).waitFor();
          assert.equal(await page.locator("dl.input dd").innerText(), "<b>Ann</b>");
          assert.equal(sent, 0);
          await page.getByRole("button", { name: "Allow" }).click();
          await page.getByText("The letter is sent.", { exact: true }).first().waitFor();
          assert.equal(sent, 1);
          assert.deepEqual(faults, []);
        },
        {},
        { agentOptions: { model, tools: [send], sessions: { path: `${folder}/sessions.sqlite` } } },
      );
    });
  },
);

testNeeding([noBrowser], "scripts in names, titles and texts of documents are text", async () => {
  await opened(async ({ page, faults }) => {
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs++;
      void dialog.dismiss();
    });
    await page.getByLabel("Question").fill("How long does the hostile kettle boil?");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.locator(".sources a").first().waitFor();
    assert.match(
      await page.locator(".sources a").first().innerText(),
      /<img src=x onerror=alert\(2\)>/,
    );
    await page.locator(".cite").first().click();
    await page.locator("dialog mark").waitFor();
    assert.match(await page.locator("dialog").innerText(), /<script>alert\(3\)<\/script>/);
    assert.equal(await page.locator("main img, main script, dialog img, dialog script").count(), 0);
    assert.equal(dialogs, 0);
    assert.deepEqual(faults, []);
  });
});

testNeeding(
  [noBrowser],
  "by keyboard alone: ask, open a source, close it, go to another part",
  async () => {
    await opened(async ({ page }) => {
      const focused = (): Promise<string> =>
        page.evaluate<string>("document.activeElement.textContent.trim()");
      await page.locator("#question").waitFor();
      await page.keyboard.type(QUESTION);
      await page.keyboard.press("Enter");
      await page.locator("#answer .cite").first().waitFor();
      for (let tabs = 0; tabs < 10 && await focused() !== "1"; tabs++) {
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await page.locator("dialog mark").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      for (let tabs = 0; tabs < 20 && await focused() !== "Machine"; tabs++) {
        await page.keyboard.press("Shift+Tab");
      }
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Machine" }).waitFor();
      assert.equal(await page.locator("nav a[aria-current=page]").innerText(), "Machine");
    });
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 375]) {
    testNeeding(
      [noBrowser],
      `${colorScheme}, ${width} pixels: nothing overflows, axe finds nothing serious`,
      async () => {
        await opened(async ({ page, faults }) => {
          const overflow = (): Promise<number> =>
            page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
          for (const view of VIEWS) {
            await settled(page, view);
            if (view === "ask") {
              await page.getByLabel("Question").fill(QUESTION);
              await page.getByRole("button", { name: "Ask" }).click();
              await page.locator(".cite").first().waitFor();
            }
            if (view === "machine") await page.locator(".chart").first().waitFor();
            assert.ok(await overflow() <= 0, `${view} is ${await overflow()} pixels too wide`);
            assert.deepEqual(await serious(page), [], view);
          }
          await settled(page, "ask");
          await page.goto(`${page.url().split("#")[0]}#source=tea.md&start=7&end=40`);
          await page.locator("dialog mark").waitFor();
          assert.ok(await overflow() <= 0);
          assert.deepEqual(await serious(page), [], "a source");
          assert.equal(
            await page.evaluate("document.documentElement.dataset.theme"),
            colorScheme,
          );
          assert.deepEqual(withoutRefusals(faults), []);
        }, { width, colorScheme });
      },
    );
  }
}

testNeeding([noBrowser], "the theme can be chosen, and stays", async () => {
  await opened(async ({ page }) => {
    const button = page.locator("#theme");
    await button.click();
    await button.click();
    assert.equal(await button.innerText(), "Theme: dark");
    await page.reload();
    assert.equal(await page.evaluate("document.documentElement.dataset.theme"), "dark");
    assert.equal(await page.locator("#theme").innerText(), "Theme: dark");
  });
});
