import { monitorDoor } from "../../src/ffi/doors/monitor.ts";
import { monitorConformance } from "./monitor.ts";
import { twins } from "./twins.ts";

for (const twin of twins(monitorDoor)) monitorConformance(twin);
