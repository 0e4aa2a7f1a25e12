/**
 * A link with delay and loss between two network namespaces: two TUN devices, one in each, and this program between
 * them, which holds each packet for a while and forgets some. Run inside the namespace of the near end:
 *
 *     deno run -A lossy_link.ts PID_OF_THE_FAR_END DELAY_MS LOSS SEED
 *
 * The near end is 10.98.0.1, the far one 10.98.0.2. It says "ready" when both are up, and runs until it is ended.
 */

const [farPid, delayMs, loss, seed] = Deno.args.map(Number) as [number, number, number, number];

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
}).symbols;

const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const TUNSETIFF = 0x400454can;
/** IFF_TUN without the packet information that would stand before each packet. */
const TUN_BARE = 0x1001;
const CLONE_NEWNET = 0x40000000;
const POLLIN = 1;

function text(value: string, size = value.length + 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  new TextEncoder().encodeInto(value, bytes);
  return bytes;
}

function must(result: number, what: string): number {
  if (result < 0) throw new Error(`${what} failed`);
  return result;
}

function device(name: string): number {
  const file = must(libc.open(text("/dev/net/tun"), O_RDWR | O_NONBLOCK), "opening /dev/net/tun");
  const request = text(name, 40);
  new DataView(request.buffer).setUint16(16, TUN_BARE, true);
  must(libc.ioctl(file, TUNSETIFF, request), "TUNSETIFF");
  return file;
}

function ip(inFar: boolean, ...args: string[]): void {
  const enter = inFar ? ["nsenter", "-t", String(farPid), "-n"] : [];
  const [program, ...rest] = [...enter, "ip", ...args] as [string, ...string[]];
  const { success, stderr } = new Deno.Command(program, { args: rest }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function up(inFar: boolean, name: string, address: string): void {
  ip(inFar, "addr", "add", address, "dev", name);
  // Bursts are the link's to hold, not the device's to drop.
  ip(inFar, "link", "set", name, "txqueuelen", "20000", "up");
}

const near = device("near0");
up(false, "near0", "10.98.0.1/24");
const own = must(libc.open(text("/proc/self/ns/net"), 0), "opening the namespace");
const other = must(libc.open(text(`/proc/${farPid}/ns/net`), 0), "opening the far namespace");
must(libc.setns(other, CLONE_NEWNET), "setns");
const far = device("far0");
must(libc.setns(own, CLONE_NEWNET), "setns");
up(true, "far0", "10.98.0.2/24");

/** Packets on their way, in order. */
interface Way {
  readonly from: number;
  readonly to: number;
  readonly held: { at: number; packet: Uint8Array<ArrayBuffer> }[];
  first: number;
}

const ways: Way[] = [{ from: near, to: far, held: [], first: 0 }, {
  from: far,
  to: near,
  held: [],
  first: 0,
}];

let state = seed;
/** The minimal standard generator. */
function chance(): number {
  state = state * 48_271 % 2_147_483_647;
  return state / 2_147_483_647;
}

const buffer = new Uint8Array(2_048);

function take({ from, held }: Way): void {
  for (let count = 0; count < 256; count++) {
    const size = Number(libc.read(from, buffer, BigInt(buffer.length)));
    if (size <= 0) return;
    if (chance() < loss) continue;
    held.push({ at: performance.now() + delayMs, packet: buffer.slice(0, size) });
  }
}

function give(way: Way): void {
  const now = performance.now();
  while (way.first < way.held.length && way.held[way.first]!.at <= now) {
    const { packet } = way.held[way.first++]!;
    libc.write(way.to, packet, BigInt(packet.length));
  }
  if (way.first > 4_096) {
    way.held.splice(0, way.first);
    way.first = 0;
  }
}

const watched = new DataView(new ArrayBuffer(16));
for (const [at, { from }] of ways.entries()) {
  watched.setInt32(at * 8, from, true);
  watched.setInt16(at * 8 + 4, POLLIN, true);
}
Deno.stdout.writeSync(text("ready\n", 6));
while (true) {
  for (const way of ways) take(way);
  for (const way of ways) give(way);
  const next = Math.min(...ways.map(({ held, first }) => held[first]?.at ?? Infinity));
  const waitMs = Math.min(Math.max(Math.ceil(next - performance.now()), 0), 50);
  await libc.poll(new Uint8Array(watched.buffer), 2n, waitMs);
}
