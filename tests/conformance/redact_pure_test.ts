import { redactConformance } from "./redact.ts";

redactConformance("pure");
