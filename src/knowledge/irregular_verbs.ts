/**
 * English verbs whose forms do not share a stem, so that "sown" finds "sow" and "keep" finds "kept".
 *
 * @module
 */

const FORMS =
  "be was were been;become became;begin began begun;bend bent;bind bound;bite bit bitten;blow blew blown;" +
  "break broke broken;bring brought;build built;burn burnt;buy bought;catch caught;choose chose chosen;" +
  "come came;creep crept;deal dealt;dig dug;draw drew drawn;drink drank drunk;drive drove driven;" +
  "eat ate eaten;fall fell fallen;feed fed;feel felt;fight fought;find found;flee fled;fly flew flown;" +
  "forbid forbade forbidden;forget forgot forgotten;freeze froze frozen;get got gotten;give gave given;" +
  "go went gone;grow grew grown;hang hung;hear heard;hide hid hidden;hold held;keep kept;know knew known;" +
  "lay laid;lead led;leave left;lend lent;lose lost;make made;mean meant;meet met;pay paid;ride rode ridden;" +
  "ring rang rung;rise rose risen;run ran;say said;see saw seen;seek sought;sell sold;send sent;" +
  "shake shook shaken;shine shone;shoot shot;show shown;shrink shrank shrunk;sing sang sung;sink sank sunk;" +
  "sit sat;sleep slept;sow sown;speak spoke spoken;spend spent;spin spun;stand stood;steal stole stolen;" +
  "stick stuck;strike struck;swear swore sworn;sweep swept;swell swollen;swim swam swum;swing swung;" +
  "take took taken;teach taught;tear tore torn;tell told;think thought;throw threw thrown;" +
  "understand understood;wake woke woken;wear wore worn;weave wove woven;weep wept;win won;wind wound;" +
  "withdraw withdrew withdrawn;write wrote written";

const forms = new Map<string, readonly string[]>();
for (const verb of FORMS.split(";").map((words) => words.split(" "))) {
  for (const form of verb) forms.set(form, verb);
}

/** All irregular forms of a folded word, the base first; just the word if it has none. */
export function formsOf(word: string): readonly string[] {
  return forms.get(word) ?? [word];
}
