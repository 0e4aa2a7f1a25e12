// Tasks that the model does with tools: steps as they happen, and calls that wait for a word.

import { make, state } from "./dom.js";
import { command, events, json } from "./server.js";

/** Shows the view. */
export function runsView(main, signal) {
  const input = make("input", { id: "task", name: "task", autocomplete: "off", maxlength: "8000" });
  const button = make("button", { text: "Run" });
  const steps = make("ol", { class: "sources", "aria-label": "Steps", "aria-live": "polite" });
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
            make("span", { text: name }),
            make("button", {
              type: "button",
              class: "quiet",
              text: "Go on",
              "aria-label": `Go on with ${name}`,
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
    const say = (title, text = "") =>
      steps.append(
        make(
          "li",
          {},
          make(
            "p",
            { class: "stack" },
            make("strong", { text: title }),
            make("div", { class: "faint small", text: text.slice(0, 2000) }),
          ),
        ),
      );
    try {
      for await (const { event, data } of events(path, { body, signal })) {
        if (event === "tool-call") say(`Calls ${data.call.name}`, data.call.arguments);
        else if (event === "tool-result") say(`${data.call.name}: ${data.outcome}`, data.result);
        else if (event === "step-end" && data.step.text !== "") {
          say(`Step ${data.step.number}`, data.step.text);
        } else if (event === "context-cut") say("Earlier turns were left out", data.detail);
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
    const tokens = `${usage.inputTokens} tokens read, ${usage.outputTokens} written` +
      (usage.usd === null ? "" : `, ${usage.usd.toFixed(4)} US$`);
    const card = make(
      "div",
      { class: "card stack" },
      make("p", { class: "answer", text: text || "No words." }),
      make("p", {
        class: "faint small",
        text: `Ended: ${finish.reason}. ${finish.detail ?? ""} ${tokens}.`,
      }),
    );
    for (const call of finish.pending ?? []) {
      const decide = (word) =>
        follow("/api/commands/resume", { session, decisions: { [call.id]: word } });
      card.append(
        make("p", { text: `${call.name} waits for your word: ${call.arguments}` }),
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
