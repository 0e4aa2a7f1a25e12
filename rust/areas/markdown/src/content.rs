//! Finds the main content of a page and marks the rest as dropped.
//!
//! What an author marked as main content is believed: `<main>`, else a single or dominant `<article>`.
//! Otherwise blocks of text are told from boilerplate by their length and the share of links in them
//! (Kohlschütter, Fankhauser and Nejdl 2010, "Boilerplate Detection using Shallow Text Features"), and the
//! innermost element with four fifths of the good text is the content. Within it, navigation and the like
//! go by element, role and words of class and id. What would leave too little is not done. Lengths are
//! UTF-16 units of the source. Twin: `content.ts`.

mod marks;

use std::ops::Range;

use super::Error;
use super::tags::{
    BLOCK, CAPTION, CELL, DEL, H1, HEADING, IMG, INLINE, INPUT, P, ROW, SKIP, TABLE, TR, Tags, tags,
};
use super::text::units;
use super::tree::{DROPPED, LINK_SHIFT, Tree};
use super::walk::plain;
use marks::{Lists, lists};

/// Marks that headings carry as links to themselves.
const ANCHORS: [&str; 5] = ["#", "¶", "§", "🔗", "\u{1f517}\u{fe0f}"];
/// A block of text is good from so many units on.
const GOOD: u32 = 40;

// Why an element is dropped.
const BY_ELEMENT: u8 = 1;
const BY_WORD: u8 = 2;

/// The main content: a title from outside of it, if it has none itself, and its nodes.
pub(super) struct Content {
    pub(super) title: Option<Range<usize>>,
    pub(super) body: Range<usize>,
}

/// Sums over the nodes before one.
#[derive(Clone, Copy, Default)]
struct Sums {
    text: u32,
    linked: u32,
    links: u32,
    titles: u32,
}

/// Finds the main content.
pub(super) fn main_content(tree: &mut Tree<'_>) -> Result<Content, Error> {
    let count = tree.count();
    let mut sums = Vec::new();
    sums.try_reserve_exact(count + 1)?;
    let mut why = Vec::new();
    why.try_reserve_exact(count)?;
    why.resize(count, 0);
    let mut finder = Finder {
        tree,
        count,
        tags: tags(),
        lists: lists(),
        sums,
        why,
        mains: Vec::new(),
        articles: Vec::new(),
    };
    finder.find()
}

struct Finder<'f, 's> {
    tree: &'f mut Tree<'s>,
    count: usize,
    tags: &'static Tags,
    lists: &'static Lists,
    sums: Vec<Sums>,
    /// Why each element is dropped.
    why: Vec<u8>,
    mains: Vec<usize>,
    articles: Vec<usize>,
}

impl Finder<'_, '_> {
    fn find(&mut self) -> Result<Content, Error> {
        self.measure();
        self.mark();
        let all = 0..self.count;
        let total = self.sums[self.count].text;
        let kept = self.kept(&all, BY_ELEMENT);
        if kept == 0 {
            return Ok(Content {
                title: None,
                body: all,
            });
        }
        let (body, least) = match self.marked_root(total, kept) {
            Some(body) => (body, kept.div_ceil(10)),
            None => {
                let body = self.scored_root()?;
                self.mark_link_blocks(&body);
                (body, kept.div_ceil(4))
            }
        };
        if self.kept(&body, BY_ELEMENT | BY_WORD) >= least.max(1) {
            let title = self.title(&body);
            self.drop(&body, BY_ELEMENT | BY_WORD);
            return Ok(Content { title, body });
        }
        self.drop(&all, BY_ELEMENT);
        Ok(Content {
            title: None,
            body: all,
        })
    }

    fn kind(&self, node: usize) -> u8 {
        self.tags.kind(self.tree.nodes[node].tag)
    }

    fn end(&self, node: usize) -> usize {
        self.tree.nodes[node].end as usize
    }

    /// The sums over an element.
    fn inner(&self, node: usize) -> Sums {
        let (from, to) = (self.sums[node], self.sums[self.end(node)]);
        Sums {
            text: to.text - from.text,
            linked: to.linked - from.linked,
            links: to.links - from.links,
            titles: to.titles - from.titles,
        }
    }

    fn measure(&mut self) {
        let mut sums = Sums::default();
        let (mut last, mut skipped, mut heading) = (0, 0, 0);
        for node in 0..self.count {
            self.sums.push(sums);
            if node < skipped {
                continue;
            }
            let current = self.tree.nodes[node];
            if current.tag != 0 {
                let kind = self.tags.kind(current.tag);
                if kind == SKIP || current.flags != 0 {
                    skipped = current.end as usize;
                } else if kind == HEADING {
                    heading = heading.max(current.end as usize);
                    sums.titles += u32::from(current.tag == H1);
                } else if kind == IMG {
                    sums.text += 1;
                }
                continue;
            }
            let text = self.tree.text(node);
            let length = units(text.trim_matches(|character| character <= ' ')) as u32;
            if length == 0 {
                continue;
            }
            let link = current.style >> LINK_SHIFT;
            if link != 0 {
                if node < heading && is_anchor(text) {
                    self.tree.nodes[node].flags = DROPPED;
                    continue;
                }
                if link != last {
                    sums.links += 1;
                    last = link;
                    if self.is_skip_link(link) {
                        self.tree.nodes[node].flags = DROPPED;
                        continue;
                    }
                }
                sums.linked += length;
            }
            sums.text += length;
        }
        self.sums.push(sums);
    }

    /// The text that is kept of a part.
    fn kept(&self, range: &Range<usize>, reasons: u8) -> u32 {
        let mut kept = self.sums[range.end].text - self.sums[range.start].text;
        let mut node = range.start;
        while node < range.end {
            if self.why[node] & reasons == 0 {
                node += 1;
            } else {
                kept -= self.inner(node).text;
                node = self.end(node);
            }
        }
        kept
    }

    fn drop(&mut self, range: &Range<usize>, reasons: u8) {
        for node in range.clone() {
            if self.why[node] & reasons != 0 {
                self.tree.nodes[node].flags |= DROPPED;
            }
        }
    }

    /// The element that the author marked as content.
    fn marked_root(&self, total: u32, kept: u32) -> Option<Range<usize>> {
        let size = |node: usize| u64::from(self.inner(node).text);
        // Of several of one size the first.
        let largest = |nodes: &[usize]| {
            let first = *nodes.first()?;
            let larger = |best, &node| if size(node) > size(best) { node } else { best };
            Some(nodes.iter().fold(first, larger))
        };
        if let Some(node) = largest(&self.mains) {
            let size = size(node);
            if size > 0 && size * 10 >= u64::from(total) {
                return Some(self.inside(node));
            }
        }
        if let Some(node) = largest(&self.articles) {
            let sum: u64 = self.articles.iter().map(|&article| size(article)).sum();
            let size = size(node);
            if size > 0 && size * 4 >= u64::from(kept) && size * 3 >= sum * 2 {
                return Some(self.inside(node));
            }
        }
        None
    }

    fn inside(&self, node: usize) -> Range<usize> {
        node + 1..self.end(node)
    }

    /// The innermost element with most of the good text.
    fn scored_root(&self) -> Result<Range<usize>, Error> {
        let good = self.good_text()?;
        let mut best = 0..self.count;
        let total = u64::from(good[self.count]);
        if total == 0 {
            return Ok(best);
        }
        let mut root = best.clone();
        loop {
            let mut found = None;
            let mut node = root.start;
            while node < root.end {
                let end = self.end(node);
                let is_open = self.tree.nodes[node].tag != 0 && self.why[node] == 0;
                if is_open && u64::from(good[end] - good[node]) * 5 >= total * 4 {
                    found = Some(node);
                    break;
                }
                node = end;
            }
            let Some(found) = found else { return Ok(best) };
            let tag = self.tree.nodes[found].tag;
            let kind = self.tags.kind(tag);
            let is_box = matches!(kind, INLINE | TABLE | ROW | CELL) || (kind == BLOCK && tag != P);
            if !is_box {
                return Ok(best);
            }
            root = self.inside(found);
            // A row or a part of a table is nothing without the table.
            if kind == TABLE {
                best = found..self.end(found);
            } else if kind != ROW && !(TR..=CAPTION).contains(&tag) {
                best = root.clone();
            }
        }
    }

    /// Sums over the nodes before each of the text in good blocks, which counts at the block's first text.
    fn good_text(&self) -> Result<Vec<u32>, Error> {
        let mut good: Vec<u32> = Vec::new();
        good.try_reserve_exact(self.count + 1)?;
        good.resize(self.count + 1, 0);
        let mut first: Option<usize> = None;
        let finish = |good: &mut Vec<u32>, first: &mut Option<usize>, node: usize| {
            let Some(first) = first.take() else { return };
            let text = self.sums[node].text - self.sums[first].text;
            let linked = self.sums[node].linked - self.sums[first].linked;
            if text >= GOOD && u64::from(linked) * 3 <= u64::from(text) {
                good[first + 1] = text;
            }
        };
        // The ends of the blocks that are open.
        let mut ends: Vec<usize> = Vec::new();
        let mut node = 0;
        while node < self.count {
            while ends.last().is_some_and(|&end| end <= node) {
                ends.pop();
                finish(&mut good, &mut first, node);
            }
            let current = self.tree.nodes[node];
            if current.tag == 0 {
                first.get_or_insert(node);
                node += 1;
                continue;
            }
            let kind = self.tags.kind(current.tag);
            if kind == SKIP || current.flags != 0 || self.why[node] != 0 {
                finish(&mut good, &mut first, node);
                node = current.end as usize;
                continue;
            }
            if !matches!(kind, INLINE | IMG | INPUT) && kind < DEL {
                finish(&mut good, &mut first, node);
                ends.push(current.end as usize);
            }
            node += 1;
        }
        finish(&mut good, &mut first, self.count);
        for node in 0..self.count {
            good[node + 1] += good[node];
        }
        Ok(good)
    }

    /// The page's only level-one heading, if it is before the content and not a link.
    fn title(&self, body: &Range<usize>) -> Option<Range<usize>> {
        if self.sums[self.count].titles != 1 || self.sums[body.start].titles != 1 {
            return None;
        }
        let node = (0..self.count).find(|&node| self.sums[node + 1].titles > 0)?;
        let Sums { text, linked, .. } = self.inner(node);
        (u64::from(linked) * 2 <= u64::from(text)).then(|| node..self.end(node))
    }
}

fn is_anchor(text: &str) -> bool {
    if units(text) > 20 {
        return false;
    }
    let text = plain(text);
    let text = text.trim_matches(|character| character <= ' ' || character == '\u{a0}');
    ANCHORS.contains(&text)
}
