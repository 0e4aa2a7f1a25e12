/** What thresholds say, and which ones nobody can mean. */

import assert from "assertions";
import fc from "fast-check";
import { figuresOf } from "../../src/monitor/thresholds/figures.ts";
import { parseMetric } from "../../src/monitor/thresholds/path.ts";
import { checkThreshold, Rule } from "../../src/monitor/thresholds/rule.ts";
import { checkThresholds } from "../../src/monitor/thresholds/watch.ts";
import type { Alert, Threshold } from "../../src/monitor/monitor_types.ts";
import type { Snapshot } from "../../src/monitor/types.ts";
import { processesWith, processWith, scripted, snapshotWith } from "./scripted.ts";

/** The numbers of a metric, by the metric of each item. */
function numbers(metric: string, snapshot: Snapshot): Record<string, number | null> {
  const figures = figuresOf(parseMetric(metric, "metric"), snapshot);
  return Object.fromEntries(figures.map(({ metric, value }) => [metric, value]));
}

const shares = { nice: 0, system: 0.1, idle: 0.5, iowait: 0, irq: 0, softirq: 0, steal: 0 };
const network = {
  receivedPackets: 0,
  sentPackets: 0,
  receiveErrors: 0,
  sendErrors: 0,
  receiveDrops: 0,
  sendDrops: 0,
};
const filesystem = {
  device: "/dev/sda1",
  type: "ext4",
  free: 30,
  inodes: 10,
  inodesFree: 5,
  readOnly: false,
};

const SNAPSHOT = snapshotWith({
  cpu: {
    busy: 0.4,
    shares: { user: 0.3, ...shares },
    cores: [{ cpu: 0, busy: 0.1, shares: null }, {
      cpu: 3,
      busy: 0.7,
      shares: { user: 0.6, ...shares },
    }],
    count: 2,
    contextSwitches: 5,
    interrupts: 6,
  },
  filesystems: [
    { ...filesystem, mount: "/", total: 100, available: 20 },
    { ...filesystem, mount: "/odd]name\\ / x", total: 0, available: 0 },
  ],
  networks: [{ name: "eth0", receivedBytes: 1, sentBytes: 2, ...network }],
  processes: processesWith([
    processWith({ pid: 7, name: "web", rss: 10, cpu: 0.5 }),
    processWith({ pid: 8, name: "web", rss: 20, cpu: null }),
    processWith({ pid: 9, name: "a=b", rss: 5, cpu: null }),
  ]),
  operations: {
    "check.out": { count: 3, failed: 1, rate: 2, p50: 1, p95: 2, p99: 3, max: 4 },
    idle: { count: 0, failed: 0, rate: 0, p50: null, p95: null, p99: null, max: null },
  },
  runtime: { "cache:pages": { count: 1, hitRatio: 0.5 } },
  unavailable: { "pressure": "no PSI", "processes.list[].cpu": "it began in the window" },
});

Deno.test("thresholds: a path leads to the number that it names", () => {
  const cases: [string, Record<string, number | null>][] = [
    ["cpu.busy", { "cpu.busy": 0.4 }],
    ["cpu.shares.user", { "cpu.shares.user": 0.3 }],
    ["cpu.cores[3].busy", { "cpu.cores[3].busy": 0.7 }],
    ["cpu.cores[*].shares.user", {
      "cpu.cores[0].shares.user": null,
      "cpu.cores[3].shares.user": 0.6,
    }],
    ["filesystems[/].available", { "filesystems[/].available": 20 }],
    ["filesystems[/odd\\]name\\\\ / x].total", { "filesystems[/odd\\]name\\\\ / x].total": 0 }],
    ["filesystems[/].available / filesystems[/].total", {
      "filesystems[/].available / filesystems[/].total": 0.2,
    }],
    ["filesystems[*].available / filesystems[*].total", {
      "filesystems[/].available / filesystems[/].total": 0.2,
      "filesystems[/odd\\]name\\\\ / x].available / filesystems[/odd\\]name\\\\ / x].total": null,
    }],
    ["cpu.cores[*].busy / cpu.count", {
      "cpu.cores[0].busy / cpu.count": 0.05,
      "cpu.cores[3].busy / cpu.count": 0.35,
    }],
    ["networks[eth0].sentBytes", { "networks[eth0].sentBytes": 2 }],
    ["disks[sda].utilization", { "disks[sda].utilization": null }],
    ["disks[*].utilization", { "disks[*].utilization": null }],
    ["processes.count", { "processes.count": 3 }],
    ["processes.list[name=web].rss", { "processes.list[name=web].rss": 30 }],
    ["processes.list[name=web].cpu", { "processes.list[name=web].cpu": 0.5 }],
    ["processes.list[name=a=b].cpu", { "processes.list[name=a=b].cpu": null }],
    ["processes.list[pid=9].rss", { "processes.list[pid=9].rss": 5 }],
    ["processes.list[name=web].count", { "processes.list[name=web].count": 2 }],
    ["processes.list[name=none].count", { "processes.list[name=none].count": 0 }],
    ["processes.list[name=none].rss", { "processes.list[name=none].rss": null }],
    ["operations[check.out].p99", { "operations[check.out].p99": 3 }],
    ["operations[*].p99", { "operations[check.out].p99": 3, "operations[idle].p99": null }],
    ["operations[constructor].p99", { "operations[constructor].p99": null }],
    ["runtime[cache:pages].hitRatio", { "runtime[cache:pages].hitRatio": 0.5 }],
    ["pressure.io.some.avg10", { "pressure.io.some.avg10": null }],
  ];
  for (const [metric, expected] of cases) assert.deepEqual(numbers(metric, SNAPSHOT), expected);
});

Deno.test("thresholds: why a number is null is known", () => {
  const reason = (metric: string): string | undefined =>
    figuresOf(parseMetric(metric, "metric"), SNAPSHOT).find(({ value }) => value === null)?.reason;
  assert.equal(reason("pressure.io.some.avg10"), "no PSI");
  assert.equal(reason("processes.list[pid=9].cpu"), "it began in the window");
  assert.equal(reason("networks[eth1].sentBytes"), "there is none called eth1");
  assert.equal(reason("temperatures[*].celsius"), "there is none on this machine");
  assert.equal(
    reason("filesystems[*].available / filesystems[*].total"),
    "filesystems[/odd\\]name\\\\ / x].total is 0",
  );
});

Deno.test("thresholds: a path that leads nowhere says where it could lead", () => {
  const cases: [string, RegExp][] = [
    ["cpu.bussy", /cpu has no figure "bussy"; did you mean busy\?/],
    ["cpus.busy", /a snapshot has no figure "cpus"; did you mean cpu\?/],
    ["cpu", /cpu is no number; go on, such as with \.busy/],
    ["cpu.busy.user", /cpu.busy is a number/],
    ["cpu.cores.busy", /cores are several; choose, such as cores\[\*\]/],
    ["cpu[0].busy", /cpu is not a list/],
    ["disks[].reads", /brackets of disks are empty/],
    ["disks[sda.reads", /closing \] is missing/],
    ["disks[sda]x", /"x" is not expected there|is no number/],
    ["processes.list[*].rss", /chosen by \[name=NAME\] or \[pid=NUMBER\]/],
    ["processes.list[pid=x].rss", /chosen by \[name=NAME\]/],
    ["operations[a].p42", /did you mean p50|has no figure "p42"/],
    ["runtime[cache].hitRtio", /did you mean hitRatio\?/],
    ["cpu.busy / ", /a name is missing/],
    ["cpu.busy * 2", /" \* 2" is not expected there/],
    ["cpu.count / cpu.cores[*].busy", /\[\*\] must stand for items of the same list/],
    ["disks[*].reads / filesystems[*].total", /same list/],
    ["", /a name is missing/],
    ["__proto__", /has no figure "__proto__"/],
    ["unavailable", /has no figure/],
    ["at", /has no figure/],
    [".", /a name is missing/],
    ["x".repeat(2_000), /1000 characters at most/],
  ];
  for (const [metric, pattern] of cases) {
    assert.throws(() => parseMetric(metric, "options.thresholds[0].metric"), (error) => {
      assert.ok(error instanceof RangeError, metric);
      assert.match(error.message, pattern);
      assert.match(error.message, /^options\.thresholds\[0\]\.metric "/);
      return true;
    });
  }
});

Deno.test("thresholds: any text is a path or a RangeError, and its metric reads back the same", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."cpu.busydisks[]*/ \\=0name") });
  fc.assert(fc.property(fc.oneof(fc.string(), letters), (text) => {
    try {
      parseMetric(text, "metric");
    } catch (error) {
      assert.ok(error instanceof RangeError);
    }
  }));
  fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => {
    fc.pre(name !== "*");
    const metric = `networks[${name.replace(/[\]\\]/g, "\\$&")}].sentBytes`;
    const snapshot = snapshotWith({
      networks: [{ name, receivedBytes: 1, sentBytes: 2, ...network }],
    });
    const [figure] = figuresOf(parseMetric(metric, "metric"), snapshot);
    assert.deepEqual([figure?.value, figure?.metric], [2, metric]);
  }));
});

Deno.test("thresholds: what nobody can mean is refused, and the error says what to do", () => {
  const cases: [unknown, RegExp][] = [
    [{ metric: "cpu.busy" }, /must have above or below, got neither/],
    [{ metric: "cpu.busy", above: 1, below: 0 }, /got both; make two thresholds/],
    [{ metric: "cpu.busy", above: NaN }, /\[0\]\.above must be a finite number, got NaN/],
    [{ metric: "cpu.busy", below: -Infinity }, /\[0\]\.below must be a finite number/],
    [{ metric: "cpu.busy", above: "1" }, /\[0\]\.above must be a number, got "1"/],
    [{ metric: "cpu.busy", above: 0.9, clear: 0.95 }, /clear must be at most 0.9, its above/],
    [{ metric: "memory.free", below: 5, clear: 4 }, /clear must be at least 5, its below/],
    [{ metric: "cpu.busy", above: 1, clear: NaN }, /clear must be a finite number/],
    [{ metric: "cpu.busy", above: 1, forMs: -1 }, /forMs must be a whole number/],
    [{ metric: "cpu.busy", above: 1, forMS: 1 }, /no field "forMS"; did you mean forMs\?/],
    [{ metric: "cpu.busy", above: 1, severity: "bad" }, /severity must be "info", "warning"/],
    [{ metric: "cpu.busy", above: 1, name: "" }, /name must be a name of 1 to 200/],
    [{ metric: 7, above: 1 }, /metric must be a string/],
    ["cpu.busy > 1", /must be an object/],
  ];
  for (const [threshold, pattern] of cases) {
    assert.throws(() => checkThresholds([threshold], () => true), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, pattern);
      return true;
    });
  }
  const together = (...thresholds: Threshold[]) => () => checkThresholds(thresholds, () => true);
  assert.throws(
    together({ metric: "cpu.busy", above: 0.2 }, { metric: "cpu.busy", below: 0.5 }),
    /\[1\] contradicts options.thresholds\[0\]: no value of cpu.busy is within both below 0.5 and above 0.2/,
  );
  assert.throws(
    together({ metric: "cpu.busy", above: 0.2 }, { metric: "cpu.busy", above: 0.2 }),
    /\[1\] has the name of options.thresholds\[0\], "cpu.busy > 0.2"; give it another/,
  );
  together({ metric: "cpu.busy", above: 0.5 }, { metric: "cpu.busy", below: 0.2 })();
  together({ metric: "cpu.busy", above: 0.5 }, { metric: "cpu.busy", above: 0.9 })();
  assert.throws(
    () => scripted({ include: ["cpu"], thresholds: [{ metric: "swap.used", above: 1 }] }),
    /needs "memory", which options.include leaves out; add it there/,
  );
  scripted({ include: ["memory"], thresholds: [{ metric: "swap.used / self.rss", above: 1 }] })
    .monitor.close();
});

/** Shows values to a rule, one a second, and gives what it says of each. */
function shown(
  threshold: Omit<Threshold, "metric">,
  values: readonly (number | null)[],
): (Alert | undefined)[] {
  const rule = new Rule(checkThreshold({ metric: "cpu.busy", ...threshold }, "threshold"));
  return values.map((value, i) => {
    const figure = { metric: "cpu.busy", value, reason: "denied", isIdle: false };
    const alerts = rule.see([figure], { time: i * 1_000, at: `T${i}` });
    assert.ok(alerts.length <= 1);
    return alerts[0];
  });
}

function states(
  threshold: Omit<Threshold, "metric">,
  values: readonly (number | null)[],
): string[] {
  return shown(threshold, values).map((alert) => alert?.state ?? "");
}

Deno.test("thresholds: firing, for how long, and hysteresis", () => {
  assert.deepEqual(states({ above: 5 }, [5, 6, 7, 5, 6]), ["", "firing", "", "resolved", "firing"]);
  assert.deepEqual(states({ below: 5 }, [5, 4, 5]), ["", "firing", "resolved"]);
  const slow = { above: 5, forMs: 2_000 };
  assert.deepEqual(states(slow, [6, 6, 6, 4]), ["", "", "firing", "resolved"]);
  assert.deepEqual(states(slow, [6, 6, 5, 6, 6]), ["", "", "", "", ""], "it did not hold");
  assert.deepEqual(
    states({ above: 5, clear: 3 }, [6, 4, 5, 3.5, 3, 4]),
    ["firing", "", "", "", "resolved", ""],
  );
  const [, , firing, , resolved] = shown({ ...slow, clear: 2, name: "hot", severity: "critical" }, [
    6,
    6,
    7,
    4,
    1,
  ]);
  assert.deepEqual(firing, {
    name: "hot",
    metric: "cpu.busy",
    severity: "critical",
    state: "firing",
    value: 7,
    threshold: 5,
    since: "T0",
    at: "T2",
    message: "cpu.busy is 7, above 5 for 2000 ms or more",
    missed: 0,
  });
  assert.equal(resolved?.since, "T4");
  assert.equal(resolved?.message, "cpu.busy is 1, not above 5 any more, and back at 2");
});

Deno.test("thresholds: a figure that is lost is told, and neither ends nor begins an alert", () => {
  assert.deepEqual(states({ above: 5 }, [6, null, null, 6, 4]), [
    "firing",
    "unknown",
    "",
    "firing",
    "resolved",
  ]);
  assert.deepEqual(states({ above: 5 }, [6, null, 4]), ["firing", "unknown", "resolved"]);
  assert.deepEqual(states({ above: 5, clear: 3 }, [6, null, 4]), ["firing", "unknown", "firing"]);
  assert.deepEqual(states({ above: 5 }, [null, null, 4]), ["unknown", "", "resolved"]);
  assert.deepEqual(states({ above: 5 }, [4, null, 6]), ["", "unknown", "firing"]);
  const slow = { above: 5, forMs: 2_000 };
  assert.deepEqual(states(slow, [6, null, 6, 6, 6]), ["", "unknown", "", "", "firing"]);
  assert.deepEqual(states(slow, [6, null, 6, 4]), ["", "unknown", "", "resolved"]);
  const [, unknown, back] = shown({ above: 5 }, [6, null, 7]);
  assert.equal(unknown?.value, null);
  assert.equal(unknown?.message, "cpu.busy cannot be read: denied; it was above 5 (cpu.busy > 5)");
  assert.equal(back?.since, "T0", "it is the same alert as before");
});

Deno.test("thresholds: alerts alternate, hold for as long as asked, and never flap within the hysteresis", () => {
  const value = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 10 }) }, {
    weight: 1,
    arbitrary: fc.constant(null),
  });
  fc.assert(fc.property(
    fc.array(value, { maxLength: 60 }),
    fc.integer({ min: 3, max: 8 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 4 }),
    fc.boolean(),
    (values, limit, gap, seconds, isAbove) => {
      // Seen from the other side it is the same.
      const turned = values.map((one) => one === null || isAbove ? one : -one);
      const sign = isAbove ? 1 : -1;
      const threshold = {
        [isAbove ? "above" : "below"]: sign * limit,
        clear: sign * (limit - gap),
        forMs: seconds * 1_000,
      };
      let isFiring = false;
      let said: Alert["state"] | undefined;
      for (const [i, alert] of shown(threshold, turned).entries()) {
        const now = values[i]!;
        if (alert !== undefined) {
          assert.notEqual(alert.state, said, "nothing is said twice");
          said = alert.state;
          assert.equal(alert.value === null, alert.state === "unknown");
        }
        if (alert?.state === "firing") {
          if (!isFiring) {
            assert.ok(now > limit);
            for (let j = i - seconds; j <= i; j++) assert.ok(values[j]! > limit, "it held so long");
          } else assert.ok(now > limit - gap);
          isFiring = true;
        }
        if (alert?.state === "resolved") {
          assert.ok(isFiring ? now <= limit - gap : now <= limit);
          isFiring = false;
        }
        if (alert?.state === "unknown") assert.equal(now, null);
        if (now === null) assert.equal(said, "unknown");
        else if (isFiring) assert.ok(now > limit - gap, "it would have ended");
        else if (i >= seconds) {
          const isHeld = values.slice(i - seconds, i + 1).every((one) =>
            one !== null && one > limit
          );
          assert.ok(!isHeld, "it would have begun");
        }
      }
    },
  ));
});

Deno.test("thresholds: each item of [*] stands for itself; one that leaves is told if it was firing", () => {
  const rule = new Rule(checkThreshold({ metric: "networks[*].sentBytes", above: 5 }, "threshold"));
  let second = 0;
  const see = (some: Record<string, number>): string[] => {
    const networks = Object.entries(some).map(([name, sentBytes]) => ({
      name,
      receivedBytes: 0,
      sentBytes,
      ...network,
    }));
    const figures = figuresOf(rule.threshold.metric, snapshotWith({ networks }));
    return rule.see(figures, { time: second++, at: "" }).map(({ metric, state }) =>
      `${metric.slice(9, -11)} ${state}`
    );
  };
  assert.deepEqual(see({ a: 1, b: 6 }), ["b firing"]);
  assert.deepEqual(see({ a: 7, b: 6, c: 1 }), ["a firing"]);
  assert.deepEqual(see({ b: 6 }), ["a unknown"], "c was within the limit and may go");
  assert.deepEqual(see({ a: 1, b: 6 }), ["a resolved"]);
  assert.deepEqual(rule.standing().map(({ metric }) => metric), ["networks[b].sentBytes"]);
  for (let i = 0; i < 3_000; i++) see({ [`veth${i}`]: 9 });
  assert.ok(rule.standing().length <= 1_000, "what is remembered has a bound");
});

Deno.test("thresholds: an idle operation is no failure, unless its alert was firing", () => {
  const idle = { count: 1, failed: 0, rate: 0, p50: null, p95: null, p99: null, max: null };
  const rule = new Rule(checkThreshold({ metric: "operations[pay].p99", above: 5 }, "threshold"));
  let second = 0;
  const see = (operations: Snapshot["operations"]): string[] => {
    const figures = figuresOf(rule.threshold.metric, snapshotWith({ operations }));
    return rule.see(figures, { time: second++, at: "" }).map(({ state }) => state);
  };
  assert.deepEqual(see({}), []);
  assert.deepEqual(see({ pay: idle }), []);
  assert.deepEqual(see({ pay: { ...idle, p99: 9 } }), ["firing"]);
  assert.deepEqual(see({ pay: idle }), ["unknown"]);
  assert.deepEqual(see({ pay: { ...idle, p99: 1 } }), ["resolved"]);
});
