/** What contracts of a sort usually have: data. @module */

/** What a contract of a sort usually has, by kinds of clauses. */
export const CHECKLISTS: Readonly<Record<string, readonly string[]>> = {
  nda: [
    ...["parties", "definitions", "confidentiality", "exclusions", "term", "return of materials"],
    ...["governing law", "entire agreement", "notices"],
  ],
  services: [
    ...[
      "parties",
      "services",
      "payment",
      "term",
      "termination",
      "liability",
      "indemnity",
      "warranty",
    ],
    ...[
      "confidentiality",
      "intellectual property",
      "data protection",
      "force majeure",
      "assignment",
    ],
    ...[
      "dispute resolution",
      "governing law",
      "notices",
      "entire agreement",
      "amendment",
      "severability",
    ],
  ],
  employment: [
    ...["parties", "services", "payment", "working time", "term", "termination", "confidentiality"],
    ...["intellectual property", "data protection", "non-compete", "governing law", "amendment"],
  ],
  lease: [
    ...[
      "parties",
      "premises",
      "term",
      "payment",
      "deposit",
      "maintenance",
      "assignment",
      "termination",
    ],
    ...["liability", "notices", "governing law"],
  ],
};
