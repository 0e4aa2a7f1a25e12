/**
 * Sensors: `/sys/class/hwmon` and `/sys/class/thermal`.
 *
 * @module
 */

import type { TemperatureFigures } from "../../types.ts";
import type { RawText } from "../raw.ts";
import { whyNot } from "./numbers.ts";

/** The folder of chips with sensors; its listing says whether they are still the same. */
export const CHIPS = "/sys/class/hwmon/";
/** The folder of zones whose temperature the kernel watches. */
export const ZONES = "/sys/class/thermal/";

/** A sensor: where it is read, and what does not change of it. */
export interface Sensor extends Omit<TemperatureFigures, "celsius"> {
  /** The file with its value. */
  readonly path: string;
}

/** More chips, and more sensors of one, than any machine has. */
const FOLDERS_MOST = 256;
const SENSORS_MOST = 64;
/** Points of a zone at which something happens. */
const TRIPS = 12;

/** Reads texts of files. */
export type ReadTexts = (paths: readonly string[]) => Promise<ReadonlyMap<string, RawText>>;

/** The names of a listing that are wanted, in order. */
export function namesIn(listing: RawText | undefined, pattern: RegExp, most: number): string[] {
  if (typeof listing !== "string") return [];
  const names = listing.split("\n").filter((name) => pattern.test(name));
  const number = (name: string): number => Number(/[0-9]+/.exec(name)?.[0]);
  return names.sort((one, other) => number(one) - number(other)).slice(0, most);
}

/** Finds the sensors. A zone whose chip has a sensor of its own is left out. */
export async function findSensors(
  chipList: RawText | undefined,
  zoneList: RawText | undefined,
  read: ReadTexts,
): Promise<Sensor[]> {
  const chips = await findChips(namesIn(chipList, /^hwmon[0-9]{1,6}$/, FOLDERS_MOST), read);
  const known = new Set(chips.map(({ chip }) => chip));
  const zones = await findZones(namesIn(zoneList, /^thermal_zone[0-9]{1,6}$/, FOLDERS_MOST), read);
  return [...chips, ...zones.filter(({ chip }) => !known.has(chip))];
}

async function findChips(names: readonly string[], read: ReadTexts): Promise<Sensor[]> {
  const folders = names.map((name) => `${CHIPS}${name}`);
  const listings = await read(folders.map((folder) => `${folder}/`));
  const places = folders.flatMap((folder) =>
    namesIn(listings.get(`${folder}/`), /^temp[0-9]{1,4}_input$/, SENSORS_MOST).map((input) => ({
      folder,
      sensor: input.slice(0, -"_input".length),
    }))
  );
  const facts = await read([
    ...folders.map((folder) => `${folder}/name`),
    ...places.flatMap(({ folder, sensor }) =>
      ["label", "max", "crit"].map((fact) => `${folder}/${sensor}_${fact}`)
    ),
  ]);
  return places.map(({ folder, sensor }) => ({
    chip: word(facts.get(`${folder}/name`)) ?? folder.slice(CHIPS.length),
    label: word(facts.get(`${folder}/${sensor}_label`)) ?? sensor,
    high: degrees(facts.get(`${folder}/${sensor}_max`)),
    critical: degrees(facts.get(`${folder}/${sensor}_crit`)),
    path: `${folder}/${sensor}_input`,
  }));
}

async function findZones(names: readonly string[], read: ReadTexts): Promise<Sensor[]> {
  const folders = names.map((name) => `${ZONES}${name}`);
  const facts = await read(folders.flatMap((folder) => [
    `${folder}/type`,
    ...Array.from({ length: TRIPS }, (_, trip) => `${folder}/trip_point_${trip}`)
      .flatMap((trip) => [`${trip}_type`, `${trip}_temp`]),
  ]));
  return folders.map((folder, place) => {
    const trip = (kind: string): number | null => {
      for (let trip = 0; trip < TRIPS; trip++) {
        if (word(facts.get(`${folder}/trip_point_${trip}_type`)) !== kind) continue;
        return degrees(facts.get(`${folder}/trip_point_${trip}_temp`));
      }
      return null;
    };
    return {
      chip: word(facts.get(`${folder}/type`)) ?? names[place]!,
      label: names[place]!,
      high: trip("hot"),
      critical: trip("critical"),
      path: `${folder}/temp`,
    };
  });
}

function word(text: RawText | undefined): string | null {
  if (typeof text !== "string") return null;
  const found = text.trim().slice(0, 100).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return found === "" ? null : found;
}

/** Thousandths of degrees as degrees. */
function degrees(text: RawText | undefined): number | null {
  const found = typeof text === "string" ? /^-?[0-9]{1,9}$/.exec(text.trim()) : null;
  return found === null ? null : Number(found[0]) / 1000;
}

/** Reads the sensors; one that gives nothing is left out, with the reason. */
export function temperatureFigures(
  sensors: readonly Sensor[],
  textAt: (path: string) => RawText | undefined,
  unavailable: Record<string, string>,
): TemperatureFigures[] {
  const found: TemperatureFigures[] = [];
  for (const { path, ...sensor } of sensors) {
    const celsius = degrees(textAt(path));
    if (celsius !== null) {
      const { chip, label, high, critical } = sensor;
      found.push({ chip, label, celsius, high, critical });
    } else unavailable[`temperatures[${sensor.chip}/${sensor.label}]`] = whyNot(textAt(path), path);
  }
  return found;
}
