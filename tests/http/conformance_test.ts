/** Runs the suites of the HTTP client on both twins. */

import { twins } from "../support/twins.ts";
import { httpConformance } from "./conformance.ts";
import { httpConnectionConformance } from "./conformance_connections.ts";
import { httpHostileConformance } from "./conformance_hostile.ts";
import { httpManyConformance } from "./conformance_many.ts";
import { httpRedirectConformance } from "./conformance_redirects.ts";
import { httpRetryConformance } from "./conformance_retries.ts";
import { httpUnreadConformance } from "./conformance_unread.ts";

for (const twin of twins("http").each) {
  httpConformance(twin);
  httpHostileConformance(twin);
  httpRedirectConformance(twin);
  httpRetryConformance(twin);
  httpManyConformance(twin);
  httpConnectionConformance(twin);
  httpUnreadConformance(twin);
}
