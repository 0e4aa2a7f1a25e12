/**
 * `/proc/self/mountinfo`: what is mounted where.
 *
 * @module
 */

/** A mount. */
export interface Mount {
  /** Major and minor number of the device. */
  readonly device: string;
  /** Which folder of the file system. */
  readonly root: string;
  /** Where. */
  readonly mount: string;
  readonly type: string;
  /** What is mounted. */
  readonly source: string;
  /** Options of the file system itself. */
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

/** Reads `mountinfo`. */
export function parseMounts(text: string): Mount[] {
  const found: Mount[] = [];
  for (const line of text.split("\n")) {
    const [before, after] = line.split(" - ", 2);
    const [, , device, root, mount, own] = before!.split(" ").map(unescaped);
    const [type, source, options] = (after ?? "").split(" ").map(unescaped);
    if (device === undefined || root === undefined || mount === undefined || own === undefined) {
      continue;
    }
    if (type === undefined || source === undefined || options === undefined) continue;
    const all = options.split(",");
    const readOnly = own.split(",").includes("ro") || all.includes("ro");
    found.push({ device, root, mount, type, source, options: all, readOnly });
  }
  return found;
}

/** Spaces, tabs, line breaks and backslashes stand there in octal. */
function unescaped(text: string): string {
  return text.replace(
    /\\([0-7]{3})/g,
    (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Kinds of file systems that hold no data of anybody's. */
const WITHOUT_DATA = new Set(
  ("autofs bpf binfmt_misc cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs " +
    "proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs tracefs fuse.gvfsd-fuse fuse.portal fuse.lxcfs")
    .split(" "),
);

/** Folders below which what lies in memory is the system's own. */
const SYSTEM = /^\/(dev|proc|run|sys)(\/|$)/;

/** Those that hold data, each once: at its first place where the whole of it is mounted, if there is one. */
export function withData(mounts: readonly Mount[]): Mount[] {
  const found = new Map<string, Mount>();
  for (const mount of mounts) {
    if (WITHOUT_DATA.has(mount.type)) continue;
    if (mount.type === "tmpfs" && SYSTEM.test(mount.mount)) continue;
    const known = found.get(mount.device);
    if (known === undefined || (known.root !== "/" && mount.root === "/")) {
      found.set(mount.device, mount);
    }
  }
  // What lies under a later mount at the same place cannot be seen.
  const top = new Map(mounts.map((mount) => [mount.mount, mount]));
  return [...found.values()].filter((mount) => top.get(mount.mount) === mount);
}

/** Whose processes `/proc` hides from this program, by its mount's options; undefined if nobody's. */
export function hidesProcesses(mounts: readonly Mount[]): string | undefined {
  const proc = mounts.findLast(({ type, mount }) => type === "proc" && mount === "/proc");
  const option = proc?.options.find((option) => option.startsWith("hidepid="));
  return option === undefined || /^hidepid=(0|off)$/.test(option) ? undefined : option;
}
