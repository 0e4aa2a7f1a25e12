import { textDoor } from "../../src/ffi/doors/text.ts";
import { textHasherDoor } from "../../src/ffi/doors/text_hasher.ts";
import { textManyDoor } from "../../src/ffi/doors/text_many.ts";
import { textConformance } from "./text.ts";

// Opened before the first test, so that the sanitizers do not see it as a test's leak.
textDoor.require();
textManyDoor.require();
textHasherDoor.require();

textConformance("native");
