import { nearConformance } from "./near.ts";

nearConformance("pure");
