/** Runs the suite of services on both twins. */

import { twins } from "../../support/twins.ts";
import { servicesConformance } from "./conformance.ts";
import { tlsConformance } from "./tls_conformance.ts";

twins("security").each.forEach(servicesConformance);
twins("security").each.forEach(tlsConformance);
