import { nearDoor } from "../../src/ffi/doors/near.ts";
import { nearConformance } from "./near.ts";

// Opened before the first test, so that the sanitizers do not see it as a test's leak.
nearDoor.require();

nearConformance("native");
