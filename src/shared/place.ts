/**
 * Where the package lies: a checkout, or what was published of it, at whatever address. A program that was bundled has
 * the package's code at a place of its own, whose neighbours are anybody's: there the answer is that there is none.
 *
 * @module
 */

/** Where this module lies in the package; in what is published, `scripts/release stage` names the file that has it. */
const OWN_PLACE = "/src/shared/place.ts";

/**
 * The package's folder.
 *
 * @param place The address of the module that asks: this one.
 * @returns Its address, with a slash at its end; undefined in a bundle.
 */
export function packageFolderUrl(place: string = import.meta.url): URL | undefined {
  return place.endsWith(OWN_PLACE) ? new URL(`${place.slice(0, -OWN_PLACE.length)}/`) : undefined;
}
