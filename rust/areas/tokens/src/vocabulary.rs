//! A vocabulary in memory, and the one copy of each that all isolates of the process share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rayon::prelude::*;

use super::file::{self, Cutting, FileError, Parsed};
use super::merge::Merger;
use super::scan::{Scanner, safe_cut};
use super::table_scan::TableScanner;
use super::tables::{NONE, PairTable, PieceTable, key_in};

/// What cuts texts into pieces.
enum Cutter {
    Family(Scanner),
    Tables(TableScanner),
}

/// A vocabulary with its tables. Immutable, so that any number of threads may use it.
pub struct Vocabulary {
    name: String,
    scanner: Cutter,
    arena: Vec<u8>,
    starts: Vec<u32>,
    pieces: PieceTable,
    pairs: PairTable,
    /// What each merge gives.
    merged: Vec<u32>,
    byte_tokens: [u32; 256],
    /// The merge of two bytes, by the first times 256 and the second.
    byte_pairs: Vec<u32>,
    specials: Vec<(u32, String)>,
    longest: usize,
}

impl Vocabulary {
    /// Builds the tables from a file.
    pub fn new(bytes: &[u8]) -> Result<Self, FileError> {
        let Parsed {
            name,
            cutting,
            specials,
            arena,
            starts,
            pairs,
            merged,
            byte_tokens,
            plain,
            whole_first,
        } = file::parse(bytes)?;
        let mut byte_pairs = Vec::new();
        byte_pairs.try_reserve_exact(1 << 16)?;
        byte_pairs.resize(1 << 16, NONE);
        let byte_of = |token: u32| {
            let start = *starts.get(token as usize)? as usize;
            let byte = *arena.get(start)?;
            (byte_tokens[usize::from(byte)] == token).then_some(byte)
        };
        for (&(left, right), rank) in pairs.iter().zip(0..) {
            if let (Some(first), Some(second)) = (byte_of(left), byte_of(right)) {
                byte_pairs[usize::from(first) << 8 | usize::from(second)] = rank;
            }
        }
        let lengths = starts
            .windows(2)
            .map(|range| (range[1] - range[0]) as usize);
        let mut vocabulary = Self {
            name,
            scanner: match cutting {
                Cutting::Family {
                    family,
                    digits,
                    classes,
                } => Cutter::Family(Scanner::new(family, digits, classes)),
                Cutting::Tables(tables) => Cutter::Tables(tables),
            },
            longest: lengths.max().unwrap_or(0),
            arena,
            starts,
            pieces: PieceTable::default(),
            pairs: PairTable::new(&pairs)?,
            merged,
            byte_tokens,
            byte_pairs,
            specials,
        };
        let whole = vocabulary.whole_tokens(plain, whole_first);
        let pieces = PieceTable::new(&vocabulary.arena, &vocabulary.starts, &whole)?;
        vocabulary.pieces = pieces.ok_or(FileError::Wrong("two tokens are equal"))?;
        Ok(vocabulary)
    }

    /// Which tokens a piece can be at once; empty if any.
    fn whole_tokens(&self, plain: Vec<bool>, whole_first: bool) -> Vec<bool> {
        if whole_first {
            return plain;
        }
        (0..plain.len())
            .into_par_iter()
            .map_init(Merger::new, |merger, id| {
                let bytes = &self.arena[self.starts[id] as usize..self.starts[id + 1] as usize];
                plain[id] && merger.is_token(self, bytes, id as u32)
            })
            .collect()
    }

    /// Its name, as its file says.
    pub fn name(&self) -> &str {
        &self.name
    }

    #[inline]
    fn pieces_of(&self, text: &str, piece: impl FnMut(usize, usize)) {
        match &self.scanner {
            Cutter::Family(scanner) => scanner.pieces(text, piece),
            Cutter::Tables(tables) => tables.pieces(text.as_bytes(), piece),
        }
    }

    /// How many tokens a text has.
    pub fn count(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let (mut count, mut merger, mut memo) = (0, None, Memo::new(bytes));
        self.pieces_of(text, |start, end| {
            let (whole, key) = self.whole(bytes, start, end);
            if whole != NONE {
                count += 1;
                return;
            }
            count += memo.count(start, end, key, || {
                let merger = merger.get_or_insert_with(Merger::new);
                merger.count(self, &bytes[start..end])
            });
        });
        count
    }

    /// The tokens of a text.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(text.len() / 4 + 8);
        self.encode_pieces(text, &mut tokens, |_| {});
        tokens
    }

    /// Appends the tokens of a text; `piece` learns how many there are after each piece.
    pub(super) fn encode_pieces(
        &self,
        text: &str,
        tokens: &mut Vec<u32>,
        mut piece: impl FnMut(usize),
    ) {
        let mut merger = None;
        self.pieces_of(text, |start, end| {
            let (whole, _) = self.whole(text.as_bytes(), start, end);
            if whole == NONE {
                merger.get_or_insert_with(Merger::new).encode(
                    self,
                    &text.as_bytes()[start..end],
                    tokens,
                );
            } else {
                tokens.push(whole);
            }
            piece(tokens.len());
        });
    }

    /// The bytes that tokens stand for, or the place of the first that is none.
    pub fn decode(&self, tokens: &[u32]) -> Result<Vec<u8>, usize> {
        let mut bytes = Vec::with_capacity(tokens.len() * 4);
        for (index, &token) in tokens.iter().enumerate() {
            bytes.extend_from_slice(self.bytes(token).ok_or(index)?);
        }
        Ok(bytes)
    }

    /// The bytes of one token, ordinary or special.
    fn bytes(&self, token: u32) -> Option<&[u8]> {
        let index = token as usize;
        if index + 1 < self.starts.len() {
            let (start, end) = (self.starts[index] as usize, self.starts[index + 1] as usize);
            // An id without a token may be that of a special one.
            if end > start {
                return Some(&self.arena[start..end]);
            }
        }
        let special = self.specials.iter().find(|(id, _)| *id == token)?;
        Some(special.1.as_bytes())
    }

    /// The token that a piece is, if it is one, and the piece's key.
    #[inline]
    fn whole(&self, text: &[u8], start: usize, end: usize) -> (u32, u64) {
        let length = end - start;
        let piece = &text[start..end];
        if length > self.longest {
            return (NONE, 0);
        }
        let key = key_in(text, start, end);
        let id = self.pieces.get(piece, key, &self.arena, &self.starts);
        (id, key)
    }

    #[inline]
    pub(super) fn byte_token(&self, byte: u8) -> u32 {
        self.byte_tokens[usize::from(byte)]
    }

    #[inline]
    pub(super) fn byte_pair(&self, first: u8, second: u8) -> u32 {
        self.byte_pairs[usize::from(first) << 8 | usize::from(second)]
    }

    #[inline]
    pub(super) fn merged(&self, merge: u32) -> u32 {
        self.merged[merge as usize]
    }

    /// A place where a long text can be cut without changing a token; see `scan::safe_cut`.
    pub(super) fn safe_cut(&self, bytes: &[u8], from: usize) -> usize {
        match &self.scanner {
            Cutter::Family(_) => safe_cut(bytes, from),
            Cutter::Tables(tables) => tables.safe_cut(bytes, from),
        }
    }

    #[inline]
    pub(super) fn pair(&self, left: u32, right: u32) -> u32 {
        self.pairs.get(left, right)
    }

    #[inline]
    pub(super) fn length(&self, token: u32) -> usize {
        (self.starts[token as usize + 1] - self.starts[token as usize]) as usize
    }
}

/// The counts of pieces that were merged lately in one text: what is no word of the vocabulary often comes
/// again. Off for short texts, which it would only cost time.
struct Memo<'a> {
    text: &'a [u8],
    /// Where the piece begins and ends, and its count; by the piece's key.
    entries: Vec<(u32, u32, u32)>,
    shift: u32,
}

impl<'a> Memo<'a> {
    fn new(text: &'a [u8]) -> Self {
        let bits = match text.len() {
            ..0x800 => 0,
            0x800..0x1_0000 => 10,
            _ => 14,
        };
        Self {
            text,
            entries: vec![(0, 0, 0); if bits == 0 { 0 } else { 1 << bits }],
            shift: 63 & (64 - bits),
        }
    }

    #[inline]
    fn count(
        &mut self,
        start: usize,
        end: usize,
        key: u64,
        merge: impl FnOnce() -> usize,
    ) -> usize {
        // Pieces over the longest token have no key.
        if self.entries.is_empty() || key == 0 {
            return merge();
        }
        let slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize;
        let (from, to, count) = self.entries[slot];
        if self.text[from as usize..to as usize] == self.text[start..end] {
            return count as usize;
        }
        let count = merge();
        // A text of one call has at most 2^32 bytes.
        self.entries[slot] = (start as u32, end as u32, count as u32);
        count
    }
}

/// The vocabularies of the process.
#[derive(Default)]
struct Registry {
    /// All that are in use or kept.
    known: HashMap<String, Weak<Vocabulary>>,
    /// Those of the package, which stay for good.
    packaged: Vec<Arc<Vocabulary>>,
    /// Those of files that were registered last.
    recent: VecDeque<Arc<Vocabulary>>,
}

/// How many vocabularies of files stay without anybody who uses them.
const RECENT: usize = 2;

fn registry() -> MutexGuard<'static, Registry> {
    static REGISTRY: OnceLock<Mutex<Registry>> = OnceLock::new();
    let registry = REGISTRY.get_or_init(Mutex::default).lock();
    registry.unwrap_or_else(PoisonError::into_inner)
}

/// The process's vocabulary of this name, if it was registered.
pub fn find(name: &str) -> Option<Arc<Vocabulary>> {
    registry().known.get(name)?.upgrade()
}

/// Makes a vocabulary the process's one of its name. The first of a name stays.
pub fn register(vocabulary: Vocabulary) {
    let registry = &mut *registry();
    let known = registry.known.get(vocabulary.name());
    if known.is_some_and(|known| known.strong_count() > 0) {
        return;
    }
    let of_file = matches!(vocabulary.scanner, Cutter::Tables(_));
    let name = vocabulary.name().to_owned();
    let vocabulary = Arc::new(vocabulary);
    registry.known.retain(|_, known| known.strong_count() > 0);
    registry.known.insert(name, Arc::downgrade(&vocabulary));
    if of_file {
        registry.recent.push_back(vocabulary);
        if registry.recent.len() > RECENT {
            registry.recent.pop_front();
        }
    } else {
        registry.packaged.push(vocabulary);
    }
}
