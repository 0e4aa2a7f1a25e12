/** Runs the suite of the picture on both twins. */

import { twins } from "../../support/twins.ts";
import { pictureConformance } from "./conformance.ts";

twins("security").each.forEach(pictureConformance);
