/**
 * In the place of `@vercel/oidc`, which `ai` imports and is CommonJS: nothing that is measured reaches an account there.
 */

/** Never called here. */
export function getContext(): never {
  throw new Error("no account is reached by benchmarks");
}

/** The same. */
export const getVercelOidcToken: () => never = getContext;
