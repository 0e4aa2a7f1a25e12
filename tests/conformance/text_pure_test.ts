import { textConformance } from "./text.ts";

textConformance("pure");
