/** Runs the suite of the limiter on both twins. */

import { twins } from "../../support/twins.ts";
import { limiterConformance } from "./conformance.ts";

for (const twin of twins("http").each) limiterConformance(twin);
