/** Runs the suite of the rules on both twins. */

import { twins } from "../../support/twins.ts";
import { threatsConformance } from "./conformance.ts";

twins("security").each.forEach(threatsConformance);
