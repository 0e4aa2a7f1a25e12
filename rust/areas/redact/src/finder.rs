//! What the searches (built-in rules, literals, patterns) have in common. Twin:
//! `src/text/redact/finder.ts`.

use super::chars::Text;
use super::table::TableState;
use super::view::View;

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

    /// Matches that begin at `end` or later are not asked for; who sees that early need not look for them.
    fn until(&mut self, _end: usize) {}

    /// The table that a place is in, for who goes on behind it, of a finder that reads tables.
    fn table_at(&self, _place: usize) -> Option<TableState> {
        None
    }
}

/// A finder that looks at a view only near the places at which that reads otherwise than the one before it.
pub struct NearFinder<'v, F> {
    /// The finder.
    pub inner: F,
    /// The stretches, in order.
    pub near: &'v [(usize, usize)],
}

impl<F: Finder> Finder for NearFinder<'_, F> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        while let Some((&(start, end), rest)) = self.near.split_first() {
            if end > from {
                self.inner.until(end);
                let found = self.inner.seek(text, from.max(start));
                if found.start < end {
                    return found;
                }
            }
            self.near = rest;
        }
        Found::none(text.len())
    }
}

/// A finder that looks at a view and gives places of the written text.
pub struct ReadingFinder<'v, F> {
    /// The finder.
    pub inner: F,
    /// The view.
    pub view: &'v View<'v>,
}

impl<F: Finder> Finder for ReadingFinder<'_, F> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let view = self.view;
        let read = Text {
            bytes: &view.text,
            last: text.last,
        };
        let found = self.inner.seek(read, view.read(from));
        if found.end == 0 {
            return Found::none(match found.start >= read.len() {
                true => view.limit,
                false => view.written(found.start),
            });
        }
        Found {
            start: view.written(found.start),
            end: view.written_end(found.end),
            rule: found.rule,
        }
    }

    fn table_at(&self, place: usize) -> Option<TableState> {
        let state = self.inner.table_at(self.view.read(place))?;
        Some(TableState {
            at: self.view.written(state.at),
            ..state
        })
    }
}

/// A finder that looks at the written text, whose matches take whole escapes.
pub struct WrittenFinder<'v, F> {
    /// The finder.
    pub inner: F,
    /// The view whose escapes are kept whole.
    pub view: &'v View<'v>,
}

impl<F: Finder> Finder for WrittenFinder<'_, F> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let view = self.view;
        let found = self.inner.seek(text, from);
        let start = view.floor(found.start.min(view.limit));
        if found.end == 0 || found.end > view.limit {
            return Found::none(start);
        }
        Found {
            start,
            end: view.ceil(found.end),
            rule: found.rule,
        }
    }
}

/// A finder, and what it found last.
pub struct Sought<'f> {
    finder: &'f mut dyn Finder,
    found: Option<Found>,
}

impl<'f> Sought<'f> {
    /// The table that a place is in, of a finder that reads tables.
    pub fn table_at(&self, place: usize) -> Option<TableState> {
        self.finder.table_at(place)
    }

    /// A finder that has not been asked yet.
    pub fn new(finder: &'f mut dyn Finder) -> Self {
        Self {
            finder,
            found: None,
        }
    }
}

/// Merges finders: leftmost, then longest, then the smallest rule id. Matches never overlap. Gives up to
/// where everything is decided.
pub fn merge(
    finders: &mut [Sought<'_>],
    text: Text<'_>,
    from: usize,
    mut report: impl FnMut(u32, usize, usize),
) -> usize {
    let mut at = from;
    loop {
        let mut best = Found::none(text.len());
        for Sought { finder, found } in &mut *finders {
            let found = match *found {
                Some(found) if found.start >= at => found,
                _ => *found.insert(finder.seek(text, at)),
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
