//! Thousands of literals in one pass. Twin: `src/text/redact/literals.ts`.

use aho_corasick::{AhoCorasick, Input, MatchKind, StartKind};

use super::Error;
use super::chars::Text;
use super::finder::{Finder, Found};

/// The literals, which texts share.
pub struct Literals {
    automaton: AhoCorasick,
    /// Sorted, in lower case where case is ignored; to find beginnings at a text's end.
    sorted: Vec<Box<[u8]>>,
    /// Which bytes begin a literal.
    first: [bool; 256],
    longest: usize,
    ignore_case: bool,
}

impl Literals {
    /// Prepares distinct literals; rule ids are their places in the list.
    pub fn new<'a>(
        literals: impl Iterator<Item = &'a str> + Clone,
        ignore_case: bool,
    ) -> Result<Self, Error> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Unanchored)
            .ascii_case_insensitive(ignore_case)
            .build(literals.clone())
            .map_err(|error| Error(format!("The literals cannot be prepared: {error}")))?;
        let mut sorted: Vec<Box<[u8]>> = literals
            .map(|literal| {
                let mut bytes: Box<[u8]> = literal.as_bytes().into();
                if ignore_case {
                    bytes.make_ascii_lowercase();
                }
                bytes
            })
            .collect();
        sorted.sort_unstable();
        let mut first = [false; 256];
        for literal in &sorted {
            first[usize::from(literal[0])] = true;
            if ignore_case {
                first[usize::from(literal[0].to_ascii_uppercase())] = true;
            }
        }
        let longest = sorted.iter().map(|literal| literal.len()).max();
        Ok(Self {
            automaton,
            sorted,
            first,
            longest: longest.unwrap_or(0),
            ignore_case,
        })
    }

    /// The first place from `from` on from where the text may go on to become a literal; the text's
    /// length if there is none.
    fn open(&self, bytes: &[u8], from: usize) -> usize {
        let n = bytes.len();
        let start = from.max((n + 1).saturating_sub(self.longest));
        let mut tail = bytes[start.min(n)..].to_vec();
        if self.ignore_case {
            tail.make_ascii_lowercase();
        }
        (0..tail.len())
            .find(|&at| self.first[usize::from(tail[at])] && self.begins(&tail[at..]))
            .map_or(n, |at| start + at)
    }

    /// Whether some literal begins with `tail` and is longer.
    fn begins(&self, tail: &[u8]) -> bool {
        let at = self.sorted.partition_point(|literal| &**literal <= tail);
        self.sorted
            .get(at)
            .is_some_and(|literal| literal.starts_with(tail))
    }
}

/// Finds literals in one text.
pub struct LiteralFinder<'l> {
    literals: &'l Literals,
    /// The answer of `open` for the places up to it.
    open: Option<usize>,
}

impl<'l> LiteralFinder<'l> {
    /// A finder for one text.
    pub fn new(literals: &'l Literals) -> Self {
        Self {
            literals,
            open: None,
        }
    }
}

impl Finder for LiteralFinder<'_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let open = match self.open {
            _ if text.last => n,
            Some(open) if open >= from => open,
            _ => *self.open.insert(self.literals.open(text.bytes, from)),
        };
        let input = Input::new(text.bytes).range(from..n);
        match self.literals.automaton.find(input) {
            Some(found) if found.start() < open => Found {
                start: found.start(),
                end: found.end(),
                rule: found.pattern().as_u32(),
            },
            _ => Found::none(open),
        }
    }
}
