/**
 * What all tests assert with, by the name `assertions` of the import map in deno.json.
 *
 * Tests are Deno's own (`Deno.test`) and this is Node's strict `assert`; both come with Deno. `@std/assert`
 * and `@std/testing`, which could stand here, are served by JSR alone, and a checkout fetches nothing
 * from there. Who wants them changes one line of the import map, so that `assertions` is a file that
 * gives their functions these names.
 */

export { default } from "node:assert/strict";
