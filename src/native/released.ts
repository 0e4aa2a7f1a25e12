/**
 * What a release says of the packages of npm that belong to it: its native libraries, and data. In a checkout it says
 * nothing, since there they are built, and data lies in its folder; the module of a published package is written by
 * `scripts/release stage`, with the facts of the very files that were packed.
 *
 * @module
 */

/** A file of a package, as it was packed. */
export interface ReleasedFile {
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256 in lowercase hexadecimal digits. */
  readonly sha256: string;
}

/** The packages of npm of a release. */
export interface Released {
  /** How the package that leads to them is imported, such as `npm:@agent/native@1.2.3`. */
  readonly package: string;
  /** What each library must say of itself: its version and build, such as `1.2.3+9f86d081884c`. */
  readonly version: string;
  /** The files of each platform by their names; the platforms are called as {@linkcode platformOf} does. */
  readonly platforms: Readonly<Record<string, Readonly<Record<string, ReleasedFile>>>>;
  /**
   * How the package is imported that has a file of data, by the file's name. What asks for the file knows its size and
   * checksum.
   */
  readonly data: Readonly<Record<string, string>>;
}

/** The release that this is; undefined in a checkout. */
export const RELEASED: Released | undefined = undefined;
