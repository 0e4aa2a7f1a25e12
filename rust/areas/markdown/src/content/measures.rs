//! What is counted of a page before its main content is looked for: sums over the nodes before each, so
//! that any element is measured by two of them. Lengths are UTF-16 units of the source, wide letters three
//! times. Twin: `measures.ts`.

use std::ops::{Range, Sub};

use crate::Error;
use crate::tags::{BR, BUTTON, DEL, H1, HEADING, IMG, INLINE, INPUT, SKIP, SUP, Tags, tags};
use crate::tree::{DROPPED, HIDDEN, HREF, ID, LINK_SHIFT, Tree};
use crate::walk::is_anchor;

/// A block of text is good from so many units on.
const GOOD: i64 = 40;
/// From here on letters are words or parts of them, and count three times.
const WIDE: char = '\u{2e80}';

/// What is no part of the page.
pub(super) const OUT: u8 = HIDDEN | DROPPED;

/// Sums over the nodes before one.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) text: i64,
    /// The text of links.
    pub(super) linked: i64,
    pub(super) links: i64,
    /// Level-one headings.
    pub(super) titles: i64,
    pub(super) headings: i64,
    /// Fields and buttons of forms.
    pub(super) controls: i64,
    /// Headings that are links to other pages.
    pub(super) teasers: i64,
    /// Headings that carry a link to themselves, as documentation has them.
    pub(super) permalinks: i64,
    /// The text outside of links of good blocks: long ones, of which at most a third is links.
    pub(super) good: i64,
}

impl Sub for Sums {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            text: self.text - other.text,
            linked: self.linked - other.linked,
            links: self.links - other.links,
            titles: self.titles - other.titles,
            headings: self.headings - other.headings,
            controls: self.controls - other.controls,
            teasers: self.teasers - other.teasers,
            permalinks: self.permalinks - other.permalinks,
            good: self.good - other.good,
        }
    }
}

/// The sums of a page.
pub(super) struct Measures<'f, 's> {
    pub(super) tree: &'f mut Tree<'s>,
    pub(super) count: usize,
    pub(super) tags: &'static Tags,
    pub(super) sums: Vec<Sums>,
}

/// The block that is being measured: the sums when it began.
#[derive(Default)]
struct Block {
    text: i64,
    linked: i64,
}

impl Block {
    fn finish(&mut self, sums: &mut Sums) {
        let length = sums.text - self.text;
        let of_links = sums.linked - self.linked;
        if length >= GOOD && of_links * 3 <= length {
            sums.good += length - of_links;
        }
        self.text = sums.text;
        self.linked = sums.linked;
    }
}

/// The heading that is being measured, or the last one: the sums when it began.
#[derive(Default)]
struct Heading {
    end: usize,
    block: Block,
    /// A link in it leads to another page.
    leads_away: bool,
    /// Where one ends that is known to have a link to itself.
    permalink: usize,
    /// The next link after its attributes, counted from 0.
    next: usize,
}

impl Heading {
    fn finish(&mut self, sums: &mut Sums) {
        let length = sums.text - self.block.text;
        sums.teasers += i64::from((sums.linked - self.block.linked) * 2 > length);
        self.leads_away = false;
    }
}

impl<'f, 's> Measures<'f, 's> {
    pub(super) fn new(tree: &'f mut Tree<'s>) -> Result<Self, Error> {
        let count = tree.count();
        let mut sums = Vec::new();
        sums.try_reserve_exact(count + 1)?;
        let mut measures = Self {
            tree,
            count,
            tags: tags(),
            sums,
        };
        measures.measure();
        Ok(measures)
    }

    /// The kind of an element; `INLINE` for texts.
    #[inline]
    pub(super) fn kind(&self, node: usize) -> u8 {
        match self.tags.kind(self.tree.nodes[node].tag) {
            SUP.. => INLINE,
            kind => kind,
        }
    }

    #[inline]
    pub(super) fn tag(&self, node: usize) -> u32 {
        self.tree.nodes[node].tag
    }

    #[inline]
    pub(super) fn end(&self, node: usize) -> usize {
        self.tree.nodes[node].end as usize
    }

    /// The sums over an element.
    #[inline]
    pub(super) fn inner(&self, node: usize) -> Sums {
        self.sums[self.end(node)] - self.sums[node]
    }

    /// The text of an element.
    #[inline]
    pub(super) fn text(&self, node: usize) -> i64 {
        self.sums[self.end(node)].text - self.sums[node].text
    }

    /// The sums over a part.
    pub(super) fn of(&self, range: &Range<usize>) -> Sums {
        self.sums[range.end] - self.sums[range.start]
    }

    fn measure(&mut self) {
        let mut sums = Sums::default();
        let (mut last, mut skipped) = (0, 0);
        let mut heading = Heading::default();
        let mut block = Block::default();
        // The ends of the blocks that are open.
        let mut ends: Vec<usize> = Vec::new();
        for node in 0..self.count {
            while ends.last().is_some_and(|&end| end <= node) {
                ends.pop();
                block.finish(&mut sums);
            }
            if heading.leads_away && node >= heading.end {
                heading.finish(&mut sums);
            }
            let current = self.tree.nodes[node];
            let mut kind = INLINE;
            if current.tag != 0 && node >= skipped {
                kind = self.kind(node);
                let opens = !matches!(kind, INLINE | BR | IMG | INPUT | SKIP) && kind < DEL;
                if opens && current.flags & OUT == 0 {
                    block.finish(&mut sums);
                    ends.push(current.end as usize);
                }
            }
            self.sums.push(sums);
            if node < skipped {
                continue;
            }
            if current.tag != 0 {
                if kind == SKIP || current.flags & OUT != 0 {
                    skipped = current.end as usize;
                } else if kind == HEADING {
                    if node >= heading.end {
                        (heading.block.text, heading.block.linked) = (sums.text, sums.linked);
                    }
                    heading.end = heading.end.max(current.end as usize);
                    sums.headings += 1;
                    let links = &self.tree.links;
                    while links
                        .get(heading.next)
                        .is_some_and(|link| link.0 < current.to)
                    {
                        heading.next += 1;
                    }
                    if self.is_link_to(node, heading.next) {
                        sums.permalinks += 1;
                        heading.permalink = current.end as usize;
                    }
                    sums.titles += i64::from(current.tag == H1);
                } else if kind == IMG {
                    sums.text += 1;
                } else if kind == INPUT || current.tag == BUTTON {
                    sums.controls += 1;
                }
                continue;
            }
            let text = self.tree.text(node);
            let length = length(text);
            if length == 0 {
                continue;
            }
            let link = current.style >> LINK_SHIFT;
            if link != 0 {
                if node < heading.end && is_anchor(text) {
                    self.tree.nodes[node].flags = DROPPED;
                    sums.permalinks += i64::from(node >= heading.permalink);
                    continue;
                }
                if link != last {
                    sums.links += 1;
                    last = link;
                }
                if node < heading.end && !heading.leads_away {
                    heading.leads_away = self.leads_away(link as usize - 1);
                }
                sums.linked += length;
            }
            sums.text += length;
        }
        for _ in ends {
            block.finish(&mut sums);
        }
        block.finish(&mut sums);
        if heading.leads_away {
            heading.finish(&mut sums);
        }
        self.sums.push(sums);
    }

    /// Where a link leads, as it stands in the source.
    fn href(&self, link: usize) -> Option<&'s str> {
        let tree = &self.tree;
        let at = tree.find(*tree.links.get(link)?, HREF)?;
        Some(tree.raw_value(at))
    }

    /// Whether the next link leads to the heading that it is in, or that before it to what comes next.
    fn is_link_to(&self, node: usize, next: usize) -> bool {
        let tree = &self.tree;
        let (from, _) = tree.range(node);
        if next > 0 && tree.links[next - 1].1 == from {
            let href = self.href(next - 1).unwrap_or_default();
            if href.len() > 1 && href.starts_with('#') {
                return true;
            }
        }
        let fragment = self.href(next).and_then(|href| href.strip_prefix('#'));
        let id = tree.find(tree.range(node), ID);
        fragment.is_some_and(|fragment| {
            !fragment.is_empty() && id.is_some_and(|id| tree.raw_value(id) == fragment)
        })
    }

    /// Whether a link is one to another page.
    fn leads_away(&self, link: usize) -> bool {
        self.href(link).is_some_and(|href| !href.starts_with('#'))
    }
}

/// The length of a text without the white space around it.
fn length(text: &str) -> i64 {
    let text = text.trim_matches(|character| character <= ' ');
    if text.is_ascii() {
        return text.len() as i64;
    }
    let wide = |character: char| if character >= WIDE { 3 } else { 1 };
    text.chars()
        .map(|character| character.len_utf16() as i64 * wide(character))
        .sum()
}
