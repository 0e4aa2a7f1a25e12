/**
 * One container of a sandbox from its making to its removal. It has its name before the engine is asked, so that it can be
 * removed however the asking ends; what it is held by is compared with what was asked before anything in it runs.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { isWithoutInit, refuseMissing } from "../container/refuse_missing.ts";
import { removeContainer } from "../container/removal.ts";
import type { Attached } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { withoutLastWords } from "../engine/frames.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import {
  type ContainerSpec,
  type ControlName,
  createBody,
  type EngineFacts,
  ownerLabels,
  type RequestedControls,
  withRecord,
} from "../policy/mod.ts";
import { Capture } from "./capture.ts";
import type { SandboxContext } from "./context.ts";
import { refuseWeaker, type ReportInput, securityReport, type WireInspect } from "./report.ts";
import { isRunning } from "./inspected.ts";
import { LastEnd } from "./last_end.ts";
import type { SecurityReport } from "./types.ts";

/** How often an engine is asked again to remove what it is busy with, and after how long. */
const MOST_TRIES = 50;
const AGAIN_MS = 100;

/** What a box is made of. */
export interface BoxPlan {
  readonly spec: ContainerSpec;
  /** Controls that may be missing. */
  readonly accepted: readonly ControlName[];
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expiresMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How its program ended. */
export interface BoxEnd {
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
}

/** When it is told of a program's end. */
const SOON_MS = 1_000;
/** How often an engine is asked whether a program has ended whose output has. */
const LOOKS_MS = [1, 2, 4, 8, 15, 25, 50, 100];

/** A container of a sandbox. */
export class Box implements AsyncDisposable {
  readonly #context: SandboxContext;
  readonly #accepted: readonly ControlName[];
  #requested: RequestedControls;
  #removing: Promise<void> | undefined;
  #checking: Promise<void> = Promise.resolve();
  #lost = false;
  #lastEnd: LastEnd | undefined;
  /** Its name, and its id once there is one. */
  id: string;
  /** What holds it, by the engine's word. */
  report!: SecurityReport;

  private constructor(context: SandboxContext, name: string, plan: BoxPlan, asked: Asked) {
    this.#context = context;
    this.#accepted = plan.accepted;
    this.#requested = asked.requested;
    this.id = name;
  }

  /**
   * Makes one. Nothing of it runs yet; what holds it is compared meanwhile with what was asked.
   *
   * @throws {AgentError} `NOT_FOUND` if there is no such image; `UNSUPPORTED` naming the controls that the engine cannot
   * give.
   */
  static async make(context: SandboxContext, plan: BoxPlan): Promise<Box> {
    plan.signal?.throwIfAborted();
    const name = `agent-${plan.spec.kind}-${crypto.randomUUID()}`;
    const first = await ask(context, context.facts, plan);
    const box = new Box(context, name, plan, first);
    context.boxes.add(box);
    try {
      await box.#create(name, plan, first);
      box.#checking = box.check().then((report) => {
        box.report = report;
      });
      // Whoever starts it is told.
      box.#checking.catch(() => {});
      return box;
    } catch (error) {
      throw await box.remove().then(() => error, () => mayBeLeft(error, box.id));
    }
  }

  async #create(name: string, plan: BoxPlan, asked: Asked): Promise<void> {
    const { client, facts } = this.#context;
    const timeoutMs = SLOW_MS;
    // Not ended early by the caller's signal: the engine would go on, and make it after it was removed.
    const post = (body: Asked["body"]): Promise<{ Id?: string }> =>
      client.json("POST", "/containers/create", { query: { name }, body, timeoutMs });
    let created: { Id?: string };
    try {
      created = await post(asked.body);
    } catch (error) {
      if (!isWithoutInit(error)) throw explainImage(error, plan.spec.image, client.engine);
      const again = await ask(this.#context, { ...facts, hasInit: false }, plan);
      this.#requested = again.requested;
      created = await post(again.body);
    }
    this.id = created.Id ?? name;
    plan.signal?.throwIfAborted();
  }

  /** Compares what holds it with what was asked; throws if a required control does not hold. */
  async check(inside?: ReportInput["inside"]): Promise<SecurityReport> {
    const report = securityReport({
      client: this.#context.client,
      requested: this.#requested,
      accepted: this.#accepted,
      inspect: await this.inspect(),
      inside,
    });
    refuseWeaker(report);
    return report;
  }

  /** What the engine says of it. */
  async inspect(): Promise<WireInspect> {
    const { client } = this.#context;
    return await client.json("GET", `/containers/${this.id}/json`, { timeoutMs: QUICK_MS });
  }

  /** Its streams; to be taken before it is started, so that nothing is missed. */
  async attach(stdin: boolean, signal?: AbortSignal): Promise<Attached> {
    const { client } = this.#context;
    const query = { stream: 1, stdin: stdin ? 1 : 0, stdout: 1, stderr: 1 };
    const path = `/containers/${this.id}/attach`;
    const attached = await client.attach(path, { query, signal });
    if (client.engine !== "podman") return attached;
    const details = { path: client.host.text, operation: `POST ${path}` };
    const brokenOff = (): EngineError => {
      const message = `The engine at ${client.host.text} broke the streams of ${this.id} off`;
      const error = new EngineError("IO", message, details, null);
      error.brokeOff = true;
      return error;
    };
    return { ...attached, frames: withoutLastWords(attached.frames, brokenOff) };
  }

  /**
   * What its program wrote, by the engine's log, where its streams were cut: Podman loses what it has not read when a
   * program ends that did not read all of its stdin. A log that was turned over has less.
   */
  async written(seen: Capture, most: number): Promise<Capture> {
    const logged = new Capture(most);
    const query = { stdout: 1, stderr: 1 };
    const signal = AbortSignal.timeout(SLOW_MS);
    const path = `/containers/${this.id}/logs`;
    for await (const frame of this.#context.client.frames("GET", path, { query, signal })) {
      logged.add(frame);
    }
    return logged.written >= seen.written ? logged : seen;
  }

  /**
   * Starts its program, once it is known that it is held as was asked.
   *
   * @throws {AgentError} `UNSUPPORTED` naming the controls that the engine did not give; it was not started.
   */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#checking;
    const timeoutMs = SLOW_MS;
    await this.#context.client.empty("POST", `/containers/${this.id}/start`, { timeoutMs });
    signal?.throwIfAborted();
  }

  /**
   * Has the engine end its program a little after its time, should nobody be left to do it. Call it once it has started,
   * and when nothing more is executed in it: Podman executes nothing in what is to be stopped.
   */
  endWithin(leftMs: number): void {
    this.#lastEnd = new LastEnd(this.#context.client, this.id, leftMs);
  }

  /** Kills all that runs in it. One that does not run any more is fine. */
  async kill(): Promise<void> {
    const query = { signal: "KILL" };
    const accept = [404, 409];
    const path = `/containers/${this.id}/kill`;
    await this.#context.client.empty("POST", path, { query, accept, timeoutMs: QUICK_MS })
      .catch((error) => {
        // Podman says 500 of one that has ended in between.
        if (!(error instanceof EngineError && error.status === 500)) throw error;
      });
  }

  /** How its program ended, once its output has; waits for it. */
  async end(signal?: AbortSignal): Promise<BoxEnd> {
    for (let look = 0;; look++) {
      const found = await this.inspect();
      const { State } = found;
      if (!isRunning(found)) {
        return { exitCode: State?.ExitCode ?? null, oomKilled: State?.OOMKilled === true };
      }
      signal?.throwIfAborted();
      const ms = LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)]!;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }

  /** Whether its program has ended, waiting a little for it. */
  async isOver(): Promise<boolean> {
    return await this.end(AbortSignal.timeout(SOON_MS)).then(() => true, () => false);
  }

  /** Whether somebody else removed it. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Removes it with all that is in it, running or not. Called again, it waits for the first call. */
  remove(): Promise<void> {
    return this.#removing ??= this.#remove();
  }

  async #remove(): Promise<void> {
    const { client, boxes } = this.#context;
    try {
      // 409: the engine is at it already; 500: of Podman, where it ends just then. It is gone when the engine knows none.
      const accept = [404, 409, 500];
      const path = `/containers/${this.id}`;
      const stopping = this.#lastEnd?.begun === true;
      for (let tries = 0;; tries++) {
        const status = await removeContainer(client, path, { force: true, stopping, accept });
        this.#lost = tries === 0 && status === 404;
        if (status < 400 || status === 404) return;
        if (tries === MOST_TRIES) {
          throw new AgentError(
            "UNAVAILABLE",
            `The engine does not remove the sandbox ${this.id} (status ${status})`,
            { server: client.host.text },
          );
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    } catch (error) {
      throw mayBeLeft(error, this.id);
    } finally {
      boxes.delete(this);
      await this.#lastEnd?.over();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

/** An error after which a sandbox could not be removed, saying so; it is the same otherwise. */
export function mayBeLeft(error: unknown, id: string): unknown {
  if (!AgentError.is(error) || error.message.includes(LEFT)) return error;
  const { code, details, message } = error;
  const words = `${message}; the sandbox ${id} ${LEFT} removes it once the engine answers again`;
  if (!(error instanceof EngineError)) {
    return new AgentError(code, words, details as never, { cause: error });
  }
  const told = new EngineError(code, words, details as never, error.status, { cause: error });
  told.brokeOff = error.brokeOff;
  return told;
}

const LEFT = "may be left; sweep()";

type Asked = ReturnType<typeof createBody>;

/** What the engine is asked for a plan, if it can give all that is needed. */
async function ask(
  context: SandboxContext,
  facts: EngineFacts,
  plan: BoxPlan,
): Promise<Asked> {
  const { client, owner } = context;
  const { spec, accepted, expiresMs } = plan;
  const life = { createdMs: Date.now(), ...(expiresMs === undefined ? {} : { expiresMs }) };
  const made = createBody({ ...spec, ownership: ownerLabels(owner, spec.kind, life) }, facts);
  await refuseMissing({ client, owner, facts }, spec.kind, made.gaps, accepted);
  return { ...made, body: withRecord(made, accepted) };
}

function explainImage(error: unknown, image: string, engine: string): unknown {
  if (!(error instanceof EngineError) || error.status !== 404) return error;
  return new AgentError(
    "NOT_FOUND",
    `The engine has no image ${image}; pull(${
      JSON.stringify(image)
    }) gets it from its registry, and so does ` +
      `${engine} pull ${image}`,
    { what: image },
    { cause: error },
  );
}
