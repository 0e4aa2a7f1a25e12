/** Runs the suites of pages on both twins. */

import { twins } from "../../support/twins.ts";
import { conversionConformance } from "./conformance.ts";

twins("http").each.forEach(conversionConformance);
