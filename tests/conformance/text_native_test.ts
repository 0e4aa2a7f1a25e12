import { textDoor } from "../../src/ffi/doors/text.ts";
import { textConformance } from "./text.ts";

// Opened before the first test, so that the sanitizers do not see it as a test's leak.
textDoor.require();

textConformance("native");
