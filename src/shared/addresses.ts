/**
 * What kind of place an IP address is, decided on its bits and not on its spelling. Ranges by the special-purpose
 * registries of IANA (RFC 6890 and its updates) and the documents of the clouds. An address that carries another one
 * (mapped, compatible, NAT64, 6to4, Teredo) is at least as special as that one.
 *
 * @module
 */

/** The kinds. `public` alone is somebody else's machine on the open network. */
export type AddressKind =
  | "public"
  | "loopback"
  | "private"
  | "link-local"
  | "shared"
  | "benchmark"
  | "metadata"
  | "multicast"
  | "broadcast"
  | "unspecified"
  | "reserved";

type Range = readonly [network: string, bits: number, kind: AddressKind];

// The first range that holds decides.
const RANGES_4: readonly Range[] = [
  ["169.254.169.254", 32, "metadata"],
  ["169.254.170.2", 32, "metadata"],
  ["169.254.170.23", 32, "metadata"],
  ["100.100.100.200", 32, "metadata"],
  ["192.0.0.192", 32, "metadata"],
  ["168.63.129.16", 32, "metadata"],
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.88.99.0", 24, "reserved"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "benchmark"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 4, "multicast"],
  ["255.255.255.255", 32, "broadcast"],
  ["240.0.0.0", 4, "reserved"],
];

const RANGES_6: readonly Range[] = [
  ["fd00:ec2::254", 128, "metadata"],
  ["fd00:ec2::23", 128, "metadata"],
  ["fd20:ce::254", 128, "metadata"],
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["fc00::", 7, "private"],
  ["fec0::", 10, "private"],
  ["fe80::", 10, "link-local"],
  ["ff00::", 8, "multicast"],
  ["2001:db8::", 32, "reserved"],
  ["2001:2::", 48, "benchmark"],
  ["2001::", 23, "reserved"],
  ["3fff::", 20, "reserved"],
  ["2000::", 3, "public"],
  ["::", 0, "reserved"],
];

/** How an IPv6 address carries an IPv4 one. */
interface Carrier {
  readonly network: string;
  readonly bits: number;
  /** The byte that the IPv4 address begins at. */
  readonly at: number;
  /** Whether its bits are turned over. */
  readonly inverted?: boolean;
  /** What it is where a public address is carried; public if left out. */
  readonly otherwise?: AddressKind;
}

const MAPPED: Carrier = { network: "::ffff:0:0", bits: 96, at: 12 };

const CARRIERS: readonly Carrier[] = [
  MAPPED,
  { network: "::ffff:0:0:0", bits: 96, at: 12 },
  { network: "64:ff9b::", bits: 96, at: 12 },
  { network: "64:ff9b:1::", bits: 48, at: 12, otherwise: "private" },
  { network: "2002::", bits: 16, at: 2 },
  { network: "2001::", bits: 32, at: 12, inverted: true },
  { network: "::", bits: 96, at: 12, otherwise: "reserved" },
];

/**
 * Reads a literal address.
 *
 * @param address IPv4 in four decimal parts, or IPv6 in any spelling, without brackets; a zone is left out.
 * @returns Its 4 or 16 bytes, or undefined if it is none.
 */
export function addressBytes(address: string): Uint8Array | undefined {
  if (!address.includes(":")) return bytes4(address);
  const text = address.split("%", 1)[0]!;
  const last = text.slice(text.lastIndexOf(":") + 1);
  if (last.includes(".")) {
    const tail = bytes4(last);
    if (tail === undefined) return undefined;
    const hex = (at: number): string => (tail[at]! << 8 | tail[at + 1]!).toString(16);
    return bytes6(`${text.slice(0, -last.length)}${hex(0)}:${hex(2)}`);
  }
  return bytes6(text);
}

function bytes4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255) ? undefined : Uint8Array.from(parts);
}

function bytes6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const count = groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined;
  const all = halves.length === 1
    ? groups[0]!
    : [...groups[0]!, ...Array<string>(8 - count).fill("0"), ...groups[1]!];
  const bytes = new Uint8Array(16);
  for (const [index, group] of all.entries()) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = parseInt(group, 16);
    bytes[index * 2] = value >> 8;
    bytes[index * 2 + 1] = value & 255;
  }
  return bytes;
}

interface Table {
  readonly bytes: Uint8Array;
  readonly bits: number;
  readonly kind: AddressKind;
}

let tables: { four: readonly Table[]; six: readonly Table[] } | undefined;

function tablesOf(): { four: readonly Table[]; six: readonly Table[] } {
  const read = (ranges: readonly Range[]): Table[] =>
    ranges.map(([network, bits, kind]) => ({ bytes: addressBytes(network)!, bits, kind }));
  return tables ??= { four: read(RANGES_4), six: read(RANGES_6) };
}

function isWithin(bytes: Uint8Array, network: Uint8Array, bits: number): boolean {
  for (let at = 0; at * 8 < bits; at++) {
    const mask = bits - at * 8 >= 8 ? 255 : 255 << (8 - (bits - at * 8)) & 255;
    if (((bytes[at]! ^ network[at]!) & mask) !== 0) return false;
  }
  return true;
}

/**
 * What kind of place an address is.
 *
 * @param address A literal address, as {@linkcode addressBytes} reads it.
 * @returns Its kind; `reserved` for what is no address at all, so that nothing passes by being unreadable.
 */
export function addressKind(address: string): AddressKind {
  const bytes = addressBytes(address);
  if (bytes === undefined) return "reserved";
  return bytes.length === 4 ? kindIn(bytes, tablesOf().four) : kindOf6(bytes);
}

function kindIn(bytes: Uint8Array, table: readonly Table[]): AddressKind {
  return table.find((range) => isWithin(bytes, range.bytes, range.bits))?.kind ?? "public";
}

function kindOf6(bytes: Uint8Array): AddressKind {
  const own = kindIn(bytes, tablesOf().six);
  if (own === "metadata" || own === "unspecified" || own === "loopback") return own;
  const carrier = CARRIERS.find((carrier) => carries(carrier, bytes));
  if (carrier === undefined) return own;
  const inner = bytes.slice(carrier.at, carrier.at + 4);
  const kind = kindIn(carrier.inverted ? inner.map((byte) => byte ^ 255) : inner, tablesOf().four);
  return kind === "public" ? carrier.otherwise ?? "public" : kind;
}

function carries(carrier: Carrier, bytes: Uint8Array): boolean {
  return isWithin(bytes, addressBytes(carrier.network)!, carrier.bits);
}

/**
 * Whether an address is IPv6 that reaches an IPv4 one through somebody's gateway: NAT64, 6to4, Teredo and the like. A
 * mapped address (`::ffff:1.2.3.4`) needs none.
 */
export function isTunnelled(address: string): boolean {
  const bytes = addressBytes(address);
  if (bytes?.length !== 16) return false;
  const own = kindIn(bytes, tablesOf().six);
  if (own === "unspecified" || own === "loopback" || carries(MAPPED, bytes)) return false;
  return CARRIERS.some((carrier) => carries(carrier, bytes));
}

/** Whether a kind is one of this machine or of a network that its owner alone reaches. */
export function isLocalKind(kind: AddressKind): boolean {
  return kind === "loopback" || kind === "private" || kind === "link-local";
}
