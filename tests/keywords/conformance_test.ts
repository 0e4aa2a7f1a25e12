/** Runs the suite of keywords on both twins. */

import { twins } from "../support/twins.ts";
import { keywordsConformance } from "./conformance.ts";

twins("text").each.forEach(keywordsConformance);
