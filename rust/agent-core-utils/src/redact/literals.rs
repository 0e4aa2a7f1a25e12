//! Thousands of literals in one pass. Twin: `src/text/redact/literals.ts`.
//!
//! A filter of the first eight bytes (or of as many as the shortest literal has) passes over most of the
//! text; what it lets through is compared. Where that costs too much, because literals and text are alike
//! over long stretches, or where the shortest literal is too short for a filter, an Aho-Corasick automaton
//! takes over.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind, StartKind};

use super::Error;
use super::chars::Text;
use super::finder::{Finder, Found};

const FILTER_BITS: u32 = 17;
const BUCKET_BITS: u32 = 12;
/// The filter looks at so many bytes, or at as many as the shortest literal has.
const GRAM: usize = 8;
/// With fewer it lets too much through.
const LEAST_GRAM: usize = 3;
/// Comparing may cost so many bytes, and so many more for each byte of text.
const PATIENCE: usize = 4096;
const PATIENCE_EACH: usize = 4;

/// The literals, which texts share.
pub struct Literals {
    /// By place in the list; in lower case where case is ignored.
    literals: Vec<Box<[u8]>>,
    /// Places in the list, in the order of the literals.
    sorted: Vec<u32>,
    /// Places in the list by bucket of their first bytes, longest first; and where each bucket begins.
    by_bucket: Vec<u32>,
    buckets: Vec<u32>,
    filter: Vec<u64>,
    gram: usize,
    /// Which bytes begin a literal.
    first: [bool; 256],
    longest: usize,
    ignore_case: bool,
    automaton: OnceLock<Option<AhoCorasick>>,
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

impl Literals {
    /// Prepares distinct literals; rule ids are their places in the list.
    pub fn new<'a>(
        literals: impl Iterator<Item = &'a str>,
        ignore_case: bool,
    ) -> Result<Self, Error> {
        let literals: Vec<Box<[u8]>> = literals
            .map(|literal| {
                let mut bytes: Box<[u8]> = literal.as_bytes().into();
                if ignore_case {
                    bytes.make_ascii_lowercase();
                }
                bytes
            })
            .collect();
        let lengths = || literals.iter().map(|literal| literal.len());
        let gram = lengths().min().unwrap_or(0).min(GRAM);
        let mut sorted: Vec<u32> = (0..literals.len() as u32).collect();
        sorted.sort_unstable_by_key(|&id| &literals[id as usize]);
        let mut first = [false; 256];
        for literal in &literals {
            first[usize::from(literal[0])] = true;
        }
        let mut prepared = Self {
            longest: lengths().max().unwrap_or(0),
            sorted,
            by_bucket: Vec::new(),
            buckets: Vec::new(),
            filter: Vec::new(),
            gram,
            first,
            ignore_case,
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
        let hashes: Vec<u64> = self
            .literals
            .iter()
            .map(|literal| hash(word_at(literal, 0) & self.mask()))
            .collect();
        for &hash in &hashes {
            let place = hash >> (64 - FILTER_BITS);
            self.filter[(place >> 6) as usize] |= 1 << (place & 63);
        }
        let mut order: Vec<u32> = (0..hashes.len() as u32).collect();
        order.sort_unstable_by_key(|&id| {
            let id = id as usize;
            (bucket(hashes[id]), usize::MAX - self.literals[id].len(), id)
        });
        self.buckets = vec![0; (1 << BUCKET_BITS) + 1];
        for &id in &order {
            self.buckets[bucket(hashes[id as usize]) + 1] += 1;
        }
        for at in 1..self.buckets.len() {
            self.buckets[at] += self.buckets[at - 1];
        }
        self.by_bucket = order;
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

    /// The longest literal that begins at a place whose hash the filter let through.
    fn longest_at(&self, bytes: &[u8], at: usize, hash: u64, work: &mut usize) -> Option<Found> {
        let bucket = bucket(hash);
        let ids = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        let rest = &bytes[at..];
        self.by_bucket[ids].iter().find_map(|&id| {
            let literal = &self.literals[id as usize];
            let same = rest
                .iter()
                .zip(literal)
                .take_while(|(have, wanted)| have == wanted)
                .count();
            *work += same + 1;
            (same == literal.len()).then(|| Found {
                start: at,
                end: at + same,
                rule: id,
            })
        })
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
    /// The text in lower case, where case is ignored.
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
            folded: literals.ignore_case.then(|| text.to_ascii_lowercase()),
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
            let quick = bytes[at..].windows(8).position(|window| {
                let word = window
                    .first_chunk::<8>()
                    .map_or(0, |&chunk| u64::from_le_bytes(chunk));
                hit(hash(word & mask))
            });
            at = match quick {
                Some(places) => at + places,
                None => {
                    let rest = at.max((bytes.len() + 1).saturating_sub(8));
                    let last = (bytes.len() + 1).saturating_sub(literals.gram);
                    match (rest..last).find(|&at| hit(hash(word_at(bytes, at) & mask))) {
                        Some(at) => at,
                        None => break None,
                    }
                }
            };
            let hash = hash(word_at(bytes, at) & mask);
            let found = literals.longest_at(bytes, at, hash, &mut work);
            if found.is_some() {
                break found;
            }
            at += 1;
            let spent = self.work + work;
            if spent > PATIENCE + PATIENCE_EACH * (self.done + at - from)
                && literals.automaton().is_some()
            {
                break literals.find_by_automaton(bytes, at);
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
            Some(found) if found.start < open => found,
            _ => Found::none(open),
        }
    }
}
