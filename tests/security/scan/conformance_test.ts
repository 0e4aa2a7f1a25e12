/** Runs the suite of scans on both twins. */

import { twins } from "../../support/twins.ts";
import { scanConformance } from "./conformance.ts";

twins("security").each.forEach(scanConformance);
