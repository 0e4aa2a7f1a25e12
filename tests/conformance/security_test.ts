import { securityDoor } from "../../src/ffi/doors/security.ts";
import { securityConformance } from "./security.ts";
import { twins } from "./twins.ts";

for (const twin of twins(securityDoor)) securityConformance(twin);
