/**
 * What a source may read, asked of Deno before each reading; nothing here ever prompts.
 *
 * @module
 */

/** A kind of figures that Deno has a permission for. */
export type SysKind = Exclude<Deno.SysPermissionDescriptor["kind"], undefined>;

/** Why the kernel's own files cannot be read; undefined where they can. */
export interface Access {
  /** The machine's figures. */
  readonly machine: string | undefined;
  /** Other processes' details, and what is mounted. */
  readonly others: string | undefined;
}

/** May a kind of figure be asked of Deno? */
export function maySys(kind: SysKind): boolean {
  return isWhole({ name: "sys", kind });
}

/** May all files be read? */
export function mayRead(): boolean {
  return isWhole({ name: "read", path: "/" });
}

/** What the native twin may read: it never goes round Deno's permissions. */
export function nativeAccess(): Access {
  if (!isLinux()) return onlyLinux();
  if (!isWhole({ name: "sys" })) return { machine: "needs --allow-sys", others: NEEDS_BOTH };
  return { machine: undefined, others: mayRead() ? undefined : NEEDS_BOTH };
}

const NEEDS_BOTH = "needs --allow-sys and --allow-read";
const NEEDS_ALL = "needs --allow-all or the native library";

/** What the pure twin may read: Deno lets only programs that may do everything read `/proc`. */
export function pureAccess(): Access {
  if (!isLinux()) return onlyLinux();
  const refused = { machine: NEEDS_ALL, others: NEEDS_ALL };
  // Without the permission to read, trying would make Deno ask a person.
  if (!mayRead()) return refused;
  try {
    Deno.openSync("/proc/stat").close();
  } catch {
    return refused;
  }
  return { machine: undefined, others: undefined };
}

function isLinux(): boolean {
  return Deno.build.os === "linux";
}

function onlyLinux(): Access {
  const reason = `is read from /proc, which ${Deno.build.os} does not have`;
  return { machine: reason, others: reason };
}

/** Whether a permission is granted, and no part of it denied. */
function isWhole(descriptor: Deno.PermissionDescriptor): boolean {
  const { state, partial } = Deno.permissions.querySync(descriptor);
  return state === "granted" && partial !== true;
}
