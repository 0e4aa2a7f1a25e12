/** Runs the suite of cache on both twins. */

import { twins } from "../support/twins.ts";
import { cacheConformance } from "./conformance.ts";
import { cacheControlConformance } from "./conformance_control.ts";
import { cacheLoadsConformance } from "./conformance_loads.ts";
import { cacheSnapshotConformance } from "./conformance_snapshot.ts";
import { cacheTagsConformance } from "./conformance_tags.ts";

for (const twin of twins("cache").each) {
  cacheConformance(twin);
  cacheControlConformance(twin);
  cacheLoadsConformance(twin);
  cacheTagsConformance(twin);
  cacheSnapshotConformance(twin);
}
