/**
 * Rules about processes: where their executables lie, what they call themselves, who looks into them.
 *
 * @module
 */

import type { Facts } from "../facts.ts";
import { octal, WORLD_WRITABLE } from "../files.ts";
import { about, eachProcess, type Rule } from "../rule.ts";

const TEMPORARY = /^\/(tmp|var\/tmp|dev\/shm|run\/shm|dev\/mqueue)\//;
const SHELL = /^(sh|bash|dash|ash|zsh|ksh|mksh|fish|csh|tcsh|busybox)$/;
const SERVER =
  /^(nginx|apache2|httpd|lighttpd|caddy|php-fpm[\d.]*|php-cgi|tomcat[\d]*|node|gunicorn|uwsgi|mysqld|mariadbd|postgres|redis-server|memcached|java)$/;
/** Programs that run others under their own name, whose name says nothing of the executable. */
const INTERPRETER =
  /^(python[\d.]*|perl[\d.]*|ruby[\d.]*|node|deno|java|bash|dash|sh|zsh|busybox|php[\d.]*|lua[\d.]*|tclsh[\d.]*|guile|mono|dotnet|qemu-.*|ld-linux.*|ld-musl.*)$/;
/** Names that threads of the kernel have. */
const KERNEL_NAME =
  /^\[.*\]$|^(kworker|ksoftirqd|kthreadd|migration|rcu_(sched|bh|preempt|gp)|kswapd\d|kdevtmpfs|khugepaged|kauditd|watchdogd|jbd2)(\/|$|:)/;
/** A first argument in brackets, as listings show threads of the kernel; not the command `[`, whose last argument closes it. */
const LOOKS_KERNEL = /^(?:\[[^\]\s]+\]|'\[[^\]]+\]')(?: |$)/;
const WELL_KNOWN =
  /^(sshd|systemd|systemd-.*|cron|crond|dbus-daemon|rsyslogd|nginx|apache2|httpd|dockerd|containerd|mysqld|postgres|redis-server|init)$/;
const SYSTEM_PLACE = /^\/(usr|bin|sbin|lib|lib64|opt|snap|nix|app)\//;
const DEBUGGER = /^(gdb|lldb|strace|ltrace|rr|delve|dlv|gdbserver|lldb-server|perf)$/;
const MINER =
  /^(xmrig|xmr-stak.*|minerd|cpuminer.*|ethminer|cgminer|bfgminer|nbminer|t-rex|phoenixminer|lolminer|kdevtmpfsi|kinsing|nanominer|srbminer.*|ccminer)$/i;

/** The last part of a path. */
function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Why rules about processes do not see all of them. */
function blind({ denied, isHiding }: Facts): string | undefined {
  if (isHiding) return "/proc is mounted with hidepid and shows no other users' processes";
  return denied > 0
    ? `${denied} processes belong to users into whose this program may not look`
    : undefined;
}

const RULES: readonly Rule[] = [
  {
    id: "deleted-executable",
    title: "A process runs from a file that is gone",
    severity: "medium",
    attack: "T1070.004",
    about: "Malware removes its file once it runs, so that nobody finds it.",
    falseAlarms: "After an update a program runs from the old file until it is started again.",
    advice: "Look whether its package was updated; else copy /proc/<pid>/exe before you end it.",
    find: eachProcess(({ deleted, link }) => deleted === true && !link!.startsWith("/memfd:")),
  },
  {
    id: "executable-in-temporary-folder",
    title: "A process runs from a folder for temporary files",
    severity: "high",
    attack: "T1059",
    about: "Everybody may write there, and what is downloaded through a hole is started there.",
    falseAlarms: "Installers, builds and tests that unpack themselves.",
    advice: "Find out who started it (parent, user); mount such folders with noexec.",
    find: eachProcess(({ link }) => link !== null && TEMPORARY.test(link)),
  },
  {
    id: "memfd-executable",
    title: "A process runs from memory, without a file",
    severity: "high",
    attack: "T1620",
    about: "A program that was loaded into an anonymous file never touches the disk.",
    falseAlarms: "runc, other container runtimes and some sandboxes start themselves that way.",
    advice: "Copy /proc/<pid>/exe for a closer look, then end it.",
    find: eachProcess(({ link, name }) =>
      link !== null && link.startsWith("/memfd:") &&
      !(name.startsWith("runc") && link.startsWith("/memfd:runc_cloned"))
    ),
  },
  {
    id: "library-preloaded",
    title: "LD_PRELOAD is set for a process",
    severity: "medium",
    attack: "T1574.006",
    about: "Code in the preloaded library runs inside of the program, with all it may do.",
    falseAlarms: "jemalloc, faketime, fakeroot, sandboxes and profilers are loaded that way.",
    advice: "Look which library it is in /proc/<pid>/maps. The value is not shown here.",
    find: eachProcess(({ preload }) => preload === true),
  },
  {
    id: "name-and-executable-disagree",
    title: "A process has a system program's name, and another executable",
    severity: "high",
    attack: "T1036.005",
    about: "A process may call itself as it likes, and takes a name that nobody looks at twice.",
    falseAlarms: "A service that was installed below a home folder or in another place.",
    advice: "Compare the executable with that of the package that the name belongs to.",
    find: eachProcess(({ name, executable }) => {
      if (executable === null || !WELL_KNOWN.test(name) || executable === "/init") return false;
      const file = base(executable);
      // A script may give itself any name; one binary for many programs has none of its own.
      return !SYSTEM_PLACE.test(executable) ||
        (INTERPRETER.test(file) && !/^(busybox|qemu-|ld-)/.test(file) && file !== name);
    }),
  },
  {
    id: "kernel-thread-look-alike",
    title: "A program calls itself like a thread of the kernel",
    severity: "critical",
    attack: "T1036.004",
    about: "Threads of the kernel have no executable; who has one and such a name hides.",
    falseAlarms: "Hardly any.",
    advice: "Copy /proc/<pid>/exe, look at its sockets and files, then end it.",
    find: eachProcess(({ name, executable, command }) =>
      executable !== null && (KERNEL_NAME.test(name) || LOOKS_KERNEL.test(command ?? ""))
    ),
  },
  {
    id: "hidden-process",
    title: "A process is in no listing",
    severity: "critical",
    attack: "T1014",
    about:
      "It answers under its number, and the listing of /proc leaves it out: a rootkit does that.",
    falseAlarms: "None is known where /proc is mounted without hidepid.",
    advice: "Do not trust this machine's own tools: look at it from outside.",
    find: ({ hidden }) => hidden.map((pid) => ({ pid, evidence: { pid } })),
  },
  {
    id: "traced-process",
    title: "A process is traced by another",
    severity: "medium",
    attack: "T1055.008",
    about: "Who traces a process reads and changes its memory: passwords, keys, code.",
    falseAlarms: "Debuggers and strace of a developer; sandboxes that are made with ptrace.",
    advice: "Ask who runs the tracer; set kernel.yama.ptrace_scope to 1 or higher.",
    find: eachProcess(({ tracer }, { byPid }) => {
      if (tracer === 0) return false;
      const by = byPid.get(tracer);
      return { tracer, tracerName: by?.name ?? null, isDebugger: DEBUGGER.test(by?.name ?? "") };
    }),
  },
  {
    id: "executable-writable-by-others",
    title: "Anybody may change the executable of a process",
    severity: "high",
    attack: "T1574.010",
    about: "Who replaces it is run as that user at the next start.",
    falseAlarms: "File systems that know no permissions (shared folders of virtual machines).",
    advice: "chmod o-w the file, and look when it was changed.",
    find: eachProcess(({ mode }) =>
      mode !== null && (mode & WORLD_WRITABLE) !== 0 ? { mode: octal(mode) } : false
    ),
  },
  {
    id: "root-runs-users-file",
    title: "The superuser runs a file that belongs to another user",
    severity: "medium",
    attack: "T1574.010",
    about: "The owner of the file decides what the superuser runs.",
    falseAlarms: "Tools that a developer built and started with sudo; files in containers' layers.",
    advice: "Give the file to root, or run it as its owner.",
    find: eachProcess(({ uid, owner, container }, { users }) =>
      uid === 0 && owner !== null && owner !== 0 && container === null
        ? { owner: users.get(owner) ?? owner }
        : false
    ),
  },
  {
    id: "shell-below-server",
    title: "A server has started a shell",
    severity: "high",
    attack: "T1505.003",
    about: "Web servers and databases that are broken into run commands through a shell.",
    falseAlarms: "CGI programs, deploy hooks, and build tools on node or java that start scripts.",
    advice: "Look at the server's log of that minute and at what the shell has open.",
    find: eachProcess((process, { byPid }) => {
      const parent = byPid.get(process.parent);
      if (parent === undefined || !SHELL.test(process.name) || !SERVER.test(parent.name)) {
        return false;
      }
      // Where people develop, these start shells all day; as a service of another user than theirs they do not.
      const isTool = /^(node|java)$/.test(parent.name);
      if (isTool && (parent.uid === 0 || (parent.uid ?? 0) >= 1000)) return false;
      return { parent: parent.pid, parentName: parent.name };
    }),
  },
  {
    id: "shell-on-socket",
    title: "A shell reads its commands from a socket",
    severity: "critical",
    attack: "T1059.004",
    about: "A reverse shell has a connection at its standard streams in place of a terminal.",
    falseAlarms: "inetd and systemd services of socket type whose program is a script; rsh.",
    advice: "Note the peer of the connection, end the shell, and look how it was started.",
    find: (facts) =>
      facts.processes.flatMap((process) => {
        if (process.kernel || !isShell(process.name, process.executable)) return [];
        const streams = process.standard.flatMap((inode, stream) =>
          inode !== null && facts.internet.has(inode) ? [stream] : []
        );
        if (streams.length === 0) return [];
        const peer = facts.connections.find(({ owners, remote, protocol }) =>
          protocol === "tcp" && remote !== null && owners.some(({ pid }) => pid === process.pid)
        );
        const remote = peer?.remote;
        return [about(process, {
          streams: streams.join(","),
          peer: remote ? `${remote.address} ${remote.port}` : null,
        })];
      }),
  },
  {
    id: "miner-process",
    title: "A process is named like a program that mines coins",
    severity: "high",
    attack: "T1496",
    about: "Computing time of broken machines is turned into money.",
    falseAlarms: "Somebody mines on purpose.",
    advice: "End it, and look for what starts it again (cron, systemd, profiles).",
    find: eachProcess(({ name, executable }) =>
      MINER.test(name) || (executable !== null && MINER.test(base(executable)))
    ),
  },
  {
    id: "hidden-name",
    title: "A process runs from a hidden file",
    severity: "medium",
    attack: "T1564.001",
    about:
      "A file or folder whose name begins with a dot or is only blanks is not listed by default.",
    falseAlarms: "Tools in folders such as ~/.cargo, ~/.local and ~/.nvm, which are left out here.",
    advice: "Find out what put the file there.",
    find: eachProcess(({ executable }) => {
      if (executable === null) return false;
      const file = base(executable);
      return file.startsWith(".") || file.trim() === "" ||
        /\/(\.{3,}|\.{1,2} +| +)\//.test(executable);
    }),
  },
];

/** The rules. */
export const processRules: readonly Rule[] = RULES.map((rule) => ({ ...rule, blind }));

function isShell(name: string, executable: string | null): boolean {
  return SHELL.test(name) || (executable !== null && SHELL.test(base(executable)));
}
