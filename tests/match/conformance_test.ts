/** Runs the suite of match on both twins. */

import { twins } from "../support/twins.ts";
import { matchConformance } from "./conformance.ts";

twins("text").each.forEach(matchConformance);
