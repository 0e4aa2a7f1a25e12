//! What of the content's part of a page is none, judged by where it stands: around the element that holds
//! most of the good text, before and behind the text in it. Twin: `judge.ts`.

mod evidence;

use std::ops::Range;

use super::marks::{BY_WORD, Marks, OF_SMALL, OF_SURROUNDINGS, OF_TALK};
use super::measures::Measures;
use super::phrases::{ADVERTISEMENTS, PHRASES};
use crate::Error;
use crate::tags::{
    BLOCK, CAPTION, CELL, DL, HEADING, HR, INLINE, ITEM, LIST, P, PRE, QUOTE, ROW, TABLE, TR,
};
use crate::tree::DROPPED;

/// Of an element's good text its core has at least so many parts of twenty.
const CORE: i64 = 14;
/// The first text of an element is looked for in so many nodes, as is what follows one.
const NEAR: usize = 32;
/// A link of fewer units is a name, not a title.
const NAME: i64 = 25;
/// More than this part of the good text is much.
const TEXT: i64 = 8;
/// So much good text is an article, whatever else is announced beside it.
const ARTICLE: i64 = 1500;
/// So much text in one piece may be a short one.
const SHORT: i64 = 250;
/// An announcement of another page is no longer than this.
const TEASER: i64 = 500;
/// So many announcements in a row have each a second heading as often as not.
const CARDS: i64 = 3;
/// So much text is little.
const LITTLE: i64 = 120;
/// Cells of a table with so many links may be the navigation of a page that is laid out by it.
const CELL_LINKS: i64 = 3;
/// Or so many, if no other has a third of its.
const LEADING: i64 = 9;

/// The way to the element with most of the good text.
pub(super) struct Core {
    pub(super) inside: Range<usize>,
    pub(super) path: Vec<Range<usize>>,
    /// From this step of the path on others have some of the good text too.
    pub(super) shared: usize,
}

/// Where an element of the core stands.
#[derive(Clone, Copy)]
struct Edge {
    before: bool,
    behind: bool,
}

/// Marks what is not content in a part.
pub(super) struct Judge<'j, 'f, 's> {
    measures: &'j Measures<'f, 's>,
    marks: &'j mut Marks,
    /// Sums of the good text that is not dropped.
    good: Vec<i64>,
    /// The good text of the part that is judged.
    total: i64,
    /// How long an announcement of another page may be.
    teaser: i64,
}

impl<'j, 'f, 's> Judge<'j, 'f, 's> {
    pub(super) fn new(measures: &'j Measures<'f, 's>, marks: &'j mut Marks) -> Result<Self, Error> {
        let mut good = Vec::new();
        good.try_reserve_exact(measures.count + 1)?;
        let mut lost = 0;
        let mut node = 0;
        while node < measures.count {
            let kept = measures.sums[node].good - lost;
            if marks.why[node] == 0 {
                good.push(kept);
                node += 1;
                continue;
            }
            // What is within counts as lost from here on.
            let end = measures.end(node);
            good.resize(end, kept);
            lost += measures.inner(node).good;
            node = end;
        }
        good.push(measures.sums[measures.count].good - lost);
        Ok(Self {
            measures,
            marks,
            good,
            total: 0,
            teaser: TEASER,
        })
    }

    fn good_of(&self, node: usize) -> i64 {
        self.good[self.measures.end(node)] - self.good[node]
    }

    /// The good text of a part.
    pub(super) fn good_in(&self, range: &Range<usize>) -> i64 {
        self.good[range.end] - self.good[range.start]
    }

    /// The innermost element with most of the good text of a part, that many twentieths of it.
    pub(super) fn innermost(&self, range: Range<usize>, parts: i64) -> Core {
        let measures = self.measures;
        let mut core = Core {
            inside: range.clone(),
            path: vec![range.clone()],
            shared: usize::MAX,
        };
        let mut shared = usize::MAX;
        let mut root = range;
        loop {
            let total = self.good_in(&root);
            if total == 0 {
                return core;
            }
            let (mut found, mut most, mut second) = (None, 0, 0);
            let mut node = root.start;
            while node < root.end {
                if measures.tag(node) != 0 && self.marks.why[node] == 0 {
                    let good = self.good_of(node);
                    if good > most {
                        (found, second, most) = (Some(node), most, good);
                    } else if good > second {
                        second = good;
                    }
                }
                node = measures.end(node);
            }
            let Some(found) = found else { return core };
            let holds = most * 20 >= total * parts;
            if !holds && (most * 20 < total * LEADING || second * 3 > most) {
                return core;
            }
            if !holds {
                shared = shared.min(core.path.len() - 1);
            }
            let tag = measures.tag(found);
            let kind = measures.kind(found);
            let is_box = matches!(kind, INLINE | TABLE | ROW | CELL)
                || (kind == BLOCK && tag != P && tag != DL);
            if !is_box {
                return core;
            }
            root = found + 1..measures.end(found);
            // A row or a part of a table is nothing without the table.
            if kind == TABLE {
                core.inside = found..measures.end(found);
                core.shared = shared;
            } else if kind != ROW && !(TR..=CAPTION).contains(&tag) {
                core.inside = root.clone();
                core.shared = shared;
                core.path.push(root.clone());
            }
        }
    }

    /// Judges the elements of a part around its core, and those at both ends of the core.
    pub(super) fn judge(&mut self, range: &Range<usize>, marked: bool) {
        let measures = self.measures;
        self.total = self.good_in(range);
        let is_manual = measures.sums[measures.count].permalinks > i64::from(!marked);
        let Core {
            inside: core, path, ..
        } = self.innermost(range.clone(), CORE);
        // The text goes from the first good block to the last.
        let text = self.text(&core);
        // A list of links, or what else has no text; not a short article among links.
        let whole_core = measures.of(&core);
        if whole_core.linked * 2 > whole_core.text
            && self.good_in(&core) < ARTICLE
            && !self.is_article(&text)
        {
            return;
        }
        // Where most of the core announces other pages, that is what the page is about.
        let announced = self.announced(&core);
        let rest = self.good_in(&core) - announced;
        self.teaser = if announced > rest && rest < ARTICLE {
            0
        } else {
            TEASER
        };
        let total = measures.of(range).text;
        let mut list = 0;
        // The end of what is kept as it is beside the core.
        let mut whole = 0;
        // The end of an element of the core with good text in it.
        let mut mixed = 0;
        let mut level = 0;
        let mut orphans = Vec::new();
        // The ends of the elements around, and of the one that is kept as part of a manual.
        let mut ends = vec![range.end];
        let mut kept = 0;
        let mut node = range.start;
        while node < range.end {
            let tag = measures.tag(node);
            let end = measures.end(node);
            if tag == 0 {
                node += 1;
                continue;
            }
            if self.marks.why[node] != 0 {
                node = end;
                continue;
            }
            while ends.len() > 1 && ends.last().is_some_and(|&end| end <= node) {
                ends.pop();
            }
            let holds_core = node < core.start && end >= core.end;
            let outside = end <= core.start || node >= core.end;
            let kind = measures.kind(node);
            while level + 1 < path.len() && node >= path[level + 1].start && node < core.start {
                level += 1;
            }
            while level > 0 && node >= path[level].end {
                level -= 1;
            }
            // What follows a heading with a link to itself, or a section with one, belongs to the manual.
            if is_manual && !holds_core && measures.inner(node).permalinks > 0 {
                kept = kept.max(ends.last().copied().unwrap_or_default());
            }
            if node < kept {
                node = kept;
                continue;
            }
            ends.push(end);
            if holds_core || (kind == INLINE && tag < measures.tags.known && !outside) {
                node += 1;
                continue;
            }
            let beside = path.get(level + 1).map(|range| range.start - 1);
            // A post begins with its author's name, and the first is none other than the others.
            let at_edge = !outside && node >= mixed;
            let drop = self.is_announcement(node, kind, total)
                || if outside && node >= whole {
                    self.is_around(node, node >= core.end, beside)
                } else {
                    let edge = Edge {
                        before: at_edge && end <= text.start,
                        behind: at_edge && node >= text.end,
                    };
                    node >= list && kind != INLINE && self.is_within(node, edge, total, marked)
                };
            if !outside && self.good_of(node) > 0 {
                mixed = mixed.max(end);
            }
            if drop {
                self.marks.why[node] = BY_WORD;
                node = end;
                continue;
            }
            if kind == LIST && self.good_of(node) > 0 {
                list = list.max(end);
            }
            if outside && self.is_whole(node, beside) {
                whole = whole.max(end);
            }
            if kind == HEADING && (outside || (node >= text.end && self.announces(node, &PHRASES)))
            {
                orphans.push(node);
            }
            node += 1;
        }
        for heading in orphans.into_iter().rev() {
            self.orphan(heading, range.end);
        }
    }

    /// Whether a part has text with few links.
    fn is_article(&self, range: &Range<usize>) -> bool {
        if range.is_empty() {
            return false;
        }
        let sums = self.measures.of(range);
        sums.text >= SHORT && sums.linked * 3 <= sums.text
    }

    /// Drops a heading at the edge of the content of which all that it was above is dropped.
    fn orphan(&mut self, heading: usize, to: usize) {
        let measures = self.measures;
        if measures.inner(heading).titles > 0 {
            return;
        }
        let mut lost = false;
        let mut node = measures.end(heading);
        while node < to {
            let current = measures.tree.nodes[node];
            if measures.text(node) != 0 && current.flags & DROPPED == 0 {
                if current.tag == 0 || self.marks.why[node] == 0 {
                    if measures.kind(node) == HEADING {
                        break;
                    }
                    return;
                }
                lost = true;
            }
            node = current.end as usize;
        }
        if lost {
            self.marks.why[heading] = BY_WORD;
        }
    }

    /// Whether an element begins with words such as "Read more" and is links for the most part.
    fn is_announcement(&self, node: usize, kind: u8, total: i64) -> bool {
        if !matches!(kind, BLOCK | LIST | ITEM | HEADING) {
            return false;
        }
        let measures = self.measures;
        let inner = measures.inner(node);
        if inner.text * 4 >= total || inner.text == 0 {
            return false;
        }
        if kind == HEADING {
            // What follows decides.
            let next = self.next(measures.end(node)).filter(|_| inner.text < 60);
            return next.is_some_and(|next| {
                let next = measures.inner(next);
                next.linked * 2 > next.text && self.announces(node, &PHRASES)
            });
        }
        if inner.linked > 0 {
            return (inner.linked * 2 >= inner.text || inner.text < 200)
                && self.announces(node, &PHRASES);
        }
        inner.text < 16 && self.announces(node, &ADVERTISEMENTS)
    }

    /// From the first good block of a part to the last, without what words name.
    fn text(&self, core: &Range<usize>) -> Range<usize> {
        let measures = self.measures;
        let size = measures.of(core).text;
        let mut first = None;
        let mut last = core.start;
        let mut node = core.start;
        while node < core.end {
            if measures.tag(node) != 0 {
                let is_named = measures.text(node) * 2 < size && self.named(node) != 0;
                if is_named || self.marks.why[node] != 0 {
                    node = measures.end(node);
                    continue;
                }
            }
            if self.good[node + 1] > self.good[node] {
                first.get_or_insert(node);
                last = node + 1;
            }
            node += 1;
        }
        first.unwrap_or(core.end)..last
    }

    /// Whether an element beside the core is none of the content.
    fn is_around(&self, node: usize, behind: bool, beside: Option<usize>) -> bool {
        let measures = self.measures;
        let inner = measures.inner(node);
        let (tag, kind) = (measures.tag(node), measures.kind(node));
        if inner.text == 0
            || self.is_datum(node)
            || (!behind && inner.titles > 0)
            || (kind == INLINE && tag < measures.tags.known)
            || matches!(kind, HEADING | HR)
        {
            return false;
        }
        let named = self.named(node);
        if named & (OF_SURROUNDINGS | OF_TALK) != 0 {
            return true;
        }
        if behind && self.is_teasers(node, 1) {
            return true;
        }
        if beside.is_some_and(|beside| self.is_like(node, beside)) {
            return false;
        }
        if inner.linked * 2 > inner.text {
            // References to a few names under a heading are none to other articles.
            return inner.headings == 0
                || inner.linked >= inner.links * NAME
                || !self.is_section(node);
        }
        let good = self.good_of(node);
        if inner.controls > 0 && good < 200 {
            return true;
        }
        let is_small = named & OF_SMALL != 0;
        if good > 0 {
            return if is_small {
                behind || inner.linked > 0
            } else {
                behind && inner.linked * 3 > inner.text
            };
        }
        if inner.linked * 3 > inner.text || is_small {
            return true;
        }
        if matches!(kind, PRE | QUOTE | TABLE) || tag == DL {
            return false;
        }
        inner.headings == 0 && inner.text < LITTLE && !(tag == P && inner.linked == 0)
    }

    /// Whether what is kept beside the core is one thing: a list, a table, a section under its heading.
    fn is_whole(&self, node: usize, beside: Option<usize>) -> bool {
        let measures = self.measures;
        let (tag, kind) = (measures.tag(node), measures.kind(node));
        if matches!(kind, LIST | TABLE | PRE | QUOTE) || tag == DL || tag == P {
            return true;
        }
        if beside.is_some_and(|beside| self.is_like(node, beside)) {
            return true;
        }
        let inner = measures.inner(node);
        kind == BLOCK
            && inner.linked * 4 <= inner.text
            && inner.controls == 0
            && self.is_section(node)
    }

    /// Whether an element of the core is none of the content.
    fn is_within(&self, node: usize, edge: Edge, total: i64, marked: bool) -> bool {
        let measures = self.measures;
        if !matches!(measures.kind(node), LIST | BLOCK | TABLE | CELL) {
            return false;
        }
        let inner = measures.inner(node);
        if inner.titles > 0 || inner.text * 2 >= total || self.is_datum(node) {
            return false;
        }
        if inner.links >= 3 && inner.linked * 5 >= inner.text * 4 && inner.text - inner.linked < 60
        {
            return inner.headings == 0
                || (!marked && (inner.linked >= inner.links * NAME || !self.is_section(node)));
        }
        let is_links = measures.kind(node) == LIST && inner.linked * 5 >= inner.text * 4;
        if self.is_teasers(node, if is_links { 1 } else { 2 }) {
            return true;
        }
        if (!edge.before && !edge.behind) || (inner.headings > 0 && edge.before) {
            return false;
        }
        if inner.links > 0 && inner.linked * 2 > inner.text && inner.headings == 0 {
            return true;
        }
        inner.controls > 0
            || (edge.behind && self.named(node) & (OF_SMALL | OF_SURROUNDINGS | OF_TALK) != 0)
    }
}
