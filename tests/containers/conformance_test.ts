/** Runs the suite of containers on both twins. */

import { twins } from "../support/twins.ts";
import { containersConformance } from "./conformance.ts";

twins("containers").each.forEach(containersConformance);
