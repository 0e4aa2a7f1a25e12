import { tokensConformance } from "./tokens.ts";

tokensConformance("pure");
