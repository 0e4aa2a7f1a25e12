/**
 * Somebody's word for a call, asked of the person at the client. What the client carries back is sealed: an answer counts for
 * the tool and the input that were asked about, once, and for ten minutes.
 *
 * @module
 */

import type { ServerContext, ServerSdk } from "../sdk.ts";

/** What a word was asked for. */
export interface Word {
  readonly tool: string;
  readonly digest: string;
}

/** What the client carries. */
interface Sealed extends Word {
  readonly once: string;
}

const SECONDS = 600;
/** So many answers are remembered; with more of them within the time, people are asked again. */
const MOST_USED = 10_000;
const FIELD = "allow";

/** Asks, and judges the answers. */
export class Words {
  readonly #sdk: ServerSdk;
  readonly #codec: ReturnType<ServerSdk["createRequestStateCodec"]>;
  /** Answers that were used, with the time until which they could be used again. */
  readonly #used = new Map<string, number>();

  /** @param sdk The module. */
  constructor(sdk: ServerSdk) {
    this.#sdk = sdk;
    const key = crypto.getRandomValues(new Uint8Array(32));
    this.#codec = sdk.createRequestStateCodec({ key, ttlSeconds: SECONDS });
  }

  /** Judges what a client brings back, before a call begins. */
  readonly verify = (state: string, context: ServerContext): Promise<unknown> =>
    this.#codec.verify(state, context);

  /**
   * The word for a call.
   *
   * @param about The call.
   * @param context With what the client brought back, if it was asked before.
   * @param question What the person is asked.
   * @returns The word, or what the client is to ask.
   */
  async of(
    about: Word,
    context: ServerContext,
    question: () => string,
  ): Promise<"yes" | "no" | ReturnType<ServerSdk["inputRequired"]>> {
    const { inputRequired, inputResponse } = this.#sdk;
    const sealed = context.mcpReq.requestState<Sealed>();
    const answer = inputResponse(context.mcpReq.inputResponses, FIELD);
    const isAbout = sealed?.tool === about.tool && sealed.digest === about.digest;
    if (sealed !== undefined && isAbout && answer.kind === "elicit" && this.#use(sealed.once)) {
      return answer.action === "accept" && answer.content?.[FIELD] === true ? "yes" : "no";
    }
    const state: Sealed = { ...about, once: crypto.randomUUID() };
    return inputRequired({
      inputRequests: {
        [FIELD]: inputRequired.elicit({
          message: question(),
          requestedSchema: {
            type: "object",
            properties: { [FIELD]: { type: "boolean", title: "Allow this call" } },
            required: [FIELD],
          },
        }),
      },
      requestState: await this.#codec.mint(state, context),
    });
  }

  /** Whether an answer was not used before. */
  #use(once: string): boolean {
    const now = Date.now();
    for (const [name, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(name);
    }
    if (this.#used.has(once) || this.#used.size >= MOST_USED) return false;
    this.#used.set(once, now + SECONDS * 1_000);
    return true;
  }
}
