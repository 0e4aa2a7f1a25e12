import { containersDoor } from "../../src/ffi/doors/containers.ts";
import { containersConformance } from "./containers.ts";
import { twins } from "./twins.ts";

for (const twin of twins(containersDoor)) containersConformance(twin);
