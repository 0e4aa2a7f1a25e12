/** Runs the suite of hash on both twins. */

import { twins } from "../support/twins.ts";
import { hashConformance } from "./conformance.ts";

twins("text").each.forEach(hashConformance);
