/** Runs the suite of process on both twins. */

import { twins } from "../support/twins.ts";
import { processConformance } from "./conformance.ts";

twins("text").each.forEach(processConformance);
