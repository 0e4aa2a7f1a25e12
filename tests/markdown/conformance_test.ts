/** Runs the suite of markdown on both twins. */

import { twins } from "../support/twins.ts";
import { markdownConformance } from "./conformance.ts";

twins("text").each.forEach(markdownConformance);
