//! What a judge looks at of one element: its words, its headings and links, and whether others are like it.
//! Twin: in `judge.ts`.

use std::ops::Range;

use super::super::marks::{IN_ID, OF_TALK};
use super::super::phrases::begins_with;
use super::{CARDS, CELL_LINKS, Judge, NEAR, TEXT};
use crate::tags::{CELL, HEADING};
use crate::tree::CLASS;

impl Judge<'_, '_, '_> {
    /// The good text of a part that is in announcements of other pages.
    pub(super) fn announced(&self, range: &Range<usize>) -> i64 {
        let measures = self.measures;
        let mut sum = 0;
        let mut node = range.start;
        while node < range.end {
            if measures.tag(node) == 0 || !self.is_teasers(node, 1) {
                node += 1;
            } else {
                sum += self.good_of(node);
                node = measures.end(node);
            }
        }
        sum
    }

    /// Whether an element is made of announcements of other pages: so many headings that are links, and little else.
    pub(super) fn is_teasers(&self, node: usize, least: i64) -> bool {
        let inner = self.measures.inner(node);
        inner.teasers >= least
            && (inner.teasers * 3 >= inner.headings * 2
                || (inner.teasers >= CARDS && inner.teasers * 2 >= inner.headings))
            && inner.text < inner.teasers * self.teaser
    }

    /// What the words of an element say; nothing where an id was made of the heading, or of much text without links.
    pub(super) fn named(&self, node: usize) -> u8 {
        let named = self.marks.named[node];
        if named != 0 && named & OF_TALK == 0 && self.is_text(node) {
            return 0;
        }
        if named & IN_ID == 0 {
            return named;
        }
        let inner = self.measures.inner(node);
        if self.is_section(node) && inner.linked * 2 < inner.text {
            0
        } else {
            named
        }
    }

    /// Whether a good part of the text is in an element that has hardly a link.
    pub(super) fn is_text(&self, node: usize) -> bool {
        let inner = self.measures.inner(node);
        self.good_of(node) * TEXT > self.total
            && inner.linked * 10 < inner.text
            && inner.controls == 0
    }

    /// Whether an element begins with a heading.
    pub(super) fn is_section(&self, node: usize) -> bool {
        let sums = &self.measures.sums;
        let first = self.first_text(node);
        first.is_some_and(|first| sums[first].headings > sums[node].headings)
    }

    /// The first text of an element that is not far from its start.
    pub(super) fn first_text(&self, node: usize) -> Option<usize> {
        let measures = self.measures;
        let end = measures.end(node).min(node + NEAR);
        (node + 1..end).find(|&at| measures.tag(at) == 0 && measures.text(at) > 0)
    }

    /// Whether an element is one of several sections with text in a part: alike, and with headings of one level.
    pub(in crate::content) fn is_one_of(&self, node: usize, within: &Range<usize>) -> bool {
        let measures = self.measures;
        let Some(level) = self.level_of(node) else {
            return false;
        };
        let mut other = within.start;
        while other < within.end {
            let inner = measures.inner(other);
            if other != node
                && measures.tag(other) == measures.tag(node)
                && self.marks.why[other] == 0
                && self.good_of(other) > 0
                && inner.linked * 4 <= inner.text
                && self.level_of(other) == Some(level)
                && self.is_like(node, other)
            {
                return true;
            }
            other = measures.end(other);
        }
        false
    }

    /// The tag of the heading that an element begins with.
    pub(super) fn level_of(&self, node: usize) -> Option<u32> {
        let measures = self.measures;
        if !self.is_section(node) {
            return None;
        }
        let heading = (node + 1..measures.end(node)).find(|&at| measures.kind(at) == HEADING)?;
        Some(measures.tag(heading))
    }

    /// Whether two elements have the same name and class.
    pub(super) fn is_like(&self, node: usize, other: usize) -> bool {
        let tree = &self.measures.tree;
        let class = |node: usize| {
            tree.find(tree.range(node), CLASS)
                .map(|at| tree.raw_value(at))
        };
        tree.nodes[node].tag == tree.nodes[other].tag
            && class(node).is_some_and(|value| !value.is_empty() && class(other) == Some(value))
    }

    /// Whether an element is a cell that holds a thing or two: a table without it would say something else. Cells that hold
    /// the navigation of a page have more links.
    pub(super) fn is_datum(&self, node: usize) -> bool {
        self.measures.kind(node) == CELL && self.measures.inner(node).links < CELL_LINKS
    }

    /// Whether the first text of an element is one of some phrases, or begins with one of several words.
    pub(super) fn announces(&self, node: usize, phrases: &[&str]) -> bool {
        let first = self.first_text(node);
        first.is_some_and(|first| begins_with(self.measures.tree.text(first), phrases))
    }

    /// The next element with text beside one.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let measures = self.measures;
        let mut node = from;
        while node < measures.count && node < from + NEAR {
            if measures.text(node) > 0 {
                return (measures.tag(node) != 0).then_some(node);
            }
            node = measures.end(node);
        }
        None
    }
}
