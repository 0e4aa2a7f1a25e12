//! Finds matches of patterns. Twin: `src/text/redact/pattern/finder.ts`.
//!
//! From each place where one can begin the automaton runs until it dies. Runs from neighbouring places
//! soon are in the same state at the same place; the states of one long run are kept, and a run that meets
//! it takes its end. Where runs still come to nothing again and again, an automaton for matches that begin
//! anywhere finds the next place where one ends at all, and what lies more than a match's length before it
//! is passed over. So texts meant to make all runs long take linear time, but for at most `PATTERN_MAX`
//! steps a character just before the end of a match.

use super::Error;
use super::automaton::{Automaton, DEAD, Facts, NO_PATTERN, State, kind};
use super::chars::{CLASS, Text, WORD};
use super::finder::{Finder, Found};

/// The longest match, in UTF-16 units.
const PATTERN_MAX: usize = 4096;
/// More bytes than so many units can take.
const RING: usize = 16_384;
/// Shorter runs are not worth keeping.
const SHORT: usize = 32;
/// Runs that came to nothing may cost so many steps, and so many more a byte, before a sweep.
const PATIENCE: usize = 256;
const PATIENCE_EACH: usize = 8;

/// The patterns, which texts share.
pub struct Patterns {
    automaton: Automaton,
    /// For matches that begin anywhere.
    anywhere: Automaton,
    /// By byte of ASCII: bits of the kinds before it where a match may begin, then of those where that is
    /// known.
    first: [u8; 128],
    /// A long run: states and units since its beginning, by place.
    states: Box<[(State, u32)]>,
}

impl Patterns {
    /// Reads a program of `src/text/redact/pattern/compile.ts`.
    pub fn new(program: &[u32]) -> Result<Self, Error> {
        Ok(Self {
            automaton: Automaton::new(program, false)?,
            anywhere: Automaton::new(program, true)?,
            first: [0; 128],
            states: vec![(DEAD, 0); RING].into_boxed_slice(),
        })
    }

    fn may_begin(&mut self, before: u8, byte: u8) -> bool {
        let known = self.first[usize::from(byte)];
        if known >> (4 + before) & 1 == 1 {
            return known >> before & 1 == 1;
        }
        let class = self.automaton.class_of(u32::from(byte));
        let begin = self.automaton.begin(before);
        let may = self.automaton.step(begin, class) != DEAD;
        self.first[usize::from(byte)] |= 1 << (4 + before) | u8::from(may) << before;
        may
    }
}

fn kind_of(code: u32) -> u8 {
    match code {
        10 | 13 | 0x2028 | 0x2029 => kind::LINE,
        0..128 if CLASS[code as usize] & WORD != 0 => kind::WORD,
        _ => kind::OTHER,
    }
}

/// The code point that begins at a place of UTF-8, and its length in bytes.
#[inline]
fn code_at(bytes: &[u8], at: usize) -> (u32, usize) {
    let first = u32::from(bytes[at]);
    let rest = |k: usize| u32::from(bytes[at + k]) & 0x3f;
    match first {
        0..0x80 => (first, 1),
        0x80..0xe0 => ((first & 0x1f) << 6 | rest(1), 2),
        0xe0..0xf0 => ((first & 0x0f) << 12 | rest(1) << 6 | rest(2), 3),
        _ => (
            (first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3),
            4,
        ),
    }
}

/// The kind of what stands before a place.
fn kind_before(bytes: &[u8], at: usize) -> u8 {
    match bytes[..at].last() {
        None => kind::EDGE,
        Some(&byte @ ..128) => kind_of(u32::from(byte)),
        // U+2028 and U+2029 are the line ends beyond ASCII.
        _ if bytes[..at].ends_with(b"\xe2\x80\xa8") => kind::LINE,
        _ if bytes[..at].ends_with(b"\xe2\x80\xa9") => kind::LINE,
        _ => kind::OTHER,
    }
}

/// The place a match's greatest length before `at`, `least` at the least.
fn back(bytes: &[u8], at: usize, least: usize) -> usize {
    let mut p = at;
    let mut units = 0;
    while p > least && units < PATTERN_MAX {
        p -= 1;
        units += usize::from(bytes[p] & 0xc0 != 0x80) + usize::from(bytes[p] >= 0xf0);
    }
    p
}

/// What runs from one place came to.
enum Run {
    None,
    More,
    End { end: usize, pattern: u32 },
}

fn ended(end: usize, pattern: u32) -> Run {
    if end == 0 {
        Run::None
    } else {
        Run::End { end, pattern }
    }
}

/// Finds patterns in one text; rule ids begin at `base`.
pub struct PatternFinder<'p> {
    patterns: &'p mut Patterns,
    base: u32,
    /// The kept run: from where to where it goes, and the last match on it.
    from: usize,
    to: Option<usize>,
    generation: u64,
    end: usize,
    pattern: u32,
    /// Steps of runs that came to nothing, since when; up to where a sweep went, and from where on a
    /// match may begin.
    wasted: usize,
    since: usize,
    swept: usize,
    clear: usize,
}

impl<'p> PatternFinder<'p> {
    /// A finder for one text.
    pub fn new(patterns: &'p mut Patterns, base: u32) -> Self {
        Self {
            patterns,
            base,
            from: 0,
            to: None,
            generation: 0,
            end: 0,
            pattern: NO_PATTERN,
            wasted: 0,
            since: 0,
            swept: 0,
            clear: 0,
        }
    }

    /// Finds out up to where no match begins, from `i` on.
    fn sweep(&mut self, text: Text<'_>, i: usize, before: u8) {
        let bytes = text.bytes;
        let n = bytes.len();
        let automaton = &mut self.patterns.anywhere;
        let mut state = automaton.begin(before);
        let mut p = i;
        loop {
            if text.open(p) {
                break;
            }
            let (class, length) = if p < n {
                let (code, length) = code_at(bytes, p);
                (automaton.class_of(code), length)
            } else {
                (automaton.edge, 0)
            };
            state = automaton.step(state, class);
            let facts = automaton.facts(state);
            if facts.late != NO_PATTERN {
                break;
            }
            if p == n {
                // Nothing ends in all that is left.
                self.clear = n;
                self.swept = n;
                return;
            }
            p += length;
            if facts.matched != NO_PATTERN {
                break;
            }
        }
        self.swept = p;
        self.clear = back(bytes, p, i);
        self.wasted = 0;
        self.since = self.clear;
    }

    fn run(&mut self, text: Text<'_>, i: usize, before: u8) -> Run {
        let bytes = text.bytes;
        let n = bytes.len();
        let mut state = self.patterns.automaton.begin(before);
        let mut end = 0;
        let mut pattern = NO_PATTERN;
        let mut kept = false;
        let mut p = i;
        let mut units = 0;
        loop {
            self.wasted += 1;
            if units > SHORT {
                let merged = self.to.filter(|&to| {
                    self.generation == self.patterns.automaton.generation
                        && p >= self.from
                        && p < to
                        && self.patterns.states[p % RING].0 == state
                });
                if let Some(to) = merged {
                    if self.end >= p {
                        end = self.end;
                        pattern = self.pattern;
                    }
                    let before = self.patterns.states[p % RING].1;
                    let (next, after) = self.patterns.states[to % RING];
                    state = next;
                    units += (after - before) as usize;
                    p = to;
                    kept = true;
                } else if !kept || self.to != Some(p) {
                    self.from = p;
                    self.to = Some(p);
                    self.end = end;
                    self.pattern = pattern;
                    self.generation = self.patterns.automaton.generation;
                    self.patterns.states[p % RING] = (state, 0);
                    kept = true;
                }
            }
            let automaton = &mut self.patterns.automaton;
            if text.open(p) {
                return if automaton.facts(state).last {
                    ended(end, pattern)
                } else {
                    Run::More
                };
            }
            let (class, length, width) = if p < n {
                let (code, length) = code_at(bytes, p);
                (
                    automaton.class_of(code),
                    length,
                    1 + usize::from(length > 3),
                )
            } else {
                (automaton.edge, 1, 1)
            };
            let next = automaton.step(state, class);
            let Facts {
                matched,
                late,
                last,
                ..
            } = *automaton.facts(next);
            if late != NO_PATTERN && p > i {
                pattern = if end == p { pattern.min(late) } else { late };
                end = p;
                if kept {
                    self.end = end;
                    self.pattern = pattern;
                }
            }
            if (last && matched == NO_PATTERN) || units + width > PATTERN_MAX {
                break;
            }
            units += width;
            p += length;
            state = next;
            if matched != NO_PATTERN {
                end = p;
                pattern = matched;
            }
            if kept {
                if self.generation == automaton.generation {
                    let so_far = self.to.map_or(0, |to| self.patterns.states[to % RING].1);
                    self.patterns.states[p % RING] = (state, so_far + width as u32);
                    self.to = Some(p);
                    if p - self.from >= RING - 4 {
                        self.from = p - RING + 5;
                    }
                    if end == p {
                        self.end = end;
                        self.pattern = pattern;
                    }
                } else {
                    kept = false;
                }
            }
            if last {
                break;
            }
        }
        ended(end, pattern)
    }
}

impl Finder for PatternFinder<'_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let bytes = text.bytes;
        let n = bytes.len();
        let mut i = from;
        let mut before = kind_before(bytes, from);
        while i < n {
            if i < self.clear {
                i = self.clear;
                before = kind_before(bytes, i);
                continue;
            }
            let byte = bytes[i];
            let (may, length, kind) = if byte < 128 {
                (
                    self.patterns.may_begin(before, byte),
                    1,
                    kind_of(u32::from(byte)),
                )
            } else {
                let (code, length) = code_at(bytes, i);
                (true, length, kind_of(code))
            };
            if may {
                match self.run(text, i, before) {
                    Run::None => {
                        let patience = PATIENCE + PATIENCE_EACH * i.saturating_sub(self.since);
                        if self.wasted > patience && i >= self.swept {
                            self.sweep(text, i, before);
                        }
                    }
                    Run::More => return Found::none(i),
                    Run::End { end, pattern } => {
                        return Found {
                            start: i,
                            end,
                            rule: self.base + pattern,
                        };
                    }
                }
            }
            before = kind;
            i += length;
        }
        Found::none(n)
    }
}
