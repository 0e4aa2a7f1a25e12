/**
 * Names of users, from the machine's own list. Users of a directory service are not in it.
 *
 * @module
 */

/** The names by number; empty where the list may not be read. */
export function readUsers(path = "/etc/passwd"): Map<number, string> {
  const users = new Map<number, string>();
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    // Numbers without names are what is left then.
    return users;
  }
  for (const line of text.split("\n")) {
    const [name = "", , uid = ""] = line.split(":");
    if (name !== "" && /^[0-9]{1,10}$/.test(uid) && !users.has(Number(uid))) {
      users.set(Number(uid), name);
    }
  }
  return users;
}
