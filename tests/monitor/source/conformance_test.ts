/** Runs the suite of sources on both twins. */

import { twins } from "../../support/twins.ts";
import { sourceConformance } from "./conformance.ts";

twins("monitor").each.forEach(sourceConformance);
