/**
 * What rules find, for every twin: nothing on a clean host, and on a host where one thing is wrong that one thing.
 *
 * Not part of the contract: the wording of titles, notes and advice.
 */

import assert from "assertions";
import {
  applyRules,
  chosenRules,
  findThreats,
  listRules,
} from "../../../src/security/threats/detect.ts";
import { readFacts } from "../../../src/security/threats/facts.ts";
import type { ListenerTls } from "../../../src/security/threats/types.ts";
import { testNeeding } from "../../support/needs.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { wrong } from "../../support/values.ts";
import { put, withHost } from "../host/trees.ts";
import { CASES, CLEAN, hostOf, PID, settle } from "./hosts.ts";

/** Files of other owners are made by the superuser only. */
const noRoot = Deno.uid() === 0 ? undefined : "only the superuser gives files away";

/** Registers the suite for one twin. */
export function threatsConformance(twin: Twin): void {
  const implementation = twin.name;
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("threats", twin, name, async () => {
      await body();
      await twin.idle();
    });

  test("a clean host has no findings", async () => {
    await withHost(CLEAN, async (roots) => {
      settle(roots);
      assert.deepEqual(await findThreats({ implementation }, roots), []);
    });
  });

  for (const one of CASES) {
    const needs = one.rule === "root-runs-users-file" ? noRoot : undefined;
    testNeeding([twin.missing, needs], `threats (${twin.name}): ${one.rule}`, async () => {
      await withHost(hostOf(one), async (roots) => {
        settle(roots);
        one.arrange?.(roots);
        const { tls, also = [] } = one;
        const inspectTls = (_: string, port: number): Promise<Partial<ListenerTls> | boolean> =>
          Promise.resolve(port === 443 ? tls! : true);
        const options = { implementation, ...(tls === undefined ? {} : { inspectTls }) };
        const found = await findThreats(options, roots);
        assert.deepEqual(found.map(({ rule }) => rule), [one.rule, ...also]);
        const [threat] = found;
        for (const [name, value] of Object.entries(one.evidence)) {
          assert.equal(threat!.evidence[name], value, name);
        }
        if (one.process !== undefined) assert.equal(threat!.pid, PID);
        assert.doesNotMatch(JSON.stringify(found), /hunter2/);
        const rest = await findThreats({ ...options, exclude: [one.rule, ...also] }, roots);
        assert.deepEqual(rest, []);
      });
      await twin.idle();
    });
  }

  test("a process that no listing shows", async () => {
    await withHost(CLEAN, async (roots) => {
      settle(roots);
      const facts = await readFacts({ implementation }, roots);
      assert.deepEqual(facts.hidden, []);
      const found = applyRules(chosenRules({}), { ...facts, hidden: [77] });
      assert.deepEqual(found.map(({ rule, pid, severity }) => [rule, pid, severity]), [
        ["hidden-process", 77, "critical"],
      ]);
    });
  });

  test("a listener is asked for TLS where somebody can do that", async () => {
    await withHost(CLEAN, async (roots) => {
      settle(roots);
      const asked: number[] = [];
      const found = await findThreats({
        implementation,
        rules: ["listener-without-tls"],
        inspectTls: (_, port) => {
          asked.push(port);
          return Promise.resolve(port === 22 ? null : false);
        },
      }, roots);
      assert.deepEqual(asked.sort((one, other) => one - other), [22, 443, 6379]);
      assert.deepEqual(found.map(({ evidence }) => [evidence["local"], evidence["tested"]]), [
        ["0.0.0.0 443", true],
      ]);
    });
  });

  test("a certificate that is good, and one that is asked for and not told, are no findings", async () => {
    await withHost(CLEAN, async (roots) => {
      settle(roots);
      const good: Partial<ListenerTls> = {
        version: "TLS 1.3",
        versions: ["TLS 1.2", "TLS 1.3"],
        selfSigned: true,
        validFrom: "2020-01-01T00:00:00.000Z",
        validTo: "2999-01-01T00:00:00.000Z",
        expiryDays: 15,
        key: "RSA-PSS",
        signatureAlgorithm: "sha1WithRSAEncryption",
      };
      for (
        const tls of [
          good,
          { key: "EC P-256", signatureAlgorithm: "sha256WithRSAEncryption" },
          true,
        ]
      ) {
        const inspectTls = () => Promise.resolve(tls);
        assert.deepEqual(await findThreats({ implementation, inspectTls }, roots), []);
      }
      const inspectTls = () => Promise.reject(new Error("away"));
      assert.deepEqual(await findThreats({ implementation, inspectTls }, roots), []);
    });
  });

  test("a machine with containers passes packets on, and is calm", async () => {
    const files = {
      ...CLEAN.files,
      "proc/sys/net/ipv4/ip_forward": "1\n",
      "proc/self/net/dev": "Inter-| Receive\n face |bytes\n  eth0: 1 2\n docker0: 1 2\n",
      "sys/class/net/docker0/flags": "0x1003\n",
    };
    await withHost({ ...CLEAN, files }, async (roots) => {
      settle(roots);
      assert.deepEqual(await findThreats({ implementation }, roots), []);
    });
  });

  test("rules that cannot look say so", async () => {
    await withHost(CLEAN, async (roots) => {
      settle(roots);
      const skipped: Record<string, string> = {};
      const onSkipped = (rule: string, reason: string): void => void (skipped[rule] = reason);
      await findThreats({ implementation, onSkipped }, roots);
      assert.deepEqual(Object.keys(skipped), ["failed-logins", "login-after-failures"]);
      assert.match(skipped["failed-logins"]!, /auth\.log/);
      put(`${roots.files}/var/log/btmp`, new Uint8Array(384));
      put(`${roots.proc}/self/mounts`, "proc /proc proc rw,hidepid=2 0 0\n");
      delete skipped["failed-logins"];
      await findThreats({ implementation, onSkipped }, roots);
      assert.equal(skipped["failed-logins"], undefined);
      assert.match(skipped["login-after-failures"]!, /btmp has only what failed/);
      assert.match(skipped["hidden-process"]!, /hidepid/);
    });
  });

  test("the gravest come first; rules can be chosen", async () => {
    const host = {
      ...CLEAN,
      processes: [...CLEAN.processes, { pid: 700, name: "kswapd0", executable: "/tmp/kswapd0" }],
      files: { ...CLEAN.files, "proc/sys/net/ipv4/ip_forward": "1\n" },
    };
    await withHost(host, async (roots) => {
      settle(roots);
      const rules = async (options: object): Promise<string[]> =>
        (await findThreats({ implementation, ...options }, roots)).map(({ rule }) => rule);
      assert.deepEqual(await rules({}), [
        "kernel-thread-look-alike",
        "executable-in-temporary-folder",
        "ip-forwarding",
      ]);
      assert.deepEqual(await rules({ rules: ["ip-forwarding"] }), ["ip-forwarding"]);
      assert.deepEqual(await rules({ rules: [] }), []);
    });
  });

  test("wrong options are TypeError and RangeError; aborting rejects with the reason", async () => {
    await withHost(CLEAN, async (roots) => {
      const run = (options: unknown): Promise<unknown> => findThreats(wrong(options), roots);
      for (
        const bad of [null, { rules: "all" }, { exclude: [1] }, { inspectTls: true }, {
          certificates: 1,
        }, { onSkipped: 1 }]
      ) {
        await assert.rejects(run(bad), TypeError);
      }
      await assert.rejects(run({ implementation, rules: ["no-such"] }), RangeError);
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await assert.rejects(run({ implementation, signal }), (error) => error === reason);
    });
  });
}

Deno.test("threats: every rule says what it is, when it is wrong and what to do", () => {
  const rules = listRules();
  assert.ok(rules.length >= 20);
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const { id, title, severity, attack, about, falseAlarms, advice } of rules) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.match(severity, /^(low|medium|high|critical)$/);
    assert.match(attack, /^T1\d{3}(\.\d{3})?$/);
    for (const text of [title, about, falseAlarms, advice]) assert.ok(text.length >= 5, id);
  }
  const tested = new Set([...CASES.map(({ rule }) => rule), "hidden-process"]);
  assert.deepEqual(rules.map(({ id }) => id).filter((id) => !tested.has(id)), []);
});
