import { redactDoor } from "../../src/ffi/doors/redact.ts";
import { redactConformance } from "./redact.ts";

// Opened before the first test, so that the sanitizers do not see it as a test's leak.
redactDoor.require();

redactConformance("native");
