//! Why elements would be dropped: by element and role, by words of class and id, as blocks of links.

use std::ops::Range;
use std::sync::OnceLock;

use super::{BY_ELEMENT, BY_WORD, Finder, Sums};
use crate::names::Names;
use crate::tags::{
    ARTICLE, ASIDE, BLOCK, BUTTON, CELL, DIALOG, FOOTER, FORM, HEADER, HEADING, INLINE, LIST, MAIN,
    NAV, PRE, QUOTE, ROW, SKIP, TABLE,
};
use crate::tree::{CLASS, ID, ROLE};

/// Words of class and id that name what surrounds content.
const WORDS: &str = "nav navbar navigation subnav menu menubar breadcrumb breadcrumbs sidebar sidenav footer cookie cookies consent gdpr share sharing sharebar social related recommended recommendations newsletter subscribe signup promo promotion promoted ad ads advert adverts advertisement advertising sponsor sponsored popup modal pagination pager toolbar masthead comments disqus outbrain taboola toc skip gutter linenos lineno linenumbers";
/// Classes of text that is meant for the ear.
const SPOKEN: &str = "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only";
/// Roles of what surrounds content; the last one may hold the title.
const ROLES: &str =
    "navigation contentinfo complementary search menu menubar toolbar dialog alertdialog banner";
const BANNER: u32 = 10;

/// The names that are looked for.
pub(super) struct Lists {
    words: Names,
    spoken: Names,
    roles: Names,
}

pub(super) fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let names = |list: &'static str| Names::new(&list.split(' ').collect::<Vec<_>>());
        Lists {
            words: names(WORDS),
            spoken: names(SPOKEN),
            roles: names(ROLES),
        }
    })
}

impl Finder<'_, '_> {
    pub(super) fn is_skip_link(&self, link: u32) -> bool {
        let at = self.tree.find(self.tree.links[link as usize - 1], CLASS);
        at.is_some_and(|at| self.has_word(at) || self.is_spoken(at))
    }

    /// Notes why elements would be dropped.
    pub(super) fn mark(&mut self) {
        let total = self.sums[self.count].text;
        let (mut in_content, mut in_quote, mut code, mut articles) = (0, 0, 0, 0);
        let mut node = 0;
        while node < self.count {
            let current = self.tree.nodes[node];
            if current.tag == 0 {
                node += 1;
                continue;
            }
            let kind = self.tags.kind(current.tag);
            let end = current.end as usize;
            if kind == SKIP || current.flags != 0 {
                node = end;
                continue;
            }
            let range = self.tree.range(node);
            let attributes = range.1 > range.0;
            let role = if attributes { self.role(node) } else { 0 };
            let size = u64::from(self.inner(node).text);
            let mut why = match current.tag {
                NAV | ASIDE | DIALOG | BUTTON => BY_ELEMENT,
                FOOTER if node < in_quote => 0,
                FOOTER => BY_ELEMENT,
                _ if role != 0 && role != BANNER => BY_ELEMENT,
                _ if current.tag == HEADER || role == BANNER => {
                    let drops = node >= in_content && self.inner(node).titles == 0;
                    if drops { BY_ELEMENT } else { 0 }
                }
                FORM if size * 4 < u64::from(total) => BY_WORD,
                FORM => 0,
                _ => {
                    let named = attributes
                        && node >= code
                        && size * 2 < u64::from(total)
                        && !matches!(kind, CELL | ROW | HEADING)
                        && (kind != INLINE || current.tag >= self.tags.known)
                        && self.is_named(range);
                    if named { BY_WORD } else { 0 }
                }
            };
            if why == 0
                && attributes
                && self
                    .tree
                    .find(range, CLASS)
                    .is_some_and(|at| self.is_spoken(at))
            {
                why = BY_WORD;
            }
            if current.tag == MAIN || (attributes && self.is_main(range)) {
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
            if why != 0 {
                self.why[node] = why;
                if why == BY_ELEMENT {
                    node = end;
                    continue;
                }
            }
            if kind == QUOTE {
                in_quote = in_quote.max(end);
            } else if kind == PRE {
                code = code.max(end);
            }
            node += 1;
        }
    }

    fn role(&self, node: usize) -> u32 {
        let at = self.tree.find(self.tree.range(node), ROLE);
        at.map_or(0, |at| {
            self.lists.roles.find(self.tree.raw_value(at).as_bytes())
        })
    }

    fn is_main(&self, range: (u32, u32)) -> bool {
        let at = self.tree.find(range, ROLE);
        at.is_some_and(|at| self.tree.raw_value(at) == "main")
    }

    fn is_named(&self, (from, to): (u32, u32)) -> bool {
        (from as usize..to as usize)
            .any(|at| matches!(self.tree.attributes[at].name, CLASS | ID) && self.has_word(at))
    }

    /// Whether the value of an attribute has one of the words; they end where a capital letter follows a
    /// small one.
    fn has_word(&self, at: usize) -> bool {
        let bytes = self.tree.raw_value(at).as_bytes();
        let mut from = None;
        let mut before = 0u8;
        for place in 0..=bytes.len() {
            let code = bytes.get(place).copied().unwrap_or(b' ');
            let starts = code.is_ascii_uppercase() && before.is_ascii_lowercase();
            if !code.is_ascii_alphabetic() || starts {
                if from.is_some_and(|from| self.lists.words.find(&bytes[from..place]) != 0) {
                    return true;
                }
                from = starts.then_some(place);
            } else if from.is_none() {
                from = Some(place);
            }
            before = code;
        }
        false
    }

    /// Whether a class among those of an attribute is one for the ear.
    fn is_spoken(&self, at: usize) -> bool {
        self.tree
            .raw_value(at)
            .as_bytes()
            .split(|&byte| byte <= b' ')
            .any(|word| !word.is_empty() && self.lists.spoken.find(word) != 0)
    }

    /// Blocks that are little but links, where nobody marked what is content.
    pub(super) fn mark_link_blocks(&mut self, body: &Range<usize>) {
        let total = u64::from(self.sums[body.end].text - self.sums[body.start].text);
        let mut node = body.start;
        while node < body.end {
            let is_list = matches!(self.kind(node), LIST | BLOCK | TABLE | CELL);
            if is_list && self.tree.nodes[node].tag != 0 && self.why[node] == 0 {
                let Sums {
                    text,
                    linked,
                    links,
                    titles,
                } = self.inner(node);
                let wide = u64::from(text);
                if links >= 3
                    && u64::from(linked) * 5 >= wide * 4
                    && text - linked < 60
                    && wide * 2 < total
                    && titles == 0
                {
                    self.why[node] = BY_WORD;
                    node = self.end(node);
                    continue;
                }
            }
            node += 1;
        }
    }
}
