/**
 * A `/proc` that hides other users' processes, mounted for real in name spaces of its own: what cannot be seen is denied, not
 * absent, and what is hidden by a setting is no sign of a rootkit.
 */

import assert from "assertions";
import { testNeeding } from "../../support/needs.ts";
import { DENO, ROOT, temporary } from "../../support/programs.ts";
import { type Twin, twins } from "../../support/twins.ts";
import { NEW, noNameSpaces } from "./spaces.ts";

const both = twins("security");

/** Mounts, starts a program of the superuser, and looks as a user who may not see it. */
const SCRIPT = `
mount -t proc -o hidepid=$1 proc /proc || exit 9
sleep 300 &
export VICTIM=$!
shift
exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
`;

for (const twin of both.each) {
  for (const hidepid of ["1", "2"]) {
    testNeeding(
      [twin.missing, noNameSpaces()],
      `host (${twin.name}): /proc with hidepid=${hidepid}`,
      () => seen(twin, hidepid),
    );
  }
}

async function seen(twin: Twin, hidepid: string): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await temporary(async (folder) => {
    // The other user reads no folder of this one: sources and library go where everybody may read.
    const cache = `${folder}/cache`;
    Deno.mkdirSync(cache);
    const bundle = `${folder}/main.js`;
    Deno.writeTextFileSync(`${folder}/main.ts`, program(twin, listener.addr.port));
    const bundling = await new Deno.Command(DENO, {
      args: ["bundle", "--quiet", "--platform", "deno", "-o", bundle, `${folder}/main.ts`],
      cwd: ROOT,
    }).output();
    assert.ok(bundling.success, new TextDecoder().decode(bundling.stderr));
    for (const path of [folder, cache]) Deno.chmodSync(path, 0o777);
    const run = [DENO, "run", "--allow-all", "--no-prompt", "--no-config", "--cached-only", bundle];
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: [...NEW, "sh", "-c", SCRIPT, "sh", hidepid, ...run],
      env: { DENO_DIR: cache, HOME: folder, AGENT_NATIVE_DIR: `${ROOT}target/release` },
      cwd: folder,
    }).output();
    const said = new TextDecoder().decode(stdout);
    assert.notEqual(said, "", new TextDecoder().decode(stderr));
    const { connection, victim, self, hidden, skipped } = JSON.parse(said);
    assert.deepEqual([connection.pid, connection.reason], [null, "denied"]);
    // Without a look into it a process that is listed has a name only.
    assert.equal(victim?.executable ?? null, null);
    if (hidepid === "2") assert.equal(victim, undefined);
    assert.ok(self);
    assert.deepEqual(hidden, []);
    assert.match(skipped, /hidepid/);
  });
}

function program({ name }: Twin, port: number): string {
  return `
    import { readConnections } from "${ROOT}src/security/host/connections.ts";
    import { readProcesses } from "${ROOT}src/security/host/processes.ts";
    import { findThreats } from "${ROOT}src/security/threats/detect.ts";
    const implementation = "${name}";
    const all = await readConnections({ implementation });
    const processes = await readProcesses({ implementation });
    let skipped;
    const hidden = await findThreats({
      implementation,
      rules: ["hidden-process"],
      onSkipped: (_, reason) => skipped = reason,
    });
    console.log(JSON.stringify({
      connection: all.find(({ protocol, local }) => protocol === "tcp" && local.port === ${port}),
      victim: processes.find(({ pid }) => pid === Number(Deno.env.get("VICTIM"))),
      self: processes.some(({ pid }) => pid === Deno.pid),
      hidden,
      skipped,
    }));`;
}
