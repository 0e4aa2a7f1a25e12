import { markdownConformance } from "./markdown.ts";

markdownConformance("pure");
