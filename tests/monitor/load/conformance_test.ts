import { twins } from "../../support/twins.ts";
import { loadConformance } from "./conformance.ts";
import { loadFaults } from "./faults.ts";

for (const twin of twins("monitor").each) {
  loadConformance(twin);
  loadFaults(twin);
}
