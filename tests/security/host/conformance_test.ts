/** Runs the suite of the host's facts on both twins. */

import { twins } from "../../support/twins.ts";
import { hostConformance } from "./conformance.ts";

twins("security").each.forEach(hostConformance);
