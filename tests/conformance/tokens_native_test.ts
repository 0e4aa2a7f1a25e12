import { loadEncoding } from "@agent/runtime/text";
import { tokensDoor } from "../../src/ffi/doors/tokens.ts";
import { tokensConformance } from "./tokens.ts";

// Opened and loaded before the first test, so that the sanitizers do not see it as a test's leak.
const { ring } = tokensDoor.require();
(await loadEncoding("o200k_base", { implementation: "native" })).close();

tokensConformance("native", async () => {
  while (ring.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});
