/**
 * Asking Deno what is allowed, without ever making it ask a person.
 *
 * @module
 */

/** Whether a permission is granted now. Never prompts; false where there is no Deno. */
export function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch {
    return false;
  }
}

/** An environment variable, or undefined where it is unset or may not be read. */
export function readEnvironment(variable: string): string | undefined {
  return isGranted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
}
