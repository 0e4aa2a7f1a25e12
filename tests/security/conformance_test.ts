/** Runs the suite of security on both twins. */

import { twins } from "../support/twins.ts";
import { securityConformance } from "./conformance.ts";

twins("security").each.forEach(securityConformance);
