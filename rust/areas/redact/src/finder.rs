//! What the three searches (built-in rules, literals, patterns) have in common. Twin:
//! `src/text/redact/finder.ts`.

use super::chars::Text;

/// What a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where the match begins; without one, up to where it is certain that none does (the text's length
    /// if nothing is open).
    pub start: usize,
    /// Where the match ends; 0 without one.
    pub end: usize,
    /// The id of the rule that matched.
    pub rule: u32,
}

impl Found {
    /// No match begins before `start`.
    pub fn none(start: usize) -> Self {
        Self {
            start,
            end: 0,
            rule: 0,
        }
    }
}

/// Finds the first match of one kind at or after a place.
pub trait Finder {
    /// The first match that begins at `from` or later, the longest there.
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found;
}

/// Merges finders: leftmost, then longest, then the smallest rule id. Matches never overlap. Gives up to
/// where everything is decided.
pub fn merge(
    finders: &mut [&mut dyn Finder],
    text: Text<'_>,
    from: usize,
    mut report: impl FnMut(u32, usize, usize),
) -> usize {
    let mut states: [Option<Found>; 3] = [None; 3];
    let mut at = from;
    loop {
        let mut best = Found::none(text.len());
        for (finder, state) in finders.iter_mut().zip(&mut states) {
            let found = match *state {
                Some(found) if found.start >= at => found,
                _ => *state.insert(finder.seek(text, at)),
            };
            if found.start > best.start {
                continue;
            }
            if found.start < best.start {
                best = found;
            } else if best.end == 0 || found.end == 0 {
                // Where one of them is open, nothing is decided.
                best.end = 0;
            } else if found.end > best.end || (found.end == best.end && found.rule < best.rule) {
                best = found;
            }
        }
        if best.end == 0 {
            return best.start;
        }
        report(best.rule, best.start, best.end);
        at = best.end;
    }
}
