/** Runs the suite of redact on both twins. */

import { twins } from "../support/twins.ts";
import { redactConformance } from "./conformance.ts";

twins("text").each.forEach(redactConformance);
