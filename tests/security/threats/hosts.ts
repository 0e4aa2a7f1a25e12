/** A host on which there is nothing to find, and for each rule what makes it one on which there is. */

import type { HostRoots } from "../../../src/security/host/reader.ts";
import type { ListenerTls } from "../../../src/security/threats/types.ts";
import { type FakeHost, type FakeProcess, put, socketLine } from "../host/trees.ts";

const LISTEN = (port: string, inode: number): string =>
  socketLine(`00000000:${port}`, "00000000:0000", "0A", inode);

/** A clean host: what a server looks like on which nobody did anything. */
export const CLEAN = {
  processes: [
    { pid: 1, parent: 0, name: "systemd", executable: "/usr/lib/systemd/systemd" },
    { pid: 2, parent: 0, name: "kthreadd", flags: 2_129_984, executable: null, command: [] },
    {
      pid: 3,
      parent: 2,
      name: "kworker/0:1-eve",
      flags: 69_238_880,
      executable: null,
      command: [],
    },
    { pid: 40, name: "sshd", executable: "/usr/sbin/sshd", files: { 3: "socket:[1001]" } },
    { pid: 41, name: "nginx", executable: "/usr/sbin/nginx", files: { 3: "socket:[1002]" } },
    { pid: 42, name: "dhclient", executable: "/usr/sbin/dhclient", files: { 3: "socket:[1003]" } },
    {
      pid: 50,
      parent: 40,
      name: "bash",
      uid: 1000,
      executable: "/usr/bin/bash",
      files: { 0: "/dev/pts/0", 1: "/dev/pts/0", 2: "/dev/pts/0", 3: "socket:[1004]" },
      environment: ["PATH=/usr/bin", "NOT_LD_PRELOAD=1"],
    },
    { pid: 51, parent: 50, name: "defunct", state: "Z", executable: null, command: [] },
    { pid: 52, name: "[", executable: "/usr/bin/[", command: ["[", "-f", "x", "]"] },
    { pid: 60, name: "redis-server", uid: 101, executable: "/usr/bin/redis-check-rdb" },
  ] as FakeProcess[],
  tables: {
    tcp: [
      LISTEN("0016", 1001),
      LISTEN("01BB", 1002),
      socketLine("0100007F:18EB", "00000000:0000", "0A", 1005, 101),
      socketLine("0200000A:D431", "08080808:01BB", "01", 1004, 1000),
    ],
    packet: ["0000 3 3 0003 2 1 0 0 1003"],
  },
  files: {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/srv/ada:/bin/bash\n",
    "etc/shadow": "root:*:1::::::\n",
    "etc/crontab": "# nothing\n",
    "etc/cron.d/job": "# nothing\n",
    "etc/ld.so.preload": "# nothing\n",
    "srv/ada/.ssh/authorized_keys": "ssh-ed25519 AAAA ada\n",
    "tmp/plain": "",
    "proc/sys/kernel/core_pattern": "|/usr/lib/systemd/systemd-coredump %P\n",
    "proc/sys/kernel/randomize_va_space": "2\n",
    "proc/sys/kernel/modprobe": "/sbin/modprobe\n",
    "proc/sys/fs/suid_dumpable": "2\n",
    "proc/sys/net/ipv4/ip_forward": "0\n",
    "proc/sys/net/ipv6/conf/all/forwarding": "0\n",
    "proc/self/net/dev": "Inter-| Receive\n face |bytes\n    lo: 1 2\n  eth0: 1 2\n",
    "sys/class/net/lo/flags": "0x9\n",
    "sys/class/net/eth0/flags": "0x1003\n",
  },
} satisfies FakeHost;

/** Sets the permissions that the clean host has. */
export function settle({ files }: HostRoots): void {
  Deno.chmodSync(`${files}/etc/shadow`, 0o640);
  Deno.chmodSync(`${files}/tmp`, 0o1777);
  for (const path of ["srv/ada", "srv/ada/.ssh", "srv/ada/.ssh/authorized_keys"]) {
    Deno.chmodSync(`${files}/${path}`, 0o700);
  }
}

/** What is different from the clean host, and what is then seen. */
export interface Case {
  rule: string;
  process?: Partial<FakeProcess>;
  tables?: Record<string, string[]>;
  files?: Record<string, string>;
  /** What the listener at port 443 says of TLS. */
  tls?: Partial<ListenerTls>;
  /** Further changes, once the tree is there. */
  arrange?(roots: HostRoots): void;
  /** A part of the evidence. */
  evidence: Record<string, unknown>;
  /** Rules that see it too. */
  also?: string[];
}

/** A line of `sshd` in a log, some minutes ago. */
function sshd(word: string, user: string, from: string): string {
  const at = new Date(Date.now() - 600_000).toISOString();
  return `${at} host sshd[7]: ${word} password for ${user} from ${from} port 4711 ssh2\n`;
}

/** The process that a case adds. */
export const PID = 900;

const shellSocket = { 0: "socket:[7]", 1: "socket:[7]", 2: "/dev/null" };

/** One for each rule but that about processes which no listing shows. */
export const CASES: readonly Case[] = [
  {
    rule: "deleted-executable",
    process: { executable: "/usr/bin/worker (deleted)" },
    evidence: { executable: "/usr/bin/worker" },
  },
  {
    rule: "executable-in-temporary-folder",
    process: { executable: "/dev/shm/x" },
    evidence: { executable: "/dev/shm/x" },
  },
  {
    rule: "memfd-executable",
    process: { executable: "/memfd:x (deleted)" },
    evidence: { executable: "/memfd:x" },
  },
  {
    rule: "library-preloaded",
    process: { environment: ["SECRET=hunter2", "LD_PRELOAD=/opt/hunter2.so"] },
    evidence: { process: "worker" },
  },
  {
    rule: "name-and-executable-disagree",
    process: { name: "sshd", executable: "/usr/bin/perl" },
    evidence: { process: "sshd", executable: "/usr/bin/perl" },
  },
  {
    rule: "kernel-thread-look-alike",
    process: { name: "kworker/1:0", executable: "/usr/bin/x" },
    evidence: { process: "kworker/1:0" },
  },
  {
    rule: "kernel-thread-look-alike",
    process: { command: ["[kworker/0:0]", "--pool", "x"] },
    evidence: { process: "worker" },
  },
  { rule: "traced-process", process: { tracer: 50 }, evidence: { tracer: 50, tracerName: "bash" } },
  {
    rule: "executable-writable-by-others",
    process: { executable: null, uid: 1000 },
    arrange({ proc, files }) {
      put(`${files}/usr/bin/open`, "");
      Deno.chmodSync(`${files}/usr/bin/open`, 0o777);
      Deno.symlinkSync("../../usr/bin/open", `${proc}/${PID}/exe`);
    },
    evidence: { mode: "0777" },
  },
  {
    rule: "root-runs-users-file",
    process: { executable: null },
    arrange({ proc, files }) {
      put(`${files}/usr/bin/own`, "");
      Deno.chmodSync(`${files}/usr/bin/own`, 0o755);
      Deno.chownSync(`${files}/usr/bin/own`, 1000, 1000);
      Deno.symlinkSync("../../usr/bin/own", `${proc}/${PID}/exe`);
    },
    evidence: { owner: "ada" },
  },
  {
    rule: "shell-below-server",
    process: { name: "sh", parent: 41, executable: "/usr/bin/dash" },
    evidence: { parent: 41, parentName: "nginx" },
  },
  {
    rule: "shell-on-socket",
    process: { name: "bash", executable: "/usr/bin/bash", files: shellSocket },
    tables: { tcp: [socketLine("0200000A:D431", "0300000A:1F91", "01", 7)] },
    evidence: { streams: "0,1", peer: "10.0.0.3 8081" },
  },
  {
    rule: "miner-process",
    process: { name: "xmrig", executable: "/opt/xmrig" },
    evidence: { process: "xmrig" },
  },
  {
    rule: "hidden-name",
    process: { executable: "/var/lib/.../x" },
    evidence: { executable: "/var/lib/.../x" },
  },
  {
    rule: "listener-without-tls",
    process: { files: { 3: "socket:[7]" } },
    tables: { tcp: [LISTEN("0CEA", 7)] },
    evidence: { local: "0.0.0.0 3306", usual: "mysql", tested: false },
  },
  {
    rule: "docker-api-open",
    process: { files: { 3: "socket:[7]" } },
    tables: { tcp: [socketLine("0200000A:0947", "00000000:0000", "0A", 7)] },
    evidence: { local: "10.0.0.2 2375" },
  },
  {
    rule: "miner-pool",
    process: { files: { 3: "socket:[7]" } },
    tables: { tcp: [socketLine("0200000A:D431", "08080808:0D05", "01", 7)] },
    evidence: { remote: "8.8.8.8 3333" },
  },
  {
    rule: "packet-socket",
    process: { files: { 3: "socket:[7]" } },
    tables: { packet: ["0000 3 3 0003 2 1 0 0 7"] },
    evidence: { process: "worker", interface: 2 },
  },
  {
    rule: "raw-socket",
    process: { files: { 3: "socket:[7]" } },
    tables: { raw: [socketLine("00000000:0001", "00000000:0000", "07", 7)] },
    evidence: { protocol: "raw", process: "worker" },
  },
  {
    rule: "promiscuous-interface",
    files: { "sys/class/net/eth0/flags": "0x1103\n" },
    evidence: { interface: "eth0", flags: "0x1103" },
  },
  {
    rule: "listener-of-interpreter",
    process: { name: "nc", executable: "/usr/bin/nc", files: { 3: "socket:[7]" } },
    tables: { tcp6: [socketLine(`${"0".repeat(32)}:2711`, `${"0".repeat(32)}:0000`, "0A", 7)] },
    evidence: { process: "nc", local: ":: 10001" },
  },
  {
    rule: "certificate-expired",
    tls: { subject: "CN=shop", validTo: "2020-01-01T00:00:00.000Z", expiryDays: -9 },
    evidence: { subject: "CN=shop", local: "0.0.0.0 443", until: "2020-01-01T00:00:00.000Z" },
  },
  {
    rule: "certificate-expired",
    tls: { validFrom: "2999-01-01T00:00:00.000Z", expiryDays: 999_999 },
    evidence: { from: "2999-01-01T00:00:00.000Z" },
  },
  { rule: "certificate-expires-soon", tls: { expiryDays: 14 }, evidence: { days: 14 } },
  { rule: "certificate-weak", tls: { key: "RSA 1024" }, evidence: { weak: "key RSA 1024" } },
  {
    rule: "certificate-weak",
    tls: { key: "RSA 2048", signatureAlgorithm: "sha1WithRSAEncryption", selfSigned: false },
    evidence: { weak: "signature sha1WithRSAEncryption" },
  },
  {
    rule: "tls-outdated",
    tls: { versions: ["TLS 1.0", "TLS 1.1", "TLS 1.2"] },
    evidence: { versions: "TLS 1.0, TLS 1.1" },
  },
  {
    rule: "failed-logins",
    files: { "var/log/auth.log": sshd("Failed", "invalid user hunter2", "192.0.2.7").repeat(20) },
    evidence: { path: "/var/log/auth.log", failed: 20, users: 1, from: "192.0.2.7", places: 1 },
  },
  {
    rule: "login-after-failures",
    files: {
      "var/log/auth.log": sshd("Failed", "root", "192.0.2.7").repeat(20) +
        sshd("Accepted", "root", "192.0.2.7"),
    },
    also: ["failed-logins"],
    evidence: { from: "192.0.2.7", user: "root", failed: 20 },
  },
  {
    rule: "preload-file",
    files: { "etc/ld.so.preload": "/lib/evil.so # all\n" },
    evidence: { first: "/lib/evil.so", libraries: 1 },
  },
  {
    rule: "set-uid-in-writable-folder",
    files: { "tmp/a/b/sh": "" },
    arrange: ({ files }) => Deno.chmodSync(`${files}/tmp/a/b/sh`, 0o4755),
    evidence: { path: "/tmp/a/b/sh", mode: "04755" },
  },
  {
    rule: "start-file-writable",
    arrange: ({ files }) => Deno.chmodSync(`${files}/etc/cron.d/job`, 0o666),
    evidence: { path: "/etc/cron.d/job", mode: "0666" },
  },
  {
    rule: "login-keys-writable",
    arrange: ({ files }) => Deno.chmodSync(`${files}/srv/ada/.ssh/authorized_keys`, 0o660),
    evidence: { path: "/srv/ada/.ssh/authorized_keys" },
  },
  {
    rule: "container-socket-open",
    files: { "run/docker.sock": "" },
    arrange: ({ files }) => Deno.chmodSync(`${files}/run/docker.sock`, 0o666),
    evidence: { path: "/run/docker.sock", mode: "0666" },
  },
  {
    rule: "passwords-readable",
    arrange: ({ files }) => Deno.chmodSync(`${files}/etc/shadow`, 0o644),
    evidence: { path: "/etc/shadow", mode: "0644" },
  },
  {
    rule: "second-superuser",
    files: { "etc/passwd": `${CLEAN.files["etc/passwd"]}help:x:0:0::/:/bin/sh\n` },
    evidence: { user: "help" },
  },
  {
    rule: "regular-file-in-dev",
    files: { "dev/sda9": "" },
    evidence: { path: "/dev/sda9" },
  },
  {
    rule: "core-pattern-writable",
    files: { "proc/sys/kernel/core_pattern": "|/tmp/handler %p\n" },
    evidence: { program: "/tmp/handler" },
  },
  {
    rule: "ip-forwarding",
    files: { "proc/sys/net/ipv4/ip_forward": "1\n" },
    evidence: { setting: "net.ipv4.ip_forward", value: "1" },
  },
  {
    rule: "address-randomization-off",
    files: { "proc/sys/kernel/randomize_va_space": "0\n" },
    evidence: { value: "0" },
  },
  {
    rule: "privileged-core-dumps",
    files: { "proc/sys/fs/suid_dumpable": "1\n" },
    evidence: { value: "1" },
  },
  {
    rule: "module-loader-changed",
    files: { "proc/sys/kernel/modprobe": "/var/x\n" },
    evidence: { program: "/var/x" },
  },
];

/** The tree of a case. */
export function hostOf(one: Case): FakeHost {
  const added = one.process === undefined ? [] : [{ pid: PID, ...one.process }];
  const tables: Record<string, string[]> = { ...CLEAN.tables };
  for (const [name, lines] of Object.entries(one.tables ?? {})) {
    tables[name] = [...tables[name] ?? [], ...lines];
  }
  return {
    processes: [...CLEAN.processes, ...added],
    tables,
    files: { ...CLEAN.files, ...one.files },
  };
}
