/** Runs the suite of duplicates on both twins. */

import { twins } from "../support/twins.ts";
import { duplicatesConformance } from "./conformance.ts";

twins("text").each.forEach(duplicatesConformance);
