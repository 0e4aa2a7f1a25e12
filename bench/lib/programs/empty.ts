/** Nothing: what starting Deno costs. */
export {};
