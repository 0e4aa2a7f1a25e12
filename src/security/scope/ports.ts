/**
 * Lists of ports: `"22,80-90"`, `"common"`, `"all"`.
 *
 * @module
 */

import { checkString, shown } from "../../shared/arguments.ts";

/** Ascending ranges that do not touch each other. */
export type PortRanges = readonly (readonly [first: number, last: number])[];

const MOST = 65_535;
const ITEM = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/** Ports of services that are met often: remote access, web, mail, files, names, databases, queues, containers. */
const COMMON =
  "7,9,13,17,19,21-23,25,26,37,53,79-81,88,102,106,110,111,113,119,123,135,137-139,143,161,179,199," +
  "264,389,427,443-445,465,500,502,512-515,543,544,548,554,587,593,623,631,636,646,808,853,873,902,989,990,993,995," +
  "1025-1030,1080,1099,1110,1194,1433,1434,1521,1720,1723,1755,1883,1900,2000,2001,2049,2082,2083,2086,2087,2121," +
  "2181,2222,2375-2377,2379,2380,2717,3000,3001,3128,3260,3268,3269,3306,3389,3690,3986,4000,4040,4222,4369,4443," +
  "4444,4567,4899,5000,5001,5009,5044,5051,5060,5101,5190,5222,5269,5357,5432,5433,5555,5601,5631,5666,5671,5672," +
  "5683,5800,5900-5902,5984,5985,5986,6000,6001,6379,6380,6443,6646,6667,6881,7000,7001,7070,7077,7199,7474,7687," +
  "8000-8002,8008-8010,8025,8031,8069,8080-8091,8123,8125,8161,8200,8222,8333,8388,8443,8500,8530,8600,8686,8834," +
  "8883,8888,8983,9000-9003,9042,9050,9080,9090-9093,9100,9160,9200,9300,9411,9418,9443,9600,9876,9990,9999,10000," +
  "10050,10051,10250,10255,11211,11434,15672,16379,18080,25565,26379,27017-27019,28015,32400,32768,49152-49157,50000," +
  "50051,50070,61613,61616,64738";

/**
 * Reads a list of ports.
 *
 * @param list `"common"`, `"all"`, `"none"`, or ports and ranges with commas between.
 * @param name The option, for the error.
 * @returns The ports as ascending ranges; those that overlap are one.
 * @throws {TypeError} If it is no string, or no list.
 * @throws {RangeError} For an empty list, port 0, ports above 65535, and ranges that end before they begin.
 */
export function portRanges(list: unknown, name = "options.ports"): PortRanges {
  checkString(list, name);
  if (list === "none") return [];
  if (list === "all") return [[1, MOST]];
  const text = list === "common" ? COMMON : list;
  if (text.trim() === "") {
    throw new RangeError(`${name} is empty; give ports such as "22,80-90"`);
  }
  return joined(text.split(",").map((item) => rangeOf(item.trim(), name)));
}

function rangeOf(item: string, name: string): [number, number] {
  const match = ITEM.exec(item);
  if (match === null) {
    throw new TypeError(
      `${name} must be "common", "all" or a list such as "22,80-90", got ${shown(item)} in it`,
    );
  }
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  for (const port of [first, last]) {
    if (port < 1 || port > MOST) {
      throw new RangeError(`${name} must be ports from 1 to ${MOST}, got ${port}`);
    }
  }
  if (first > last) {
    throw new RangeError(
      `${name} has a range that ends before it begins, ${shown(item)}; write ${last}-${first}`,
    );
  }
  return [first, last];
}

/** Ascending, with what overlaps or touches as one. */
function joined(ranges: [number, number][]): PortRanges {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** How many ports there are in ranges. */
export function countPorts(ranges: PortRanges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** All ports of ranges, ascending. */
export function* eachPort(ranges: PortRanges): Generator<number> {
  for (const [first, last] of ranges) for (let port = first; port <= last; port++) yield port;
}

/** Ranges as they are written. */
export function writtenRanges(ranges: PortRanges): string {
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",");
}
