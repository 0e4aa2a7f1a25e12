// Leads from the name of a platform to the package with its libraries, of which a package manager installs those that
// this machine can use.

const PACKAGES = {
  "linux-x64-gnu": () => import("@agent/native-linux-x64-gnu"),
  "linux-x64-musl": () => import("@agent/native-linux-x64-musl"),
  "linux-arm64-gnu": () => import("@agent/native-linux-arm64-gnu"),
  "linux-arm64-musl": () => import("@agent/native-linux-arm64-musl"),
  "darwin-x64": () => import("@agent/native-darwin-x64"),
  "darwin-arm64": () => import("@agent/native-darwin-arm64"),
  "win32-x64": () => import("@agent/native-win32-x64"),
};

/**
 * The folder with the native libraries of a platform.
 *
 * @param {string} platform Its name, such as `linux-x64-gnu`.
 * @returns {Promise<string>} The folder.
 * @throws {Error} If there is no package for it, or it was not installed.
 */
export async function folderOf(platform) {
  const load = PACKAGES[platform];
  if (load === undefined) throw new Error(`There are no native libraries for ${platform}`);
  return (await load()).dir;
}
