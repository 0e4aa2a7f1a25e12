/** What contracts speak of: kinds of clauses with the words of their headings and of their text. Data. @module */

/** A kind of clause. */
export interface ClauseKind {
  /** What it is called in results. */
  readonly kind: string;
  /** In a heading each of these says that the clause is of the kind. */
  readonly heading: RegExp;
  /** In the text each occurrence is a sign. */
  readonly signs: RegExp;
}

/** The kinds that are known. */
export const KINDS: readonly ClauseKind[] = [
  {
    kind: "definitions",
    heading: /\bdefinitions?\b|\binterpretation\b/i,
    signs: /\bshall mean\b|["”] means\b|\bhas the meaning\b|\bmeanings set out\b/gi,
  },
  {
    kind: "parties",
    heading: /\bparties\b/i,
    signs: /\bhereinafter\b|\b(?:made|entered into) (?:by and )?between\b/gi,
  },
  {
    kind: "term",
    heading: /\b(?:term|duration|commencement)\b(?!s\b)/i,
    signs:
      /\b(?:initial|renewal) term\b|\bshall (?:commence|remain in (?:full )?force)\b|\bcomes? into (?:force|effect)\b|\bEffective Date\b/gi,
  },
  {
    kind: "termination",
    heading: /\bterminat(?:ion|e)\b|\bcancellation\b/i,
    signs:
      /\bterminat(?:e|es|ed|ion)\b|\bnotice of termination\b|\bbring (?:this|the) (?:agreement|lease) to an end\b/gi,
  },
  {
    kind: "liability",
    heading: /\bliabilit(?:y|ies)\b/i,
    signs:
      /\b(?:not|no event) (?:shall )?(?:either party )?be liable\b|\bliable for\b|\baggregate liability\b|\bconsequential (?:loss|damages)\b|\blimitation of liability\b|\bloss of profits?\b/gi,
  },
  {
    kind: "indemnity",
    heading: /\bindemni(?:ty|ties|fication)\b/i,
    signs: /\bindemnif(?:y|ies|ied|ication)\b|\bhold harmless\b/gi,
  },
  {
    kind: "confidentiality",
    heading: /\bconfidential(?:ity)?\b|\bnon-?disclosure\b/i,
    signs:
      /\bconfidential(?:ity)?\b|\bnon-?disclosure\b|\bshall not disclose\b|\btrade secrets?\b/gi,
  },
  {
    kind: "governing law",
    heading: /\bgoverning law\b|\bapplicable law\b|\bjurisdiction\b/i,
    signs:
      /\bgoverned by\b|\bconstrued in accordance with\b|\blaws? of (?:the )?[A-Z]|\bexclusive jurisdiction\b/g,
  },
  {
    kind: "dispute resolution",
    heading: /\bdisputes?\b|\barbitration\b|\bmediation\b/i,
    signs: /\barbitrat(?:ion|or|ors)\b|\bmediat(?:ion|or)\b|\bdisputes? arising\b/gi,
  },
  {
    kind: "payment",
    heading:
      /\bpayments?\b|\bfees?\b|\bprices?\b|\brent\b|\bsalary\b|\bremuneration\b|\bcompensation\b/i,
    signs:
      /\bshall pay\b|\bpayable\b|\binvoices?\b|\bwithin \w+(?: \(\d+\))? days of (?:receipt|the invoice)\b|\bmonthly rent\b|\bannual salary\b/gi,
  },
  {
    kind: "intellectual property",
    heading:
      /\bintellectual property\b|\bcopyright\b|\binventions?\b|\bownership of (?:work|results)/i,
    signs:
      /\bintellectual property\b|\bcopyrights?\b|\bpatents?\b|\btrade ?marks?\b|\bmoral rights\b|\bassigns? (?:all|its) right/gi,
  },
  {
    kind: "data protection",
    heading: /\bdata protection\b|\bprivacy\b|\bpersonal data\b/i,
    signs: /\bpersonal data\b|\bdata (?:protection|subjects?|controller|processor)\b|\bGDPR\b/gi,
  },
  {
    kind: "force majeure",
    heading: /\bforce majeure\b/i,
    signs:
      /\bforce majeure\b|\bbeyond (?:its|their|the) (?:reasonable )?control\b|\bacts? of God\b/gi,
  },
  {
    kind: "warranty",
    heading: /\bwarrant(?:y|ies)\b|\brepresentations\b/i,
    signs: /\bwarrants?\b|\brepresents and\b|\bas is\b|\bmerchantability\b/gi,
  },
  {
    kind: "assignment",
    heading: /\bassignment\b|\bsublet(?:ting)?\b|\bsubcontract(?:ing|ors?)\b/i,
    signs:
      /\bmay not assign\b|\bshall not assign\b|\bassign or (?:transfer|sublet)\b|\bsublet\b|\bsubcontract\b/gi,
  },
  {
    kind: "notices",
    heading: /\bnotices?\b/i,
    signs:
      /\bnotices? (?:under|required|given)\b|\bin writing and (?:delivered|sent)\b|\bdeemed (?:received|given|served)\b/gi,
  },
  {
    kind: "entire agreement",
    heading: /\bentire agreement\b/i,
    signs: /\bentire agreement\b|\bsupersedes? (?:all|any)\b/gi,
  },
  {
    kind: "amendment",
    heading: /\bamendments?\b|\bvariations?\b|\bmodifications?\b/i,
    signs: /\bamended (?:only )?(?:by|in) \b|\bno (?:amendment|variation|modification)\b/gi,
  },
  {
    kind: "severability",
    heading: /\bseverab(?:ility|le)\b|\bseverance\b/i,
    signs:
      /\bseverable\b|\b(?:invalid|unenforceable)\b[^.]{0,80}\b(?:remaining|other) provisions\b/gi,
  },
  {
    kind: "non-compete",
    heading: /\bnon-?compet(?:e|ition)\b|\brestrictive covenants?\b|\bnon-?solicitation\b/i,
    signs:
      /\bshall not (?:directly or indirectly )?(?:compete|solicit)\b|\bnon-?compet(?:e|ition)\b|\bnon-?solicitation\b/gi,
  },
  {
    kind: "working time",
    heading: /\bworking (?:time|hours)\b|\bhours of work\b|\bholidays?\b|\bleave\b/i,
    signs: /\bhours (?:per|a) week\b|\bannual leave\b|\bpaid (?:holiday|leave)\b|\bovertime\b/gi,
  },
  {
    kind: "services",
    heading: /\bservices\b|\bscope\b|\bdeliverables?\b|\bduties\b/i,
    signs: /\bshall (?:provide|perform) the services\b|\bdeliverables?\b|\bstatement of work\b/gi,
  },
  {
    kind: "deposit",
    heading: /\bdeposit\b/i,
    signs: /\bsecurity deposit\b|\bthe deposit\b/gi,
  },
  {
    kind: "maintenance",
    heading: /\bmaintenance\b|\brepairs?\b/i,
    signs: /\bgood repair\b|\brepairs? (?:and|or) maintenance\b|\bkeep the premises\b/gi,
  },
  {
    kind: "premises",
    heading: /\bpremises\b|\bproperty let\b/i,
    signs: /\blets? (?:the|to the tenant)\b|\bpremises (?:at|located|situated|known)\b/gi,
  },
  {
    kind: "return of materials",
    heading: /\breturn (?:of|or destruction)\b/i,
    signs: /\b(?:return|destroy)(?: or (?:return|destroy))? (?:all|any)\b/gi,
  },
  {
    kind: "exclusions",
    heading: /\bexclusions?\b|\bexceptions?\b/i,
    signs:
      /\bpublic domain\b|\bpublicly (?:known|available)\b|\balready known to\b|\bindependently developed\b/gi,
  },
];
