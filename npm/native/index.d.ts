/** The folder with the native libraries of a platform, such as `linux-x64-gnu`. */
export function folderOf(platform: string): Promise<string>;
