// Tasks that the model does with tools: steps as they happen, and calls that wait for a word.

import { make, state } from "./dom.js";
import { command, events, json } from "./server.js";

/** Shows the view. */
export function runsView(main, signal) {
  const input = make("input", { id: "task", name: "task", autocomplete: "off", maxlength: "8000" });
  const button = make("button", { text: "Run" });
  const steps = make("ol", { class: "steps", "aria-label": "Steps", "aria-live": "polite" });
  const out = make("section", { class: "stack", "aria-label": "Run" });
  const kept = make("section", { class: "stack", "aria-label": "Sessions" });
  const form = make(
    "form",
    {
      class: "row",
      onsubmit: (event) => {
        event.preventDefault();
        if (input.value.trim() === "") return input.focus();
        const session = `page-${new Date().toISOString()}`;
        void follow("/api/commands/run", { task: input.value, session });
      },
    },
    make("div", { class: "field" }, make("label", { for: "task", text: "Task" }), input),
    button,
  );
  main.append(make("div", { class: "narrow stack" }, make("h1", { text: "Runs" }), out, kept));
  out.append(make("p", { class: "faint loading", role: "status", text: "Looking" }));
  void begin();

  async function begin() {
    try {
      const { agent } = await json("/api/status", { signal });
      if (agent.model === null) {
        out.replaceChildren(state(
          "empty",
          "Runs need a model, and this server was started without one. Questions are answered without.",
        ));
        return;
      }
      out.replaceChildren(form, steps);
      await list();
    } catch (error) {
      if (!signal.aborted) out.replaceChildren(state("failed", error.message));
    }
  }

  async function list() {
    const { sessions } = await command("list_sessions", {}, signal);
    kept.replaceChildren(
      make("h2", { text: "Sessions" }),
      sessions.length === 0 ? state("empty", "No session is kept yet.") : make(
        "ul",
        { class: "sources" },
        ...sessions.slice(0, 20).map((name) =>
          make(
            "li",
            { class: "bar" },
            make("span", { text: titleOf(name) }),
            make("button", {
              type: "button",
              class: "quiet",
              text: "Go on",
              "aria-label": `Go on with ${titleOf(name)}`,
              onclick: () => follow("/api/commands/resume", { session: name }),
            }),
          )
        ),
      ),
    );
  }

  async function follow(path, body) {
    button.disabled = true;
    steps.replaceChildren();
    out.querySelectorAll(".state").forEach((old) => old.remove());
    const say = (title, ...more) =>
      steps.append(make("li", {}, make("strong", { text: title }), ...more));
    const words = (text) => make("p", { class: "faint small told", text: text.slice(0, 2000) });
    try {
      for await (const { event, data } of events(path, { body, signal })) {
        if (event === "tool-call") say(`Calls ${data.call.name}`, inputOf(data.call.arguments));
        else if (event === "tool-result") {
          say(`${data.call.name}: ${data.outcome}`, words(data.result));
        } else if (event === "step-end" && data.step.text !== "" && data.step.calls.length > 0) {
          // The last step's text is the answer itself.
          say(`Step ${data.step.number}`, words(data.step.text));
        } else if (event === "context-cut") say("Earlier turns were left out", words(data.detail));
        else if (event === "done") end(data.result);
      }
    } catch (error) {
      if (!signal.aborted) out.append(state("failed", error.message));
    } finally {
      button.disabled = false;
      if (!signal.aborted) await list().catch(() => {});
    }
  }

  function end({ text, finish, usage, session }) {
    const { reason, detail, pending = [] } = finish;
    const tokens = usage.inputTokens + usage.outputTokens === 0
      ? ""
      : ` ${usage.inputTokens} tokens read, ${usage.outputTokens} written.`;
    const costs = usage.usd === null ? "" : ` ${usage.usd.toFixed(4)} US$.`;
    const ended = reason === "waiting" ? "" : `Ended: ${reason}${detail ? ` (${detail})` : ""}.`;
    const card = make(
      "div",
      { class: "card stack" },
      text === "" ? undefined : make("p", { class: "answer", text }),
      make("p", { class: "faint small", text: `${ended}${tokens}${costs}`.trim() }),
    );
    for (const call of pending) {
      const decide = (word) =>
        follow("/api/commands/resume", { session, decisions: { [call.id]: word } });
      card.append(
        make("h2", { text: `${call.name} waits for your word` }),
        inputOf(call.arguments),
        make(
          "div",
          { class: "row" },
          make("button", { type: "button", text: "Allow", onclick: () => decide("allow") }),
          make("button", {
            type: "button",
            class: "quiet",
            text: "Deny",
            onclick: () => decide({ deny: "denied on the page" }),
          }),
        ),
      );
    }
    steps.append(make("li", {}, card));
  }
}

/** What a call is made with: each field on its own, or the text as it stands. */
function inputOf(text) {
  let fields;
  try {
    fields = JSON.parse(text);
  } catch {
    // Shown as the model wrote it.
  }
  if (fields === null || typeof fields !== "object" || Array.isArray(fields)) {
    return make("p", { class: "faint small", text: text.slice(0, 2000) });
  }
  return make(
    "dl",
    { class: "input small" },
    ...Object.entries(fields).flatMap(([name, value]) => [
      make("dt", { text: name }),
      make("dd", {
        text: (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 4000),
      }),
    ]),
  );
}

/** A session of this page is known by its time. */
function titleOf(name) {
  const time = new Date(/^page-(.*)$/.exec(name)?.[1] ?? "");
  if (Number.isNaN(time.getTime())) return name;
  return time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}
