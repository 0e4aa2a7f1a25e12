import { markdownDoor } from "../../src/ffi/doors/markdown.ts";
import { markdownConformance } from "./markdown.ts";

// Opened before the first test, so that the sanitizers do not see it as a test's leak.
const { ring } = markdownDoor.require();

markdownConformance("native", async () => {
  while (ring.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});
