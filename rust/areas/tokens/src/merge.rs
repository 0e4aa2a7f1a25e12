//! Byte-pair merging of one piece: of all neighbours that make a token, those with the lowest rank are
//! merged first, the leftmost of equals.
//!
//! Short pieces: a scan for the lowest rank after each merge. Long ones: a heap, over windows of some
//! hundred bytes, so that time and memory beside the text stay linear. Windows are joined where the two
//! tokens at the border are, alone, encoded as themselves: a row of tokens of which every two neighbours
//! have that property is the encoding of the whole. (Were it not, look at the first merge over a border:
//! until then both sides went as they go alone, so it would come about in the encoding of the two, too.)

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::tables::NONE;
use super::vocabulary::Vocabulary;

/// The longest piece that is merged by scanning.
pub const SHORT: usize = 96;
/// Bytes that are merged at once.
const WINDOW: usize = 512;
/// Tokens at a window's end that are encoded again with what follows.
const REDONE: usize = 8;

/// Memory for merging, used again from piece to piece.
pub struct Merger {
    ids: [u32; SHORT],
    ranks: [u32; SHORT],
    long: Long,
}

#[derive(Default)]
struct Long {
    ids: Vec<u32>,
    ranks: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    heap: BinaryHeap<Reverse<u64>>,
}

impl Merger {
    pub fn new() -> Self {
        Self {
            ids: [0; SHORT],
            ranks: [0; SHORT],
            long: Long::default(),
        }
    }

    /// How many tokens a piece has that is none itself.
    #[inline]
    pub fn count(&mut self, vocabulary: &Vocabulary, piece: &[u8]) -> usize {
        if piece.len() <= SHORT {
            return self.short(vocabulary, piece);
        }
        let mut count = 0;
        windows(vocabulary, &mut self.long, piece, &mut count);
        count
    }

    /// Appends the tokens of a piece that is none itself.
    pub fn encode(&mut self, vocabulary: &Vocabulary, piece: &[u8], tokens: &mut Vec<u32>) {
        if piece.len() <= SHORT {
            let count = self.short(vocabulary, piece);
            tokens.extend_from_slice(&self.ids[..count]);
        } else {
            windows(vocabulary, &mut self.long, piece, tokens);
        }
    }

    /// Whether merging bytes gives one token, this one.
    pub fn is_token(&mut self, vocabulary: &Vocabulary, bytes: &[u8], token: u32) -> bool {
        if bytes.len() <= SHORT {
            return self.short(vocabulary, bytes) == 1 && self.ids[0] == token;
        }
        self.long.merge(vocabulary, bytes, 0, bytes.len());
        self.long.ids == [token]
    }

    fn short(&mut self, vocabulary: &Vocabulary, piece: &[u8]) -> usize {
        let mut count = piece.len();
        let (ids, ranks) = (&mut self.ids, &mut self.ranks);
        for (id, &byte) in ids.iter_mut().zip(piece) {
            *id = vocabulary.byte_token(byte);
        }
        for (rank, pair) in ranks.iter_mut().zip(piece.windows(2)) {
            *rank = vocabulary.byte_pair(pair[0], pair[1]);
        }
        while count > 1 {
            let (mut best, mut at) = (NONE, 0);
            for (index, &rank) in ranks[..count - 1].iter().enumerate() {
                if rank < best {
                    (best, at) = (rank, index);
                }
            }
            if best == NONE {
                break;
            }
            let token = vocabulary.merged(best);
            ids[at] = token;
            ids.copy_within(at + 2..count, at + 1);
            ranks.copy_within(at + 1..count - 1, at);
            count -= 1;
            if at + 1 < count {
                ranks[at] = vocabulary.pair(token, ids[at + 1]);
            }
            if at > 0 {
                ranks[at - 1] = vocabulary.pair(ids[at - 1], token);
            }
        }
        count
    }
}

/// Where the tokens of a long piece go.
trait Sink {
    fn length(&self) -> usize;
    fn put(&mut self, tokens: &[u32]);
    fn cut(&mut self, length: usize);
}

impl Sink for usize {
    fn length(&self) -> usize {
        *self
    }
    fn put(&mut self, tokens: &[u32]) {
        *self += tokens.len();
    }
    fn cut(&mut self, length: usize) {
        *self = length;
    }
}

impl Sink for Vec<u32> {
    fn length(&self) -> usize {
        self.len()
    }
    fn put(&mut self, tokens: &[u32]) {
        self.extend_from_slice(tokens);
    }
    fn cut(&mut self, length: usize) {
        self.truncate(length);
    }
}

fn windows(vocabulary: &Vocabulary, long: &mut Long, piece: &[u8], sink: &mut impl Sink) {
    let before = sink.length();
    let mut width = WINDOW;
    while !try_windows(vocabulary, long, piece, width, sink) {
        // No border of a window would do. It takes a chain of merges over thousands of bytes.
        sink.cut(before);
        width = width.saturating_mul(8);
    }
}

fn try_windows(
    vocabulary: &Vocabulary,
    long: &mut Long,
    piece: &[u8],
    width: usize,
    sink: &mut impl Sink,
) -> bool {
    let (mut from, mut end) = (0, piece.len().min(width));
    long.merge(vocabulary, piece, from, end);
    while end < piece.len() {
        // The last tokens may come out otherwise once more follows: they are done again.
        let tokens = std::mem::take(&mut long.ids);
        let mut keep = tokens.len().saturating_sub(REDONE);
        let mut redone = REDONE;
        loop {
            if keep == 0 {
                return false;
            }
            let border = from
                + tokens[..keep]
                    .iter()
                    .map(|&id| vocabulary.length(id))
                    .sum::<usize>();
            let last = tokens[keep - 1];
            end = piece.len().min(border + width);
            long.merge(vocabulary, piece, border, end);
            if long.joins(vocabulary, piece, border, last) {
                from = border;
                break;
            }
            redone *= 2;
            keep = keep.saturating_sub(redone);
        }
        sink.put(&tokens[..keep]);
    }
    sink.put(&long.ids);
    true
}

impl Long {
    /// Whether the window just merged follows on the token that ends at its border.
    fn joins(&mut self, vocabulary: &Vocabulary, piece: &[u8], border: usize, last: u32) -> bool {
        let first = self.ids[0];
        let ids = std::mem::take(&mut self.ids);
        let (start, end) = (
            border - vocabulary.length(last),
            border + vocabulary.length(first),
        );
        self.merge(vocabulary, piece, start, end);
        let joins = self.ids == [last, first];
        self.ids = ids;
        joins
    }

    /// Merges the bytes from `start` to `end`; the tokens are in `ids` afterwards.
    fn merge(&mut self, vocabulary: &Vocabulary, piece: &[u8], start: usize, end: usize) {
        let bytes = &piece[start..end];
        let count = bytes.len() as u32;
        let Self {
            ids,
            ranks,
            next,
            previous,
            heap,
        } = self;
        ids.clear();
        ids.extend(bytes.iter().map(|&byte| vocabulary.byte_token(byte)));
        ranks.clear();
        ranks.extend(
            bytes
                .windows(2)
                .map(|pair| vocabulary.byte_pair(pair[0], pair[1])),
        );
        ranks.push(NONE);
        next.clear();
        next.extend(1..=count);
        previous.clear();
        previous.extend((0..count).map(|at| at.wrapping_sub(1)));
        let mut items = std::mem::take(heap).into_vec();
        items.clear();
        items.extend(
            ranks
                .iter()
                .enumerate()
                .filter(|&(_, &rank)| rank != NONE)
                .map(|(at, &rank)| Reverse(u64::from(rank) << 32 | at as u64)),
        );
        *heap = BinaryHeap::from(items);
        while let Some(Reverse(item)) = heap.pop() {
            let (rank, at) = ((item >> 32) as u32, item as u32);
            // Places that were merged away have no rank; others may have another by now.
            if ranks[at as usize] != rank {
                continue;
            }
            let gone = next[at as usize];
            let after = next[gone as usize];
            let token = vocabulary.merged(rank);
            ids[at as usize] = token;
            ids[gone as usize] = NONE;
            ranks[gone as usize] = NONE;
            next[at as usize] = after;
            let mut put = |at: u32, rank: u32| {
                ranks[at as usize] = rank;
                if rank != NONE {
                    heap.push(Reverse(u64::from(rank) << 32 | u64::from(at)));
                }
            };
            if after < count {
                previous[after as usize] = at;
                put(at, vocabulary.pair(token, ids[after as usize]));
            } else {
                put(at, NONE);
            }
            let before = previous[at as usize];
            if before != u32::MAX {
                put(before, vocabulary.pair(ids[before as usize], token));
            }
        }
        ids.retain(|&id| id != NONE);
    }
}
