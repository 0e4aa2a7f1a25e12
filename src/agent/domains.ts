/**
 * The built-in domains. A domain does one thing: of the chunks found for a question it prefers
 * those that speak the language of its field, which decides what an ambiguous word means.
 *
 * @module
 */
import { checkString, checkStrings, fieldsOf, wrongType, wrongValue } from "../shared/arguments.ts";
import { CUES } from "./domains/cues.ts";
import { readyTools } from "./loop/tools.ts";
import type { DomainProfile } from "./types.ts";

/** The domain that answers when no other is asked for, or an unknown one. */
export const GENERAL = "general";

/** The domains that every agent has. */
export const BUILT_IN_DOMAINS: Readonly<Record<string, DomainProfile>> = {
  general: { description: "Everything; no chunk is preferred.", vocabulary: [], weight: 0 },
  developer: {
    description: "Software: programs, interfaces, tools and their settings.",
    cues: CUES.developer,
    vocabulary:
      ("api argument async build bug class cli code command compile compiler config configuration " +
        "debug default dependency deploy directory error exception file flag function git http import " +
        "install interface json library method module object package parameter port process program query " +
        "release repository request return runtime script server shell source string syntax terminal test " +
        "thread type variable version").split(" "),
  },
  trader: {
    description: "Markets: instruments, orders, risk and accounts.",
    cues: CUES.trader,
    vocabulary:
      ("account ask asset bid bond broker buyer capital contract currency dividend equity exchange execution " +
        "expiry exposure futures hedge instrument interest leverage liquidity loss margin market maturity " +
        "option order portfolio position premium price profit quote risk security seller settlement share " +
        "short spread stock stop strike trade trader trading underlying volatility volume yield")
        .split(" "),
  },
  lawyer: {
    description: "Law: contracts, duties, rights and procedure.",
    cues: CUES.lawyer,
    vocabulary:
      ("agreement appeal arbitration breach claim clause compensation confidential consent consideration " +
        "contract copyright court damages defendant dispute duty enforce evidence governing indemnity " +
        "judgment jurisdiction law lawyer lease legal liability licence license notice obligation owner party " +
        "penalty plaintiff property provision remedy right signature statute tenant term termination " +
        "trademark void waiver warranty witness").split(" "),
  },
};

/** Checks domains given by a caller. */
export function checkDomains(domains: Readonly<Record<string, DomainProfile>>): void {
  for (const [name, profile] of Object.entries(domains)) {
    const at = `options.domains.${name}`;
    // Objects have a setter of that name: a domain would be taken and never found again.
    if (name === "__proto__") throw wrongValue("the name of a domain", "another", name);
    const { description, vocabulary } = fieldsOf(profile ?? null, at);
    checkString(description, `${at}.description`);
    checkStrings(vocabulary, `${at}.vocabulary`);
    const { cues = [] } = profile;
    if (!Array.isArray(cues)) throw wrongType(`${at}.cues`, "a list of words and patterns", cues);
    for (const cue of cues) {
      if (typeof cue !== "string" && !(cue instanceof RegExp)) {
        throw wrongType(`${at}.cues`, "words and patterns", cue);
      }
    }
    if (profile.tools !== undefined) readyTools(profile.tools);
    const weight = profile.weight ?? 0.5;
    if (!(weight >= 0 && weight <= 4)) throw wrongValue(`${at}.weight`, "from 0 to 4", weight);
  }
}
