//! The styles that formatting elements give to the text after them. They are no elements of the tree: as
//! the standard's list of active formatting elements says, a style holds until its end tag, whatever
//! blocks begin and end meanwhile, and what began in a table cell ends with it. Twin: `formatting.ts`.

use super::tags::{A, B, CODE_TAG, EM_TAG, I, S, STRIKE_TAG, STRONG_TAG, TT};
use super::tree::{CODE, EM, EM_OUTSIDE, LINK_SHIFT, STRIKE, STRONG};

const COUNTED: usize = (STRIKE_TAG - B + 1) as usize;

/// What was in force at a marker.
struct Saved {
    at_marker: [u32; COUNTED],
    link: u32,
    has_anchor: bool,
}

/// The formatting that is in force.
#[derive(Default)]
pub(super) struct Formatting {
    /// The style of a text that comes now.
    pub(super) style: u32,
    /// Open elements of each name, from `b` to `strike`.
    open: [u32; COUNTED],
    /// How many of them were open at the last marker.
    at_marker: [u32; COUNTED],
    link: u32,
    has_anchor: bool,
    saved: Vec<Saved>,
}

/// The place of a name that is counted.
fn counted(tag: u32) -> Option<usize> {
    (B..=STRIKE_TAG).contains(&tag).then(|| (tag - B) as usize)
}

impl Formatting {
    /// A formatting element begins; `link` is the number of the link if it is `<a>`, 0 for one that leads
    /// nowhere.
    pub(super) fn start(&mut self, tag: u32, link: u32) {
        if tag == A {
            self.has_anchor = true;
            self.link = link;
        } else if let Some(at) = counted(tag) {
            self.open[at] += 1;
        } else {
            return;
        }
        self.restyle();
    }

    /// It ends.
    pub(super) fn finish(&mut self, tag: u32) {
        if tag == A {
            if !self.has_anchor {
                return;
            }
            self.has_anchor = false;
            self.link = 0;
        } else if let Some(at) = counted(tag) {
            if self.open[at] <= self.at_marker[at] {
                return;
            }
            self.open[at] -= 1;
        } else {
            return;
        }
        self.restyle();
    }

    /// An element begins that formatting does not leave.
    pub(super) fn mark(&mut self) {
        self.saved.push(Saved {
            at_marker: self.at_marker,
            link: self.link,
            has_anchor: self.has_anchor,
        });
        self.at_marker = self.open;
        self.has_anchor = false;
    }

    /// That element ends.
    pub(super) fn unmark(&mut self) {
        self.open = self.at_marker;
        if let Some(saved) = self.saved.pop() {
            self.at_marker = saved.at_marker;
            self.link = saved.link;
            self.has_anchor = saved.has_anchor;
        }
        self.restyle();
    }

    fn restyle(&mut self) {
        let is = |a: u32, b: u32| self.open[(a - B) as usize] + self.open[(b - B) as usize] > 0;
        let had = self.style;
        let (strong, em) = (is(B, STRONG_TAG), is(I, EM_TAG));
        let mut style = self.link << LINK_SHIFT;
        if strong {
            style |= STRONG;
        }
        if em {
            style |= EM;
        }
        if strong && em && (had & EM_OUTSIDE != 0 || had & STRONG == 0) {
            style |= EM_OUTSIDE;
        }
        if is(S, STRIKE_TAG) {
            style |= STRIKE;
        }
        if is(CODE_TAG, TT) {
            style |= CODE;
        }
        self.style = style;
    }
}
