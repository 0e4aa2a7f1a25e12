/** Runs the suite of monitor on both twins. */

import { twins } from "../support/twins.ts";
import { monitorConformance } from "./conformance.ts";

twins("monitor").each.forEach(monitorConformance);
