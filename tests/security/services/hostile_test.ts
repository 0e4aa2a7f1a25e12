/** Runs the suite of hostile servers on both twins. */

import { twins } from "../../support/twins.ts";
import { hostileConformance } from "./hostile.ts";

for (const twin of twins("security").each) hostileConformance(twin);
