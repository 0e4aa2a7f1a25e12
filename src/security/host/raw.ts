/**
 * What the twins of this room read, in the kernel's own words; what it means is decided above them. Types only.
 *
 * @module
 */

/** Why something could not be read: not permitted, not there (any more), or something else. */
export type Missing = "denied" | "absent" | "failed";

/** A text, or why there is none. */
export type RawText = string | { readonly error: Missing };

/**
 * Sockets with addresses, as one row of numbers: objects for each would cost more than reading them from the system. By table,
 * local port, and what else makes the order one: the kernel gives them in none.
 */
export interface RawSockets {
  /** Every address once, in hexadecimal as the kernel has it, in ascending order. */
  readonly ends: readonly string[];
  /**
   * {@linkcode ROW} numbers for each socket: table (its place in {@linkcode INTERNET_TABLES}), local address (its place in
   * `ends`) and port, remote address and port, state, user, inode.
   */
  readonly rows: readonly number[];
}

/** How many numbers a socket has in {@linkcode RawSockets}. */
export const ROW = 8;
/** Which of them is the inode. */
export const INODE = 7;

/** One process. What stands behind `sockets` is there where details were asked for. */
export interface RawProcess {
  readonly pid: number;
  /** When it began, in ticks (hundredths of a second) since the machine's start. */
  readonly start: number;
  readonly parent: number;
  readonly state: string;
  /** The kernel's flags of the task. */
  readonly flags: number;
  readonly name: string;
  /** The inodes of those of its sockets that stand in a table, or why that could not be read. */
  readonly sockets: readonly number[] | Missing;
  readonly uid?: number | null;
  readonly effectiveUid?: number | null;
  /** Who traces it; 0 for nobody. */
  readonly tracer?: number | null;
  readonly executable?: RawText;
  /** Of the executable's file: type and permissions, names that it has, owner. */
  readonly mode?: number | null;
  readonly links?: number | null;
  readonly owner?: number | null;
  /** The arguments, each ended with NUL; at most 4,096 bytes. */
  readonly command?: RawText;
  readonly groups?: RawText;
  /** The number of its network name space. */
  readonly network?: number | null;
  /** The inodes of sockets at its standard streams. */
  readonly standard?: readonly (number | null)[];
  /** Whether LD_PRELOAD is set; nothing else of the environment is told. */
  readonly preload?: boolean | null;
}

/** One look at sockets and processes. */
export interface RawScan {
  readonly sockets?: RawSockets;
  /** Listeners at Unix sockets: inode, type, path. */
  readonly unix?: readonly (readonly [inode: number, type: string, path: string])[];
  /** Sockets that see whole packets: inode, user, number of the interface. */
  readonly packet?: readonly (readonly [inode: number, uid: number, index: number])[];
  /** Lines that are none. */
  readonly broken?: number;
  /** Tables that could not be read. */
  readonly tables?: Readonly<Record<string, Missing>>;
  readonly processes: readonly RawProcess[];
  /** How many processes the listing shows. */
  readonly listed: number;
  /** How many of them may not be looked into. */
  readonly denied: number;
  /** How many ended, or were hidden, while they were read. */
  readonly ended: number;
  /** Processes that are there and in no listing. */
  readonly hidden?: readonly number[];
}

/** What a scan is to bring. */
export interface Want {
  /** The tables of sockets. */
  readonly sockets: boolean;
  /** All processes, else those that own a socket. */
  readonly processes: boolean;
  /** What more there is to say of each than its name. */
  readonly details: boolean;
  /** Numbers up to this one are tried for processes that no listing shows; 0 for none. */
  readonly hiddenMost: number;
}

/** A twin. */
export interface HostReader {
  /**
   * Reads sockets and processes.
   *
   * @param root `/proc`, or a folder of its form.
   */
  scan(root: string, want: Want, signal: AbortSignal | undefined): Promise<RawScan>;
  /** Reads at most `most` bytes of each of some files below a folder. */
  files(
    root: string,
    paths: readonly string[],
    most: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly RawText[]>;
}

/** The tables of sockets with addresses, by the names of their files. */
export const INTERNET_TABLES = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] as const;
