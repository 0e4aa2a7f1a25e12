/** What is read out of records of logins, hostile lines among them. */

import assert from "assertions";
import { FileQuestions } from "../../../src/security/threats/files.ts";
import { btmpLogins, logLogins, readLogins } from "../../../src/security/threats/logins.ts";
import { put } from "../host/trees.ts";
import { temporary } from "../../support/programs.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const FORM = { size: 384, user: 44, host: 76, seconds: 340 };

function record(kind: number, user: string, host: string, seconds: number): Uint8Array {
  const bytes = new Uint8Array(FORM.size);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, kind, true);
  new TextEncoder().encodeInto(user, bytes.subarray(FORM.user, FORM.user + 32));
  new TextEncoder().encodeInto(host, bytes.subarray(FORM.host, FORM.host + 256));
  view.setUint32(FORM.seconds, seconds, true);
  return bytes;
}

Deno.test("logLogins(): lines of sshd and of PAM, with both kinds of times", () => {
  const iso = "2026-11-28T11:00:00.5+00:00 host";
  const lines = [
    `${iso} sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2`,
    `${iso} sshd-session[1]: Failed password for invalid user a b from 2001:db8::1 port 22 ssh2`,
    `${iso} sshd[1]: Accepted password for ada from 192.0.2.1 port 22 ssh2`,
    `${iso} login[1]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=tty1 ruser= rhost= user=root`,
    `${iso} sshd[1]: Failed publickey for ada from 192.0.2.1 port 22 ssh2: RSA x`,
    `${iso} sshd[1]: pam_unix(sshd:auth): authentication failure; rhost=192.0.2.1 user=root`,
    `${iso} cron[1]: Failed password for root from 192.0.2.1 port 22 ssh2`,
    "Nov 28 10:00:00 host sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2",
    "",
    "nonsense",
  ];
  const found = logLogins(lines.join("\n"), NOW);
  assert.deepEqual(found.map(({ from, user, failed }) => [from, user, failed]), [
    ["192.0.2.1", "root", true],
    ["2001:db8::1", "a b", true],
    ["192.0.2.1", "ada", false],
    ["", "root", true],
    ["192.0.2.1", "root", true],
  ]);
  assert.equal(found[0]!.at, Date.UTC(2026, 10, 28, 11) + 500);
  assert.equal(new Date(found[4]!.at).getFullYear(), 2026);
});

Deno.test("logLogins(): a user's name that looks like a line's end names no other place", () => {
  const user = "x from 198.51.100.1 port 1 ssh2";
  const line =
    `2026-11-28T11:00:00Z h sshd[1]: Failed password for invalid user ${user} from 192.0.2.1 port 2 ssh2`;
  assert.deepEqual(logLogins(line, NOW).map(({ from, user }) => [from, user]), [[
    "192.0.2.1",
    user,
  ]]);
});

Deno.test("logLogins(): a name that holds a place of its own accuses nobody in PAM's lines", () => {
  const line = (given: string, user: string): string =>
    `2026-11-28T11:00:00Z h vsftpd[1]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=${given} rhost=192.0.2.1  user=${user}`;
  const forged = "x rhost=198.51.100.1 user=y";
  const lines = [
    line("ada", "ada"),
    line(forged, "ada"),
    line("ada", forged),
    line(forged, forged),
  ];
  assert.deepEqual(
    logLogins(lines.join("\n"), NOW).map(({ from, user, failed }) => [from, user, failed]),
    [["192.0.2.1", "ada", true], ["", "", true], ["", "", true], ["", "", true]],
  );
});

Deno.test("logLogins(): a December's line that is read in January is last year's", () => {
  const line = "Dec 31 23:00:00 h sshd[1]: Failed password for a from b port 1 ssh2";
  const [found] = logLogins(line, Date.UTC(2027, 0, 1, 12));
  assert.equal(new Date(found!.at).getFullYear(), 2026);
});

Deno.test("btmpLogins(): records of logins, whatever else is there", () => {
  const parts = [
    record(6, "root", "192.0.2.1", 1_700_000_000),
    record(2, "reboot", "", 5),
    record(7, "u".repeat(40), "h\x1b[2J", 1_700_000_001),
    new Uint8Array(100).fill(0xff),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  assert.deepEqual(btmpLogins(bytes, FORM), [
    { at: 1_700_000_000_000, from: "192.0.2.1", user: "root", failed: true },
    { at: 1_700_000_001_000, from: "h\x1b[2J", user: "u".repeat(32), failed: true },
  ]);
  assert.deepEqual(btmpLogins(new Uint8Array(FORM.size - 1), FORM), []);
});

Deno.test("readLogins(): the log before btmp, its end alone, and a reason where there is none", async () => {
  await temporary((folder) => {
    const files = new FileQuestions(folder);
    assert.match((readLogins(files, NOW) as { reason: string }).reason, /journal/);
    put(`${folder}/var/log/btmp`, record(6, "root", "192.0.2.1", 1));
    assert.equal((readLogins(files, NOW) as { path: string }).path, "/var/log/btmp");
    const line = "2026-11-28T11:00:00Z h sshd[1]: Failed password for a from b port 1 ssh2\n";
    put(`${folder}/var/log/auth.log`, `${"x".repeat(5 * 2 ** 20)}\n${line}`);
    const found = readLogins(files, NOW);
    assert.ok("logins" in found);
    assert.deepEqual([found.path, found.logins.length], ["/var/log/auth.log", 1]);
  });
});
