/**
 * The live view: snapshots and keys come in, lines go out.
 *
 * @module
 */

import type { Alert, Monitor, Snapshot } from "../../monitor/mod.ts";
import { StandingAlerts } from "./alerts.ts";
import { Canvas, type Colours } from "./ansi.ts";
import type { Glyphs } from "./charts.ts";
import { History } from "./history.ts";
import { KeyReader } from "./keys.ts";
import { draw, type Screen } from "./layout.ts";
import { pressed, type State } from "./state.ts";
import { Terminal, terminalSize } from "./terminal.ts";
import type { Size, View } from "./view.ts";

/** The alerts of a monitor until a signal fires. */
export type Alerts = (signal: AbortSignal) => AsyncIterable<Alert>;

/** What the view begins with. */
export interface LiveOptions {
  readonly monitor: Monitor;
  /** Its alerts, if it has thresholds. */
  readonly alerts: Alerts | undefined;
  readonly state: State;
  readonly colours: Colours;
  readonly glyphs: Glyphs;
}

const USUAL: Size = { columns: 80, rows: 24 };

/**
 * Shows the view until it is left.
 *
 * @param options What it begins with.
 * @returns The exit code.
 */
export async function live(options: LiveOptions): Promise<number> {
  const { promise: end, resolve, reject } = Promise.withResolvers<number>();
  const view = new LiveView(options, resolve);
  const stop = new AbortController();
  using terminal = new Terminal((event) => {
    try {
      if (event.kind === "end") resolve(event.code);
      else if (event.kind === "resize") view.redraw(true);
      else view.type(event.bytes);
    } catch (error) {
      reject(error);
    }
  });
  view.begin(terminal);
  const feed = async <T>(items: AsyncIterable<T>, take: (item: T) => void): Promise<void> => {
    for await (const item of items) {
      if (stop.signal.aborted) return;
      take(item);
    }
  };
  // The first one at once, not an interval later.
  void options.monitor.snapshot({ signal: stop.signal }).then((snapshot) => view.show(snapshot))
    .catch((error) => stop.signal.aborted || reject(error));
  void feed(options.monitor, (snapshot) => view.show(snapshot)).catch(reject);
  if (options.alerts !== undefined) {
    void feed(options.alerts(stop.signal), (alert) => view.warn(alert))
      .catch((error) => stop.signal.aborted || reject(error));
  }
  try {
    return await end;
  } finally {
    stop.abort();
  }
}

/** What is seen, and what was chosen. */
class LiveView {
  readonly #options: LiveOptions;
  readonly #finish: (code: number) => void;
  readonly #canvas: Canvas;
  readonly #history = new History();
  readonly #keys = new KeyReader();
  readonly #alerts = new StandingAlerts();
  #state: State;
  #snapshot: Snapshot | undefined;
  #screen: Screen | undefined;
  #terminal: Terminal | undefined;

  constructor(options: LiveOptions, finish: (code: number) => void) {
    this.#options = options;
    this.#finish = finish;
    this.#state = options.state;
    this.#canvas = new Canvas(options.colours);
  }

  begin(terminal: Terminal): void {
    this.#terminal = terminal;
  }

  /** Takes in new figures; while the view is paused only the charts go on behind it. */
  show(snapshot: Snapshot): void {
    this.#history.add(snapshot);
    if (this.#state.isPaused && this.#snapshot !== undefined) return;
    this.#snapshot = snapshot;
    this.redraw();
  }

  warn(alert: Alert): void {
    this.#alerts.take(alert);
    this.redraw();
  }

  type(bytes: Uint8Array): void {
    for (const key of this.#keys.read(bytes)) {
      const seen = this.#screen?.seen ?? { list: [], rows: 1 };
      this.#state = pressed(this.#state, key, seen);
      if (key === "ctrl-l") this.#canvas.clear();
      if (this.#state.exit !== null) {
        this.#finish(this.#state.exit);
        return;
      }
      this.redraw();
    }
  }

  redraw(isAnew = false): void {
    if (isAnew) this.#canvas.clear();
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    const view: View = {
      snapshot,
      history: this.#history,
      state: this.#state,
      glyphs: this.#options.glyphs,
      alerts: this.#alerts.list(),
    };
    this.#screen = draw(view, terminalSize() ?? USUAL);
    this.#state = this.#screen.state;
    const text = this.#canvas.update(this.#screen.lines);
    if (text !== "") this.#terminal?.write(text);
  }
}
