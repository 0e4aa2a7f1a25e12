//! Why elements would be dropped wherever they stand: by element and role, and by words of class and id
//! where something else says the same: links, fields, shortness, a word that comes back within. A word
//! alone drops nothing. Twin: `marks.ts`.

use std::ops::Range;
use std::sync::OnceLock;

use super::measures::{Measures, OUT};
use crate::Error;
use crate::names::Names;
use crate::tags::{
    ARTICLE, ASIDE, BUTTON, CELL, DD, DIALOG, DT, FOOTER, FORM, HEADER, HEADING, INLINE, MAIN, NAV,
    PRE, QUOTE, ROW, SKIP,
};
use crate::tree::{CLASS, DROPPED, HREF, ID, LINK_SHIFT, ROLE};

/// Words of class and id that name what surrounds content.
const SURROUNDINGS: &str = "nav navbar navigation subnav menu menubar breadcrumb breadcrumbs sidebar sidenav footer cookie cookies consent gdpr share sharing sharebar sharedaddy addtoany social socials related recommended recommendation recommendations newsletter newsletters subscribe subscription signup promo promos promotion promoted ad ads advert adverts advertisement advertising adsense sponsor sponsored popup modal pagination pager toolbar masthead outbrain taboola toc trending relatedposts relatedarticles mostread mostpopular popular paywall upsell yarpp shariff sharethis sharebuttons socialshare readmore readnext nextpost nextstory prevnext postnav postnavigation morestories relatednews relatedcontent donate donation spenden abo subscriptions cta authorbox abowerbung";
/// Those of comments, which are long and without links as often as not.
const TALK: &str = "comment comments commentlist disqus respond kommentar kommentare comentarios commentaires komentarze commenti reacties";
/// Words of small print: what they name is dropped only outside of the text.
const SMALL: &str = "byline meta metadata postmeta tag tags category categories credit credits copyright print tools actions utility utilities widget widgets banner next previous prev more latest recent login disclaimer rating ratings feedback taglist entrymeta";
/// Those of short announcements of other pages, which may be all that a page has.
const TEASERS: &str = "teaser teasers";
/// Those of boxes about who wrote it.
const AUTHORS: &str = "author authors bio vcard";
/// Those of links beside a heading to where its section is edited.
const EDITING: &str = "editsection";
/// Classes of text that is meant for the ear.
const SPOKEN: &str = "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only";
/// So much good text may be all that a page is about.
const ENOUGH: i64 = 300;
/// So short are the links to where a section is edited.
const EDIT: i64 = 60;
/// Roles of what surrounds content; the last one may hold the title.
const ROLES: &str =
    "navigation contentinfo complementary search menu menubar toolbar dialog alertdialog banner";
const COMPLEMENTARY: u32 = 3;
const BANNER: u32 = 10;

// Why an element is dropped.
pub(super) const BY_ELEMENT: u8 = 1;
pub(super) const BY_WORD: u8 = 2;

// What the words of an element say.
pub(super) const OF_SURROUNDINGS: u8 = 1;
pub(super) const OF_TALK: u8 = 2;
pub(super) const OF_SMALL: u8 = 4;
/// The word is in the id only.
pub(super) const IN_ID: u8 = 8;
const OF_TEASERS: u8 = 16;
const OF_AUTHORS: u8 = 32;
const OF_EDITING: u8 = 64;

/// The names that are looked for.
struct Lists {
    words: Names,
    /// What each word says, from number 1 on.
    says: Vec<u8>,
    spoken: Names,
    roles: Names,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let names = |list: &'static str| Names::new(&list.split(' ').collect::<Vec<_>>());
        let kinds = [
            (SURROUNDINGS, OF_SURROUNDINGS),
            (TALK, OF_TALK),
            (SMALL, OF_SMALL),
            (TEASERS, OF_TEASERS),
            (AUTHORS, OF_SMALL | OF_AUTHORS),
            (EDITING, OF_EDITING),
        ];
        let words = kinds
            .iter()
            .flat_map(|&(list, says)| list.split(' ').map(move |word| (word, says)));
        let (words, says): (Vec<_>, Vec<_>) = words.unzip();
        Lists {
            words: Names::new(&words),
            says,
            spoken: names(SPOKEN),
            roles: names(ROLES),
        }
    })
}

/// Elements with words of comments, and of authors, among the nodes before one.
#[derive(Clone, Copy, Default)]
struct Echoes {
    talk: u32,
    authors: u32,
}

/// The marks of a page.
pub(super) struct Marks {
    /// Why each element is dropped.
    pub(super) why: Vec<u8>,
    /// What the words of each say.
    pub(super) named: Vec<u8>,
    pub(super) mains: Vec<usize>,
    pub(super) articles: Vec<usize>,
    echoes: Vec<Echoes>,
    last_link: u32,
}

impl Marks {
    pub(super) fn new(measures: &mut Measures<'_, '_>) -> Result<Self, Error> {
        let count = measures.count;
        let zeros = || -> Result<Vec<u8>, Error> {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(count)?;
            bytes.resize(count, 0);
            Ok(bytes)
        };
        let mut echoes = Vec::new();
        echoes.try_reserve_exact(count + 1)?;
        let mut marks = Self {
            why: zeros()?,
            named: zeros()?,
            mains: Vec::new(),
            articles: Vec::new(),
            echoes,
            last_link: 0,
        };
        marks.mark(measures);
        marks.weigh(measures);
        Ok(marks)
    }

    /// The text that is kept of a part.
    pub(super) fn kept(
        &self,
        measures: &Measures<'_, '_>,
        range: &Range<usize>,
        reasons: u8,
    ) -> i64 {
        let mut kept = measures.of(range).text;
        let mut node = range.start;
        while node < range.end {
            if self.why[node] & reasons == 0 {
                node += 1;
            } else {
                kept -= measures.text(node);
                node = measures.end(node);
            }
        }
        kept
    }

    /// Notes what elements and roles say, and the words.
    fn mark(&mut self, measures: &mut Measures<'_, '_>) {
        let (mut in_content, mut in_quote, mut code, mut articles) = (0, 0, 0, 0);
        let mut echoes = Echoes::default();
        let mut node = 0;
        while node < measures.count {
            self.echoes.push(echoes);
            let current = measures.tree.nodes[node];
            if current.tag == 0 {
                self.skip_link(measures, node);
                node += 1;
                continue;
            }
            let kind = measures.kind(node);
            let end = current.end as usize;
            if kind == SKIP || current.flags & OUT != 0 {
                self.echoes.resize(end, echoes);
                node = end;
                continue;
            }
            let range = measures.tree.range(node);
            let attributes = range.1 > range.0;
            let role = if attributes { role(measures, range) } else { 0 };
            let is_main = current.tag == MAIN || (attributes && is_main(measures, range));
            let may_be_named = !matches!(kind, CELL | ROW | HEADING | DD) && current.tag != DT;
            if attributes && !is_main && node >= code && may_be_named {
                let named = words(measures, range);
                self.named[node] = named;
                // Ids of sections and of what they define say what a page is about.
                if named & IN_ID == 0 {
                    echoes.talk += u32::from(named & OF_TALK != 0);
                    echoes.authors += u32::from(named & OF_AUTHORS != 0);
                }
            }
            let by = |drops: bool| if drops { BY_ELEMENT } else { 0 };
            let why = match current.tag {
                NAV | DIALOG | BUTTON => BY_ELEMENT,
                tag if tag == ASIDE || role == COMPLEMENTARY => {
                    by(node >= in_content || !is_note(measures, node))
                }
                FOOTER => by(node >= in_quote),
                _ if role != 0 && role != BANNER => BY_ELEMENT,
                tag if tag == HEADER || role == BANNER => {
                    by(node >= in_content && measures.inner(node).titles == 0)
                }
                _ => {
                    let at = measures.tree.find(range, CLASS);
                    if at.is_some_and(|at| is_spoken(measures, at)) {
                        BY_WORD
                    } else {
                        0
                    }
                }
            };
            if is_main {
                if why != BY_ELEMENT {
                    self.mains.push(node);
                }
                in_content = in_content.max(end);
            } else if current.tag == ARTICLE {
                if why == 0 && node >= articles {
                    self.articles.push(node);
                    articles = end;
                }
                in_content = in_content.max(end);
            }
            self.why[node] = why;
            if why == BY_ELEMENT {
                self.echoes.resize(end, echoes);
                node = end;
                continue;
            }
            if kind == QUOTE {
                in_quote = in_quote.max(end);
            } else if kind == PRE {
                code = code.max(end);
            }
            node += 1;
        }
        self.echoes.push(echoes);
    }

    /// A text that is a link for those who cannot see, such as one to the content.
    fn skip_link(&mut self, measures: &mut Measures<'_, '_>, node: usize) {
        let link = measures.tree.nodes[node].style >> LINK_SHIFT;
        if link == 0 || link == self.last_link {
            return;
        }
        self.last_link = link;
        let range = measures.tree.links[link as usize - 1];
        let Some(at) = measures.tree.find(range, CLASS) else {
            return;
        };
        let href = measures.tree.find(range, HREF);
        let is_jump = says_jump(measures.tree.raw_value(at).as_bytes())
            && href.is_some_and(|href| measures.tree.raw_value(href).starts_with('#'));
        if is_jump || is_spoken(measures, at) {
            measures.tree.nodes[node].flags = DROPPED;
        }
    }

    /// Decides about the elements with words.
    fn weigh(&mut self, measures: &Measures<'_, '_>) {
        let whole = measures.sums[measures.count];
        // Where comments or teasers are all there is, they are the content.
        let talks = whole.good - self.good_of(measures, OF_TALK) >= ENOUGH;
        let announces = self.good_of(measures, OF_TEASERS) * 2 < whole.good;
        for node in 0..measures.count {
            let tag = measures.tag(node);
            if tag == 0 || self.why[node] != 0 {
                continue;
            }
            let named = self.named[node];
            let decisive = OF_SURROUNDINGS | OF_TALK | OF_TEASERS | OF_AUTHORS | OF_EDITING;
            if tag != FORM && named & decisive == 0 {
                continue;
            }
            let inner = measures.inner(node);
            let drops = if tag == FORM {
                inner.text * 4 < whole.text
            } else if named & OF_EDITING != 0 && inner.text < EDIT && inner.links > 0 {
                true
            } else if named & decisive & !OF_EDITING == 0 {
                false
            } else {
                let kind = measures.kind(node);
                if kind == INLINE && tag < measures.tags.known {
                    continue;
                }
                let (from, to) = (self.echoes[node], self.echoes[measures.end(node)]);
                if named & OF_TALK != 0 && talks && to.talk - from.talk >= 3 {
                    true
                } else if inner.text * 2 >= whole.text || inner.good * 2 > whole.good {
                    // What has most of the page's text, or of its good text, is no boilerplate.
                    false
                } else if named & OF_TEASERS != 0 && announces {
                    inner.links > 0 && inner.text * 5 < whole.text
                } else if named & OF_AUTHORS != 0
                    && inner.good > 0
                    && inner.text * 4 < whole.text
                    && to.authors - from.authors >= 2
                {
                    true
                } else if named & (OF_SURROUNDINGS | OF_TALK | OF_TEASERS) == 0 {
                    false
                } else if (tag == ARTICLE || inner.titles > 0)
                    && named & OF_TALK == 0
                    && inner.good >= ENOUGH
                {
                    // Classes of an article and of what holds the title are about them: categories, or how
                    // they are shown.
                    false
                } else {
                    is_boilerplate(named, kind, &inner)
                }
            };
            if drops {
                self.why[node] = BY_WORD;
            }
        }
    }

    /// The good text in elements with words of a kind.
    fn good_of(&self, measures: &Measures<'_, '_>, named: u8) -> i64 {
        let mut sum = 0;
        let mut node = 0;
        while node < measures.count {
            if self.named[node] & named != 0 && measures.kind(node) != INLINE {
                sum += measures.inner(node).good;
                node = measures.end(node);
            } else {
                node += 1;
            }
        }
        sum
    }
}

/// Whether what an element with such words holds says the same.
fn is_boilerplate(named: u8, kind: u8, inner: &super::measures::Sums) -> bool {
    let has_heading = inner.headings > 0;
    // An id that was made of the heading says nothing.
    if named & IN_ID != 0 && has_heading && inner.linked * 2 < inner.text {
        return false;
    }
    let is_links = inner.linked > 0
        && (inner.linked * 3 >= inner.text
            || (named & IN_ID == 0 && inner.links >= 2 && inner.links * 300 >= inner.text));
    is_links
        || (inner.controls > 0 && inner.good < ENOUGH)
        || (kind != INLINE && inner.good == 0 && (named & OF_TALK == 0 || !has_heading))
}

/// Whether an aside within content is a note to it, not a box of links or an advertisement.
fn is_note(measures: &Measures<'_, '_>, node: usize) -> bool {
    let inner = measures.inner(node);
    inner.linked * 3 <= inner.text
        && inner.controls == 0
        && words(measures, measures.tree.range(node)) & (OF_SURROUNDINGS | OF_TALK) == 0
}

fn role(measures: &Measures<'_, '_>, range: (u32, u32)) -> u32 {
    let at = measures.tree.find(range, ROLE);
    at.map_or(0, |at| {
        lists().roles.find(measures.tree.raw_value(at).as_bytes())
    })
}

fn is_main(measures: &Measures<'_, '_>, range: (u32, u32)) -> bool {
    let at = measures.tree.find(range, ROLE);
    at.is_some_and(|at| measures.tree.raw_value(at) == "main")
}

fn words(measures: &Measures<'_, '_>, (from, to): (u32, u32)) -> u8 {
    let (mut of_class, mut of_id) = (0, 0);
    for at in from as usize..to as usize {
        match measures.tree.attributes[at].name {
            CLASS => of_class |= words_at(measures.tree.raw_value(at).as_bytes()),
            ID => of_id |= words_at(measures.tree.raw_value(at).as_bytes()),
            _ => {}
        }
    }
    let strong = OF_SURROUNDINGS | OF_TALK | OF_AUTHORS;
    let in_id = if of_class == 0 {
        of_id != 0
    } else {
        of_id & strong != 0 && of_class & strong == 0
    };
    of_class | of_id | if in_id { IN_ID } else { 0 }
}

/// What the words of an attribute's value say; they end where a capital letter follows a small one.
fn words_at(bytes: &[u8]) -> u8 {
    let lists = lists();
    let mut found = 0;
    let mut from = None;
    let mut before = 0u8;
    for place in 0..=bytes.len() {
        let code = bytes.get(place).copied().unwrap_or(b' ');
        let starts = code.is_ascii_uppercase() && before.is_ascii_lowercase();
        if !code.is_ascii_alphabetic() || starts {
            if let Some(from) = from {
                let word = lists.words.find(&bytes[from..place]) as usize;
                found |= if word == 0 { 0 } else { lists.says[word - 1] };
            }
            from = starts.then_some(place);
        } else if from.is_none() {
            from = Some(place);
        }
        before = code;
    }
    found
}

/// Whether a class among those of an attribute is one for the ear.
fn is_spoken(measures: &Measures<'_, '_>, at: usize) -> bool {
    measures
        .tree
        .raw_value(at)
        .as_bytes()
        .split(|&byte| byte <= b' ')
        .any(|word| !word.is_empty() && lists().spoken.find(word) != 0)
}

/// Whether "skip" or "jump" is a word of a value.
fn says_jump(bytes: &[u8]) -> bool {
    bytes
        .split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| word.eq_ignore_ascii_case(b"skip") || word.eq_ignore_ascii_case(b"jump"))
}
