//! Finds the main content of a page and marks the rest as dropped.
//!
//! What an author marked as main content is believed: `<main>`, else a single or dominant `<article>`.
//! Otherwise blocks of text are told from boilerplate by their length and the share of links in them
//! (Kohlschütter, Fankhauser and Nejdl 2010, "Boilerplate Detection using Shallow Text Features"), and the
//! innermost element with four fifths of the good text, or the one that leads by far, is the content. What
//! else is in it is judged by `marks.rs` and `judge.rs`. What would leave too little is not done. Lengths
//! are UTF-16 units of the source. Twin: `content.ts`.

mod judge;
mod marks;
mod measures;
mod phrases;

use std::ops::Range;

use super::Error;
use super::tree::{DROPPED, Tree};
use judge::{Core, Judge};
use marks::{BY_ELEMENT, BY_WORD, Marks};
use measures::{Measures, Sums};

/// Of the good text an unmarked content has at least so many parts of twenty.
const MOST: i64 = 16;
/// From so much good text on it may be a smaller part of the page.
const RICH: i64 = 250;
/// So many elements around it are looked at.
const UP: usize = 2;

/// The main content: a title from outside of it, if it has none itself, and its nodes.
pub(super) struct Content {
    pub(super) title: Option<Range<usize>>,
    pub(super) body: Range<usize>,
}

/// Finds the main content.
pub(super) fn main_content(tree: &mut Tree<'_>) -> Result<Content, Error> {
    let mut measures = Measures::new(tree)?;
    let mut marks = Marks::new(&mut measures)?;
    let all = 0..measures.count;
    let kept = marks.kept(&measures, &all, BY_ELEMENT);
    if kept == 0 {
        return Ok(Content {
            title: None,
            body: all,
        });
    }
    let marked = marked_root(&measures, &marks, kept);
    let is_marked = marked.is_some();
    let mut judge = Judge::new(&measures, &mut marks)?;
    let body = marked.unwrap_or_else(|| around(&measures, &judge));
    judge.judge(&body, is_marked);
    let least = if judge.good_in(&body) >= RICH {
        20
    } else if is_marked {
        10
    } else {
        4
    };
    let least = (kept + least - 1) / least;
    let is_enough = marks.kept(&measures, &body, BY_ELEMENT | BY_WORD) >= least.max(1);
    let (content, reasons) = if is_enough {
        let title = title_of(&measures, &body);
        (Content { title, body }, BY_ELEMENT | BY_WORD)
    } else {
        let title = None;
        (Content { title, body: all }, BY_ELEMENT)
    };
    for node in content.body.clone() {
        if marks.why[node] & reasons != 0 {
            measures.tree.nodes[node].flags |= DROPPED;
        }
    }
    Ok(content)
}

/// Some elements up from the innermost one, as titles and first paragraphs stand beside it, and up to where
/// other sections like it are.
fn around(measures: &Measures<'_, '_>, judge: &Judge<'_, '_, '_>) -> Range<usize> {
    let Core { path, shared, .. } = judge.innermost(0..measures.count, MOST);
    let size = |at: usize| measures.of(&path[at]).text;
    let mut at = path.len() - 1;
    let mut left = UP;
    while at > 0 && left > 0 {
        if size(at - 1) > size(at) {
            left -= 1;
        }
        at -= 1;
    }
    at = at.min(shared);
    let is_one = |level: &usize| judge.is_one_of(path[*level].start - 1, &path[*level - 1]);
    let several = (1..path.len().min(at + 2)).find(is_one);
    path[several.map_or(at, |level| level - 1)].clone()
}

/// The element that the author marked as content.
fn marked_root(measures: &Measures<'_, '_>, marks: &Marks, kept: i64) -> Option<Range<usize>> {
    let size = |node: usize| measures.text(node);
    // Of several of one size the first.
    let largest = |nodes: &[usize]| {
        let first = *nodes.first()?;
        let larger = |best, &node| if size(node) > size(best) { node } else { best };
        Some(nodes.iter().fold(first, larger))
    };
    let inside = |node: usize| node + 1..measures.end(node);
    if let Some(node) = largest(&marks.mains) {
        let size = size(node);
        if size > 0 && size * 10 >= measures.sums[measures.count].text {
            return Some(inside(node));
        }
    }
    if let Some(node) = largest(&marks.articles) {
        let sum: i64 = marks.articles.iter().map(|&article| size(article)).sum();
        let size = size(node);
        if size > 0 && size * 4 >= kept && size * 3 >= sum * 2 {
            return Some(inside(node));
        }
    }
    None
}

/// The page's only level-one heading, if it is before the content and not a link.
fn title_of(measures: &Measures<'_, '_>, body: &Range<usize>) -> Option<Range<usize>> {
    let sums = &measures.sums;
    if sums[measures.count].titles != 1 || sums[body.start].titles != 1 {
        return None;
    }
    let node = (0..measures.count).find(|&node| sums[node + 1].titles > 0)?;
    let Sums { text, linked, .. } = measures.inner(node);
    (linked * 2 <= text).then(|| node..measures.end(node))
}
