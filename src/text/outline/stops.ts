/**
 * Which full stops end a sentence: not those of abbreviations, initials, ordinals and the markers of lists. The words are
 * of the kind that CLDR lists as suppressions (`common/segments`, Unicode License v3), chosen and completed by hand for
 * English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, the Nordic languages and Russian. All
 * count in every text, because a text need not say what language it is in.
 *
 * @module
 */

/** The words that tell what a full stop is. */
interface Lists {
  /** Never the end: titles and what points on. */
  open: ReadonlySet<string>;
  /** Not the end before a number. */
  numbered: ReadonlySet<string>;
  /** The end only before a capital letter. */
  oftenLast: ReadonlySet<string>;
  /** The end only before a word that begins sentences: names of firms, honours, times, months. */
  seldomLast: ReadonlySet<string>;
  /** Words that begin sentences. */
  openers: ReadonlySet<string>;
  /** Those of them that are part of no name, so that they end a sentence behind an initial, too. */
  plainOpeners: ReadonlySet<string>;
  /** A number behind one of these is an ordinal where a capital letter follows: "am 3. Oktober". */
  beforeOrdinals: ReadonlySet<string>;
  afterOrdinals: ReadonlySet<string>;
}

let known: Lists | undefined;

// Made at first use: a program that only imports should not have to build them.
function lists(): Lists {
  return known ??= {
    open: words(`
mr mrs ms messrs dr drs prof profs rev fr hon gov gen col maj capt cmdr lt sgt adm assoc asst atty insp rep reps sen sens pres supt mt ft
e.g i.e viz cf vs v approx ca circa incl excl esp resp misc subsp ssp spp
hr fr frl med dipl dipl.-ing dr.-ing ing mag z.b d.h u.a u.ä o.ä s.o s.u i.d.r z.t bzw vgl evtl ggf inkl exkl zzgl sog geb gest lfd phil
mme mmes mlle mlles mm me c.-à-d p.ex env
dres lic ee sra srta srs sras dra dña excmo excma p.ej ej av avda
dott dott.ssa sig sigg sig.ra sig.na avv arch on p.es ecc.mo
exmo exma ilmo ilma
dhr mevr mw drs bijv d.w.z m.b.t o.a t.a.v
np tzn tj dr prof mgr inż lek ul al gen płk ks hab
např tzv tj mgr ing mudr judr pan
f.eks t.d bl.a fx dvs kl
т.е т.к т.н т.п г-н г-жа им проф акад доц ул пр напр см ср`),
    numbered: words(`
fig figs ref refs apt eq eqs sec secs sect ch chap no nos nr art arts p pp pg pgs vol vols tab para par app ex ed lv op vv ver
gem abs abb bd bde kap ziff s str rn anm bsp num núm núms pág págs cap caps col tomo tom tav n nn nº blz hfst afb rys tab
rozdz poz obr č čl odst рис табл гл стр с п пп разд приб тел янв февр апр авг сент окт нояб дек
jan feb febr mar apr jun jul aug sep sept oct okt nov dec dez`),
    oftenLast: words(`etc usw uvm etal al ecc itd itp atd aj osv m.m dgl enz и.т.д т.д др пр`),
    seldomLast: words(`
inc ltd co corp llc plc gmbh bros jr sr esq uu ph.d d.phil m.sc b.sc m.eng b.eng m.d b.a m.a d.c u.s u.s.a u.k u.n e.u a.m p.m a.d b.c dept univ st ave
blvd rd assn est min max tel ext mfg mon tue tues wed thu thur thurs fri sat sun s.a s.r.l s.l s.p.a n.v b.v a.g`),
    openers: words(`
the a an this that these those it its he she they we you i his her their our my in on at by for from with as and but or
so if when while after before since because however there here what why how who where which then thus also not no yes
der die das ein eine er sie es wir ihr in im auf und aber wenn le la les un une il elle nous vous ils et mais el los las
una en y pero lo gli uno e ma o os as um uma de het een hij zij в на и но он она это они мы как`),
    plainOpeners: words(`
the this that these those it its he she they we you his her their our if when while because however there here what why how
who where which then thus`),
    beforeOrdinals: words(`
am im der dem den des die das zum zur vom ab bis seit beim und oder jeder jede jedes ins eines einem einen
den d dne dnia od do og i på fra til`),
    afterOrdinals: words(`
januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert jahrhunderts jh
jahrtausend weltkrieg weltkriegs klasse auflage lebensjahr tag`),
  };
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).filter((word) => word !== ""));
}

/** The longest stretch before a stop that is looked at. */
const REACH = 24;
/** What may stand on a line before the marker of a list. */
const BEFORE_MARKER = /(?:^|[\r\n]|[.!?:;]\s)[ \t>*+#([-]*$/;
const NUMBER = /^\d{1,3}(?:\.\d{1,3})*$/;
const MARKER = /^(?:\d{1,9}(?:\.\d{1,3})*|\p{L}|[ivxlcdm]{1,7})$/iu;
const ACRONYM = /^\p{L}(?:\.\p{L})+$/u;

/** What a number, or a letter that stands for one, begins with. */
const NUMBERING = /^[\p{N}(§]|^\[\p{N}|^[IVXLC]+\b|^\p{Lu}(?:[\p{N}.,;:)\]]|$)|^(?![AI])\p{Lu} /u;

/**
 * Whether a stop ends a sentence.
 *
 * @param text The text.
 * @param start Where the sentence begins, at the earliest.
 * @param stop Where the stop is; of several, the first one.
 * @param next Where the next word begins, behind white space and marks; the text's end if there is none.
 */
export function endsSentence(text: string, start: number, stop: number, next: number): boolean {
  if (next >= text.length) return true;
  const following = text.slice(next, next + REACH);
  // What goes on in small letters goes on.
  const isSmall = /^\p{Ll}/u.test(following);
  if (text[stop] !== ".") {
    // So does what goes on behind a call or question that is quoted, or behind dots.
    const isQuoted = /[!?]/.test(text[stop]!) && /["'”’»]/.test(text[stop + 1] ?? "");
    return !isSmall || !(text[stop] === "…" || isQuoted);
  }
  if (isSmall || following.startsWith("& ")) return false;
  // The stop of a name such as ".NET".
  if (next === stop + 1 && /^[\p{L}\p{N}]/u.test(following)) return false;
  const before = text.slice(Math.max(start, stop - 2 * REACH), stop);
  const own = /[\p{L}\p{M}\p{N}º](?:[\p{L}\p{M}\p{N}.-]*[\p{L}\p{M}\p{N}º])?$/u.exec(before)?.[0];
  if (own === undefined || own.length > REACH) return true;
  const word = own.toLowerCase();
  const rest = before.slice(0, before.length - own.length);
  if (MARKER.test(word) && isMarker(text, start, stop - own.length, rest)) return false;
  const { open, numbered, oftenLast, seldomLast, openers, plainOpeners } = lists();
  if (open.has(word)) return false;
  if (numbered.has(word) && NUMBERING.test(following)) return false;
  const opener = /^[\p{L}\p{M}]+/u.exec(following)?.[0].toLowerCase() ?? "";
  if (NUMBER.test(word)) return !isOrdinal(word, rest, opener);
  // An initial, as in "J. R. R. Tolkien".
  if (/^\p{Lu}$/u.test(own)) return (word === "i" ? openers : plainOpeners).has(opener);
  if (oftenLast.has(word)) return /^\p{L}/u.test(following);
  if (seldomLast.has(word) || ACRONYM.test(word)) return openers.has(opener);
  return true;
}

function isMarker(text: string, start: number, at: number, rest: string): boolean {
  // Cut off by the reach, it is not known what stands before.
  const isFirst = at - rest.length <= 0 || at - rest.length <= start;
  return BEFORE_MARKER.test(rest) && (isFirst || rest !== "") || (rest === "" && at === start) ||
    (at > 0 && /[\r\n]/.test(text[at - 1]!));
}

function isOrdinal(word: string, rest: string, opener: string): boolean {
  if (word.length > 2) return false;
  const previous = /([\p{L}\p{M}]+)\s+$/u.exec(rest)?.[1]?.toLowerCase() ?? "";
  const { beforeOrdinals, afterOrdinals } = lists();
  return afterOrdinals.has(opener) || (beforeOrdinals.has(previous) && opener !== "");
}
