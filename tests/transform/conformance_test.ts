/** Runs the suite of transform on both twins. */

import { twins } from "../support/twins.ts";
import { transformConformance } from "./conformance.ts";

twins("text").each.forEach(transformConformance);
