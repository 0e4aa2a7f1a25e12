/**
 * Rules about logins.
 *
 * @module
 */

import type { Login } from "../logins.ts";
import type { Rule } from "../rule.ts";

const DAY_MS = 86_400_000;
/** Failures from one place within a day that no forgetful person reaches. */
const FROM_ONE = 20;
/** Failures from anywhere within a day. */
const FROM_ALL = 200;

/** Of the last day, failures by where they came from. */
function failures(logins: readonly Login[], now: number): Map<string, Login[]> {
  const found = new Map<string, Login[]>();
  for (const login of logins) {
    if (!login.failed || login.at < now - DAY_MS || login.at > now + DAY_MS) continue;
    const some = found.get(login.from);
    if (some === undefined) found.set(login.from, [login]);
    else some.push(login);
  }
  return found;
}

/** The place with the most failures, and how many. */
function worst(found: ReadonlyMap<string, readonly Login[]>): [from: string, count: number] {
  let [from, count] = ["", 0];
  for (const [place, some] of found) if (some.length > count) [from, count] = [place, some.length];
  return [from, count];
}

const blind: Rule["blind"] = ({ logins }) => "reason" in logins ? logins.reason : undefined;

/** The rules. */
export const loginRules: readonly Rule[] = [
  {
    id: "failed-logins",
    title: "Many logins failed within a day",
    severity: "medium",
    attack: "T1110",
    about: "Somebody tries passwords: from one place one after the other, or from many.",
    falseAlarms:
      "Whatever is reached from the Internet is tried all day; a program that has an old password.",
    advice: "Allow keys only (PasswordAuthentication no), or let a firewall decide who may ask.",
    find: ({ logins, now }) => {
      if ("reason" in logins) return [];
      const found = failures(logins.logins, now);
      const all = [...found.values()].flat();
      const [from, count] = worst(found);
      if (count < FROM_ONE && all.length < FROM_ALL) return [];
      const users = new Set(all.map(({ user }) => user)).size;
      // No user's name: people type passwords in its place.
      return [{
        evidence: {
          path: logins.path,
          failed: all.length,
          places: found.size,
          users,
          from,
          fromThere: count,
        },
      }];
    },
    blind,
  },
  {
    id: "login-after-failures",
    title: "A login came through after many that failed from the same place",
    severity: "high",
    attack: "T1110",
    about: "It may be that the password was found.",
    falseAlarms: "Somebody who had forgotten it; many people behind one address.",
    advice: "Ask that user, look what was done in the session, and change the password.",
    find: ({ logins, now }) => {
      if ("reason" in logins) return [];
      const { path } = logins;
      return [...failures(logins.logins, now)].flatMap(([from, failed]) => {
        const came = logins.logins.find((login) =>
          !login.failed && login.from === from &&
          failed.filter(({ at }) => at <= login.at).length >= FROM_ONE
        );
        if (came === undefined) return [];
        const at = new Date(came.at).toISOString();
        return [{ evidence: { path, from, user: came.user, failed: failed.length, at } }];
      });
    },
    blind: ({ logins }) => {
      if ("reason" in logins) return logins.reason;
      return logins.path.endsWith("btmp") ? `${logins.path} has only what failed` : undefined;
    },
  },
];
