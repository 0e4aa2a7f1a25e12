//! Thousands of literals in one pass. Twin: `src/text/redact/literals.ts`.
//!
//! A filter of eight bytes (or of as many as the shortest literal has) passes over most of the text, where
//! literals are long in steps; what it lets through is compared. Where that costs too much, because literals and text are alike
//! over long stretches, or where the shortest literal is too short for a filter, an Aho-Corasick automaton
//! takes over.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind, StartKind};

use super::Error;
use super::chars::Text;
use super::finder::{Finder, Found};
use super::fold::{Fold, fold_text};

const FILTER_BITS: u32 = 18;
const BUCKET_BITS: u32 = 12;
/// The filter looks at so many bytes, or at as many as the shortest literal has.
const GRAM: usize = 8;
/// It looks at every so many-th place at most: where literals are long, it knows each one's first grams.
const STRIDE: usize = 8;
/// With fewer it lets too much through.
const LEAST_GRAM: usize = 3;
/// Comparing may cost so many bytes, and so many more for each byte of text.
const PATIENCE: usize = 4096;
const PATIENCE_EACH: usize = 4;

/// The literals, which texts share.
pub struct Literals {
    /// By place in the list; folded where case is ignored.
    literals: Vec<Box<[u8]>>,
    /// Places in the list, in the order of the literals.
    sorted: Vec<u32>,
    /// What the filter knows, by bucket of its hash; and where each bucket begins.
    entries: Vec<Entry>,
    buckets: Vec<u32>,
    filter: Vec<u64>,
    /// The filter looks at so many bytes, at every so many-th place.
    gram: usize,
    stride: usize,
    /// Which bytes begin a literal.
    first: [bool; 256],
    longest: usize,
    fold: Fold,
    /// The rule id of the first.
    base: u32,
    automaton: OnceLock<Option<AhoCorasick>>,
}

/// A part of a literal that the filter knows.
#[derive(Clone, Copy)]
struct Entry {
    /// Of its hash what the bucket does not say.
    tag: u32,
    id: u32,
    offset: u32,
}

/// The first eight bytes from a place on, zeros behind the end.
fn word_at(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk::<8>() {
        Some(&chunk) => u64::from_le_bytes(chunk),
        None => {
            let mut chunk = [0; 8];
            chunk[..bytes.len() - at].copy_from_slice(&bytes[at..]);
            u64::from_le_bytes(chunk)
        }
    }
}

#[inline]
fn hash(word: u64) -> u64 {
    word.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn bucket(hash: u64) -> usize {
    (hash >> (64 - BUCKET_BITS)) as usize
}

#[inline]
fn tag(hash: u64) -> u32 {
    (hash >> 16) as u32
}

impl Literals {
    /// Prepares distinct literals; rule ids are their places in the list, from `base` on.
    pub fn new<'a>(
        literals: impl Iterator<Item = &'a str>,
        base: u32,
        fold: Fold,
    ) -> Result<Self, Error> {
        let literals: Vec<Box<[u8]>> = literals
            .map(|literal| fold_text(literal.as_bytes(), fold).into())
            .collect();
        let lengths = || literals.iter().map(|literal| literal.len());
        let shortest = lengths().min().unwrap_or(0);
        let gram = shortest.min(GRAM);
        let stride = (shortest + 1 - gram).min(STRIDE);
        let mut sorted: Vec<u32> = (0..literals.len() as u32).collect();
        sorted.sort_unstable_by_key(|&id| &literals[id as usize]);
        let mut first = [false; 256];
        for literal in &literals {
            first[usize::from(literal[0])] = true;
        }
        let mut prepared = Self {
            longest: lengths().max().unwrap_or(0),
            sorted,
            entries: Vec::new(),
            buckets: Vec::new(),
            filter: Vec::new(),
            gram,
            stride,
            first,
            fold,
            base,
            automaton: OnceLock::new(),
            literals,
        };
        if gram >= LEAST_GRAM {
            prepared.fill_filter();
        } else {
            let automaton = prepared
                .build()
                .map_err(|error| Error(format!("The literals cannot be prepared: {error}")))?;
            prepared.automaton = OnceLock::from(Some(automaton));
        }
        Ok(prepared)
    }

    fn fill_filter(&mut self) {
        self.filter = vec![0; 1 << (FILTER_BITS - 6)];
        let (stride, mask) = (self.stride, self.mask());
        let grams: Vec<(u64, Entry)> = self
            .literals
            .iter()
            .enumerate()
            .flat_map(|(id, literal)| {
                (0..stride).map(move |offset| {
                    let hash = hash(word_at(literal, offset) & mask);
                    let entry = Entry {
                        tag: tag(hash),
                        id: id as u32,
                        offset: offset as u32,
                    };
                    (hash, entry)
                })
            })
            .collect();
        self.buckets = vec![0; (1 << BUCKET_BITS) + 1];
        for &(hash, _) in &grams {
            let place = hash >> (64 - FILTER_BITS);
            self.filter[(place >> 6) as usize] |= 1 << (place & 63);
            self.buckets[bucket(hash) + 1] += 1;
        }
        for at in 1..self.buckets.len() {
            self.buckets[at] += self.buckets[at - 1];
        }
        let mut free = self.buckets.clone();
        self.entries = grams.iter().map(|&(_, entry)| entry).collect();
        for (hash, entry) in grams {
            let place = &mut free[bucket(hash)];
            self.entries[*place as usize] = entry;
            *place += 1;
        }
    }

    fn build(&self) -> Result<AhoCorasick, BuildError> {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Unanchored)
            .build(&self.literals)
    }

    fn automaton(&self) -> Option<&AhoCorasick> {
        self.automaton.get_or_init(|| self.build().ok()).as_ref()
    }

    fn mask(&self) -> u64 {
        u64::MAX >> (64 - 8 * self.gram)
    }

    /// The leftmost literal, then the longest, of which the filter saw a part at a place; none that begins
    /// before `from`.
    fn around(
        &self,
        bytes: &[u8],
        from: usize,
        at: usize,
        hash: u64,
        work: &mut usize,
    ) -> Option<Found> {
        let bucket = bucket(hash);
        let places = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        let tag = tag(hash);
        let mut best: Option<Found> = None;
        for entry in &self.entries[places] {
            let start = at.wrapping_sub(entry.offset as usize);
            if entry.tag != tag
                || start < from
                || start > at
                || best.is_some_and(|best| best.start < start)
            {
                continue;
            }
            let literal = &self.literals[entry.id as usize];
            let same = bytes[start..]
                .iter()
                .zip(literal)
                .take_while(|(have, wanted)| have == wanted)
                .count();
            *work += same + 1;
            let end = start + same;
            if same == literal.len() && best.is_none_or(|best| start < best.start || end > best.end)
            {
                best = Some(Found {
                    start,
                    end,
                    rule: entry.id,
                });
            }
        }
        best
    }

    fn find_by_automaton(&self, bytes: &[u8], from: usize) -> Option<Found> {
        let found = self.automaton()?.find(Input::new(bytes).range(from..))?;
        Some(Found {
            start: found.start(),
            end: found.end(),
            rule: found.pattern().as_u32(),
        })
    }

    /// The first place from `from` on from where the text may go on to become a literal; the text's
    /// length if there is none.
    fn open(&self, bytes: &[u8], from: usize) -> usize {
        let n = bytes.len();
        let start = from.max((n + 1).saturating_sub(self.longest)).min(n);
        (start..n)
            .find(|&at| self.first[usize::from(bytes[at])] && self.begins(&bytes[at..]))
            .unwrap_or(n)
    }

    /// Whether some literal begins with `tail` and is longer.
    fn begins(&self, tail: &[u8]) -> bool {
        let at = self
            .sorted
            .partition_point(|&id| &*self.literals[id as usize] <= tail);
        self.sorted
            .get(at)
            .is_some_and(|&id| self.literals[id as usize].starts_with(tail))
    }
}

/// Finds literals in one text.
pub struct LiteralFinder<'l> {
    literals: &'l Literals,
    /// The text folded, where case is ignored.
    folded: Option<Vec<u8>>,
    /// What `open` answered last.
    open: Option<usize>,
    /// What comparing has cost so far, and on how much text.
    work: usize,
    done: usize,
}

impl<'l> LiteralFinder<'l> {
    /// A finder for one text.
    pub fn new(literals: &'l Literals, text: &[u8]) -> Self {
        Self {
            literals,
            folded: (literals.fold != Fold::Exact).then(|| fold_text(text, literals.fold)),
            open: None,
            work: 0,
            done: 0,
        }
    }

    fn find(&mut self, text: &[u8], from: usize) -> Option<Found> {
        let literals = self.literals;
        let bytes = self.folded.as_deref().unwrap_or(text);
        if literals.gram < LEAST_GRAM {
            return literals.find_by_automaton(bytes, from);
        }
        let mask = literals.mask();
        let filter: &[u64; 1 << (FILTER_BITS - 6)] = literals.filter.first_chunk()?;
        let hit = |hash: u64| {
            let place = hash >> (64 - FILTER_BITS);
            filter[(place >> 6) as usize] >> (place & 63) & 1 == 1
        };
        let mut at = from;
        let mut work = 0;
        let found = loop {
            // Whole words first; at most seven places are left after them.
            let stop = (bytes.len() + 1).saturating_sub(8);
            if at < stop {
                let seen = |window: &[u8]| {
                    let chunk = window.first_chunk::<8>();
                    chunk.is_some_and(|&chunk| hit(hash(u64::from_le_bytes(chunk) & mask)))
                };
                let mut windows = bytes[at..].windows(8);
                let passed = match literals.stride {
                    1 => windows.position(seen),
                    // A constant step in each arm makes a faster loop.
                    2 => windows.step_by(2).position(seen),
                    3 => windows.step_by(3).position(seen),
                    4 => windows.step_by(4).position(seen),
                    5 => windows.step_by(5).position(seen),
                    6 => windows.step_by(6).position(seen),
                    7 => windows.step_by(7).position(seen),
                    _ => windows.step_by(STRIDE).position(seen),
                };
                at = match passed {
                    Some(passed) => at + passed * literals.stride,
                    None => at + (stop - at).next_multiple_of(literals.stride),
                };
            }
            let last = (bytes.len() + 1).saturating_sub(literals.gram);
            while at >= stop && at < last && !hit(hash(word_at(bytes, at) & mask)) {
                at += literals.stride;
            }
            if at >= last {
                break None;
            }
            let hash = hash(word_at(bytes, at) & mask);
            let found = literals.around(bytes, from, at, hash, &mut work);
            if found.is_some() {
                break found;
            }
            at += literals.stride;
            let spent = self.work + work;
            if spent > PATIENCE + PATIENCE_EACH * (self.done + at - from)
                && literals.automaton().is_some()
            {
                break literals.find_by_automaton(bytes, at - literals.stride + 1);
            }
        };
        self.work += work;
        self.done += found.map_or(bytes.len(), |found| found.end) - from;
        found
    }
}

impl Finder for LiteralFinder<'_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let open = match self.open {
            _ if text.last => n,
            Some(open) if open >= from => open,
            _ => {
                let bytes = self.folded.as_deref().unwrap_or(text.bytes);
                *self.open.insert(self.literals.open(bytes, from))
            }
        };
        match self.find(text.bytes, from) {
            Some(found) if found.start < open => Found {
                rule: self.literals.base + found.rule,
                ..found
            },
            _ => Found::none(open),
        }
    }
}
