// Questions, answers as they come, and the sources behind them.

import { make, state } from "./dom.js";
import { command, events, json } from "./server.js";

/** Shows the view. */
export function askView(main, signal) {
  const input = make("input", {
    id: "question",
    name: "question",
    autocomplete: "off",
    maxlength: "2000",
    placeholder: "Ask the documents",
  });
  const button = make("button", { text: "Ask" });
  const out = make("section", { "aria-label": "Answer", class: "stack" });
  const said = make("p", { class: "answer", "aria-live": "polite", id: "answer" });
  let running;
  const form = make(
    "form",
    {
      class: "row",
      onsubmit: (event) => {
        event.preventDefault();
        void answer(input.value);
      },
    },
    make("div", { class: "field" }, make("label", { for: "question", text: "Question" }), input),
    button,
  );
  const tries = make("ul", { class: "tries", "aria-label": "Suggestions" });
  const about = make("p", {
    class: "lead",
    text: "Answers come from the indexed documents, with the places they rest on.",
  });
  main.append(
    make("div", { class: "narrow stack" }, make("h1", { text: "Ask" }), about, form, tries, out),
  );
  input.focus({ preventScroll: true });
  void welcome();

  async function welcome() {
    try {
      const { agent } = await json("/api/status", { signal });
      const { documents } = agent.knowledge;
      if (documents === 0) {
        out.replaceChildren(
          state("empty", "No document is indexed yet. Start the server with --docs and a folder."),
        );
        return;
      }
      about.textContent =
        `${documents} ${documents === 1 ? "document is" : "documents are"} indexed. ` +
        (agent.model === null
          ? "Answers are their own sentences."
          : `Answers are worded by ${agent.model}.`);
      const { hits } = await command("search", { query: "how what default", limit: 12 }, signal);
      const headings = [...new Set(hits.map((hit) => (hit.heading ?? "").split(" > ").at(-1)))]
        .filter((heading) => heading.length > 5 && heading.length < 40).slice(0, 3);
      tries.replaceChildren(...headings.map((heading) =>
        make(
          "li",
          {},
          make("button", {
            type: "button",
            class: "quiet",
            text: heading,
            onclick: () => {
              input.value = heading;
              void answer(heading);
            },
          }),
        )
      ));
    } catch (error) {
      if (!signal.aborted) out.replaceChildren(state("failed", error.message));
    }
  }

  async function answer(question) {
    if (question.trim() === "") {
      input.focus();
      return;
    }
    running?.abort();
    const mine = running = new AbortController();
    said.replaceChildren();
    tries.replaceChildren();
    out.replaceChildren(
      make("p", { class: "faint loading", role: "status", text: "Looking through the documents" }),
    );
    button.disabled = true;
    try {
      let text = "";
      let extension;
      let marks = [];
      const body = {
        model: "agent",
        stream: true,
        messages: [{ role: "user", content: question }],
      };
      for await (
        const { data } of events("/v1/chat/completions", {
          body,
          signal: AbortSignal.any([mine.signal, signal]),
        })
      ) {
        text += data.choices[0]?.delta.content ?? "";
        marks = data.choices[0]?.delta.annotations ?? marks;
        extension = data.agent ?? extension;
        if (text !== "" && !said.isConnected) {
          out.replaceChildren(make("div", { class: "card" }, said));
        }
        said.textContent = text;
      }
      show(text, marks, extension);
    } catch (error) {
      if (!mine.signal.aborted && !signal.aborted) {
        out.replaceChildren(state("failed", error.message));
      }
    } finally {
      if (running === mine) button.disabled = false;
    }
  }

  function show(text, marks, { sources, confidence, cached, reasoning, error }) {
    if (sources.length === 0) {
      out.replaceChildren(state("empty", `${text} Try other words, or index more documents.`));
      return;
    }
    said.replaceChildren(...cited(text, marks, sources));
    const list = make("ol", { class: "sources" });
    for (const [at, source] of sources.entries()) {
      list.append(make(
        "li",
        {},
        make(
          "a",
          { href: placeOf(source), "data-source": `${at + 1}` },
          make("strong", { text: `${at + 1}. ${source.title ?? source.document}` }),
          make("div", { class: "faint small", text: source.quote.slice(0, 280) }),
        ),
      ));
    }
    out.replaceChildren(
      make(
        "div",
        { class: "card stack" },
        said,
        error && make("p", { class: "faint small", role: "status", text: error.message }),
        make(
          "details",
          { class: "faint small" },
          make("summary", {
            text: `Confidence ${Math.round(confidence * 100)} %${
              cached ? ", answered before" : ""
            }`,
          }),
          make("p", { text: reasoning }),
        ),
      ),
      make("h2", { text: "Sources" }),
      list,
    );
  }
}

function placeOf({ document, start, end, mark }) {
  const place = mark ?? { start, end };
  return `#${new URLSearchParams({ source: document, start: place.start, end: place.end })}`;
}

/** The text with its marks [n], as the server found them, as links to their places. */
function cited(text, marks, sources) {
  const parts = [];
  let last = 0;
  for (const { url_citation: { start_index: start, end_index: end } } of marks) {
    const number = text.slice(start + 1, end - 1);
    const source = sources[Number(number) - 1];
    parts.push(
      text.slice(last, start),
      make("a", {
        class: "cite",
        href: placeOf(source),
        "aria-label": `Source ${number}: ${source.title ?? source.document}`,
        text: number,
      }),
    );
    last = end;
  }
  return [...parts, text.slice(last)];
}

/** Opens a document at a place, which is marked. */
export async function openSource(fields) {
  const [start, end] = [Number(fields.get("start") ?? 0), Number(fields.get("end") ?? 0)];
  const dialog = document.querySelector("#source");
  const [title, place, text] = ["#source-title", "#source-place", "#source-text"]
    .map((id) => document.querySelector(id));
  title.textContent = "Opening";
  place.textContent = fields.get("source");
  text.replaceChildren();
  if (!dialog.open) dialog.showModal();
  try {
    const query = new URLSearchParams({
      name: fields.get("source"),
      start: `${start}`,
      end: `${end}`,
    });
    const part = await json(`/api/document?${query}`);
    title.textContent = part.title ?? part.document;
    place.textContent = [part.document, ...part.heading].join(" › ");
    const [from, to] = [start - part.offset, end - part.offset];
    const mark = make("mark", { text: part.text.slice(from, to) });
    text.replaceChildren(
      part.offset > 0 ? "…" : "",
      part.text.slice(0, from),
      mark,
      part.text.slice(to),
      part.offset + part.text.length < part.length ? "…" : "",
    );
    mark.scrollIntoView({ block: "center" });
  } catch (error) {
    title.textContent = "The source cannot be opened";
    text.replaceChildren(state("failed", error.message));
  }
}
