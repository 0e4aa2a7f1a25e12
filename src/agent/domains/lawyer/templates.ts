/**
 * Ready-made contracts to begin from: clauses with fields, for each kind that a checklist asks for. Data, in words of our own;
 * `{{field}}` stands for what is to be filled in.
 *
 * @module
 */

/** A contract of a sort: its name, what its sides are called, and its own clauses where those of all do not fit. */
export interface Template {
  readonly title: string;
  readonly first: string;
  readonly second: string;
  readonly clauses: Readonly<Record<string, string>>;
}

/** The clause of each kind, where a contract has none of its own. */
export const CLAUSES: Readonly<Record<string, string>> = {
  "parties":
    "This agreement is made between {{first party}}, of {{first address}} (the {{FIRST}}), and {{second party}}, of {{second address}} (the {{SECOND}}), on {{date}}.",
  "definitions":
    '"Purpose" means {{purpose}}. Words that begin with a capital letter have the meaning that this agreement gives them.',
  "services":
    "The {{SECOND}} shall perform the following for the {{FIRST}}: {{services}}. Changes to this scope are agreed in writing before they are begun.",
  "payment":
    "The {{FIRST}} shall pay {{amount}}, payable within {{days}} days of receipt of an invoice. What is paid late bears interest at {{interest}} a year.",
  "term":
    "This agreement begins on {{start date}} and lasts {{duration}}, unless it is ended before.",
  "termination":
    "Either party may terminate this agreement with {{notice period}} of notice in writing. A party may terminate it at once if the other breaks a duty of weight and does not put it right within {{days to cure}} days of being told.",
  "liability":
    "Neither party is liable for loss of profit or for indirect loss. The liability of each is limited to {{limit of liability}}. Nothing limits liability for intent, for injury to persons, or where the law does not allow it.",
  "indemnity":
    "The {{SECOND}} shall indemnify the {{FIRST}} against claims of others that its work infringes their rights, if it is told of them without delay and may defend them.",
  "warranty":
    "The {{SECOND}} warrants that it performs with the care of a skilled professional and that its work conforms to what was agreed for {{warranty period}}.",
  "confidentiality":
    "Each party shall keep confidential what it learns of the other that is marked so or is plainly so, shall use it only for this agreement, and shall disclose it to nobody but those who need it and are bound in the same way. This holds for {{years}} years after the end.",
  "exclusions":
    "These duties do not cover what is publicly known without a breach, was already known to the receiving party, was independently developed, or must be disclosed by law; of the last the other party is told beforehand where that is allowed.",
  "return of materials":
    "On request, and at the end, the receiving party shall return or destroy all that it was given and say in writing that it did.",
  "intellectual property":
    "Rights in what the {{SECOND}} makes under this agreement pass to the {{FIRST}} when it is paid for. What either had before stays its own; the {{FIRST}} may use it as far as the work needs it.",
  "data protection":
    "Personal data is processed only as the law allows and as the {{FIRST}} instructs. Where one party processes it for the other, a processing agreement is made first.",
  "force majeure":
    "A party is not in breach while something beyond its control keeps it from performing, if it tells the other without delay. After {{weeks}} weeks of that either may end this agreement.",
  "assignment":
    "Neither party may assign this agreement or subcontract its duties without the consent of the other in writing.",
  "dispute resolution":
    "Disputes are first put to a talk between those who decide at each party. What is not settled within {{days to settle}} days may be brought to mediation, and then to the courts of {{place of court}}.",
  "governing law": "This agreement is governed by the laws of {{jurisdiction}}.",
  "notices":
    "Notices are given in writing to the addresses above, and are deemed received {{days until received}} days after they were sent.",
  "entire agreement":
    "This is the entire agreement about its subject and supersedes all that was said or written before.",
  "amendment": "No amendment of this agreement holds unless both parties sign it in writing.",
  "severability":
    "If a provision is invalid, the other provisions stand, and it is replaced by what comes closest to its purpose.",
  "non-compete":
    "For {{non-compete period}} after the end the {{SECOND}} shall not compete with the {{FIRST}} in {{non-compete area}}. Many places allow this only within narrow bounds, or only if it is paid for.",
  "working time":
    "The working time is {{hours}} hours a week. The {{SECOND}} has {{days of leave}} days of paid leave a year.",
  "premises":
    "The {{FIRST}} lets to the {{SECOND}} the premises at {{address of premises}}, with {{what goes with them}}, for use as {{use}}.",
  "deposit":
    "The {{SECOND}} pays a deposit of {{deposit}}, which is given back within {{days to return}} days of the end, less what is owed; deductions are listed.",
  "maintenance":
    "The {{FIRST}} keeps the structure and the installations in good repair. The {{SECOND}} keeps the inside clean, tells of faults without delay and repairs what it damages.",
};

/** The contracts, by the names of the checklists. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  nda: {
    title: "Mutual non-disclosure agreement",
    first: "First Party",
    second: "Second Party",
    clauses: {
      term:
        "This agreement begins on {{start date}} and covers what is disclosed within {{duration}} from then.",
    },
  },
  services: { title: "Services agreement", first: "Client", second: "Provider", clauses: {} },
  employment: {
    title: "Employment contract",
    first: "Employer",
    second: "Employee",
    clauses: {
      services:
        "The {{SECOND}} is employed as {{position}} at {{place of work}}. The duties are: {{duties}}.",
      payment:
        "The annual salary is {{salary}} before tax, payable in twelve parts at the end of each month.",
      term:
        "The employment begins on {{start date}} and has no fixed end. The first {{probation}} are a probation.",
      termination:
        "Either party may terminate the employment with {{notice period}} of notice in writing, or the longer one that the law asks for. The right to end it at once for a grave cause stays.",
    },
  },
  lease: {
    title: "Lease of a dwelling",
    first: "Landlord",
    second: "Tenant",
    clauses: {
      payment:
        "The monthly rent is {{rent}}, payable on the {{day}} day of each month. {{charges}} are charged beside it.",
      term: "The lease begins on {{start date}} and lasts {{duration}}.",
      termination:
        "Either party may terminate the lease with {{notice period}} of notice in writing, or the longer one that the law gives the {{SECOND}}.",
      liability:
        "The {{SECOND}} is liable for damage beyond fair wear. The {{FIRST}} is liable for what comes of faults that it knew, or of which it was told.",
      assignment:
        "The {{SECOND}} may not assign or sublet the premises without the consent of the {{FIRST}} in writing, which is not refused without a reason.",
    },
  },
};
