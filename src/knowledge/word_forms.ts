/**
 * English words that are written or inflected in several ways, made one: British spelling, plurals that no stem
 * joins, and words that mean the same.
 *
 * @module
 */

const PLURALS =
  "analyses analysis;appendices appendix;axes axis;bases basis;children child;crises crisis;criteria criterion;" +
  "feet foot;geese goose;halves half;hypotheses hypothesis;indices index;indexes index;knives knife;leaves leaf;" +
  "lives life;matrices matrix;men man;mice mouse;oases oasis;parentheses parenthesis;people person;" +
  "phenomena phenomenon;shelves shelf;syntheses synthesis;teeth tooth;theses thesis;thieves thief;" +
  "vertices vertex;wives wife;women woman;wolves wolf";

/** Spellings that no rule below covers. */
const BRITISH =
  "analogue analog;artefact artifact;centre center;centred centered;cheque check;defence defense;dialogue dialog;" +
  "disc disk;fibre fiber;grey gray;judgement judgment;kerb curb;licence license;litre liter;manoeuvre maneuver;" +
  "metre meter;mould mold;offence offense;paediatric pediatric;plough plow;practise practice;pretence pretense;" +
  "programme program;programmes programs;sceptical skeptical;storey story;sulphur sulfur;theatre theater;" +
  "tyre tire;tyres tires;metres meters;litres liters;fibres fibers;centres centers;catalogue catalog;" +
  "catalogues catalogs;aluminium aluminum;mum mom;aeroplane airplane;jewellery jewelry;skilful skillful;fulfil fulfill";

const BASES: ReadonlyMap<string, string> = new Map(
  `${PLURALS};${BRITISH}`.split(";").map((pair) => pair.split(" ") as [string, string]),
);

/** American words in -our, which the rule for British ones must leave alone. */
const OUR =
  /^(?:f|h|p|y|t|s|d|fl|sc)our|^(?:four|hour|your|tour|pour|sour|flour|scour|devour|detour|contour|glamour|velour|troubadour)/;
const IZE = /^[a-z]{3,}(?:is(?:e[drs]?|ing|ation|ations|er|ers))$/;
/** Words in -ise that are written so on both sides. */
const ALWAYS_ISE =
  /^(?:advertis|advis|appris|aris|chastis|circumcis|compris|compromis|concis|demis|despis|devis|disguis|excis|exercis|expertis|franchis|improvis|incis|merchandis|nois|otherwis|pois|prais|precis|premis|promis|rais|revis|surmis|surpris|supervis|televis|likewis|paradis|turquois|tortois|trea|wis|rais|brais|bruis|cruis|appris|pleas|treatis|enterpris|reprise|liais|malais)/;

/** A word in its American spelling and, of an irregular plural, in the singular; any other word as it is. */
export function baseForm(word: string): string {
  const known = BASES.get(word);
  if (known !== undefined) return known;
  if (word.length < 5) return word;
  if (word.includes("our") && !OUR.test(word)) {
    return word.replace(/our(?=$|s$|ed$|ing$|ful|less|ite|able|al$|er$|ist$)/, "or");
  }
  if (IZE.test(word) && !ALWAYS_ISE.test(word)) {
    return word.replace(/is(e[drs]?|ing|ation|ations|er|ers)$/, "iz$1");
  }
  if (/[^aeiou]ys(?:e[drs]?|ing)$|lys(?:e[drs]?|ing)$/.test(word)) {
    return word.replace(/ys(e[drs]?|ing)$/, "yz$1");
  }
  // cancelled, travelling, modelled; but not called, filling, controlled.
  const doubled = /^([a-z]*[aeiou][a-z]*[^aeiou]?[aeu]l)l(ed|ing|er|ers)$/.exec(word);
  if (
    doubled !== null && doubled[1]!.length >= 5 &&
    !/(?:pel|mpel|excel|repel|fuel)$/.test(doubled[1]!)
  ) {
    return `${doubled[1]}${doubled[2]}`;
  }
  return word;
}

const SYNONYMS =
  "allow permit let enable;begin start launch;big large huge;biggest largest maximum;bigger larger;build compile make;" +
  "buy purchase;change modify edit alter;check verify validate test;choose select pick;colleague coworker;" +
  "compress pack shrink;computer machine host;copy duplicate;create make new;deactivate disable;" +
  "delete remove erase drop;directory folder;display show print;download fetch;email mail;fast quick speed;" +
  "fix repair correct mend;forbid deny disallow prohibit prevent;hide mask suppress;image picture photo;" +
  "join connect combine;keep retain preserve;kill terminate stop;limit maximum;list show enumerate;locate find search;" +
  "maximum largest most;minimum smallest least;mistake error;need require;newest latest recent;obtain get retrieve;" +
  "omit skip exclude ignore;password passphrase;pause wait suspend;previous earlier last;replace substitute;" +
  "restart reload;result output;revert undo rollback;run execute;save store write;send deliver transmit;" +
  "several multiple;size length;smaller less;split divide;switch toggle;turn switch;update upgrade;website site;" +
  "whole entire;fail failure error;forbidden denied;explain describe;empty blank;amount quantity number;" +
  "answer reply response;arguments parameters;begin start;close shut;exit quit end;guess estimate;link symlink;" +
  "lock block;log journal;loop iterate repeat;name call;old previous stale;own custom;port socket;protect secure;" +
  "rename move;safe secure;sign mark;sort order;speed performance fast;unpack extract decompress;user account;" +
  "way method;wrong incorrect invalid;year annual;cost price;doctor physician;car automobile;job task;" +
  "answer solution;ill sick;damaged corrupt corrupted broken;unattended automatic automatically";

let synonyms: Map<string, Set<string>> | undefined;

/** Words that may stand for a word in lower case; they count less than the word itself. */
export function synonymsOf(word: string): ReadonlySet<string> {
  if (synonyms === undefined) {
    synonyms = new Map();
    for (const group of SYNONYMS.split(";").map((words) => words.split(" "))) {
      for (const one of group) {
        const others = synonyms.get(one) ?? new Set();
        synonyms.set(one, others);
        for (const other of group) if (other !== one) others.add(other);
      }
    }
  }
  return synonyms.get(word) ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();
