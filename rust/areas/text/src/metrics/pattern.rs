//! Where each code point stands in a query: the bit masks of the bit-parallel algorithms.

/// A map from code points to small numbers; 0 means absent. Two loads a look-up, no hashing, so that
/// no choice of characters can make it slow.
pub(crate) struct CodeMap {
    latin: [u32; 256],
    /// The page of each block of 256 code points; page 0 is empty. Left out while nothing needs it.
    index: Vec<u16>,
    pages: Vec<[u32; 256]>,
}

const BLOCKS: usize = 0x11_0000 >> 8;

impl CodeMap {
    pub(crate) fn new() -> Self {
        Self {
            latin: [0; 256],
            index: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// The number of a code point.
    #[inline(always)]
    pub(crate) fn get(&self, code: u32) -> u32 {
        if code < 256 {
            self.latin[code as usize]
        } else {
            self.get_wide(code)
        }
    }

    #[inline]
    fn get_wide(&self, code: u32) -> u32 {
        match self.index.get((code >> 8) as usize) {
            Some(&page) => self.pages[page as usize][(code & 255) as usize],
            None => 0,
        }
    }

    /// The place to put the number of a code point.
    pub(crate) fn entry(&mut self, code: u32) -> &mut u32 {
        if code < 256 {
            return &mut self.latin[code as usize];
        }
        if self.index.is_empty() {
            self.index = vec![0; BLOCKS];
            self.pages.push([0; 256]);
        }
        let page = &mut self.index[(code >> 8) as usize];
        if *page == 0 {
            *page = self.pages.len() as u16;
            self.pages.push([0; 256]);
        }
        &mut self.pages[*page as usize][(code & 255) as usize]
    }
}

impl Clone for CodeMap {
    fn clone(&self) -> Self {
        Self {
            latin: self.latin,
            index: self.index.clone(),
            pages: self.pages.clone(),
        }
    }
}

/// The masks of a query of at most 64 symbols.
pub(crate) trait Masks {
    /// The mask of a symbol.
    fn word(&self, code: u32) -> u64;
    /// How many symbols the query has.
    fn len(&self) -> usize;
}

/// The masks of a short ASCII query, for one comparison: quicker to make than a [`Pattern`].
pub(crate) struct Ascii {
    masks: [u64; 128],
    len: usize,
}

impl Ascii {
    /// Of a query of at most 64 characters, all ASCII.
    pub(crate) fn new(query: &[u8]) -> Self {
        let mut masks = [0; 128];
        for (at, &byte) in query.iter().enumerate() {
            masks[usize::from(byte & 127)] |= 1 << at;
        }
        Self {
            masks,
            len: query.len(),
        }
    }
}

impl Masks for Ascii {
    #[inline(always)]
    fn word(&self, code: u32) -> u64 {
        self.masks.get(code as usize).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }
}

/// Masks are kept whole up to this many words; over it a row is put together when it is needed.
const DENSE: usize = 1 << 18;

/// A query as masks: bit i of the row of c is set where the query's i-th symbol is c.
pub(crate) struct Pattern {
    len: usize,
    words: usize,
    map: CodeMap,
    rows: Rows,
}

enum Rows {
    /// Row after row; row 0 is zero.
    Dense(Vec<u64>),
    /// The positions of each symbol, one list after the other, and where each list begins.
    Sparse { starts: Vec<u32>, places: Vec<u32> },
}

impl Pattern {
    /// Prepares a query; its symbols may come in any width.
    pub(crate) fn new(codes: impl ExactSizeIterator<Item = u32> + Clone) -> Self {
        let len = codes.len();
        let words = len.div_ceil(64);
        let mut map = CodeMap::new();
        let mut distinct = 0u32;
        for code in codes.clone() {
            let number = map.entry(code);
            if *number == 0 {
                distinct += 1;
                *number = distinct;
            }
        }
        let count = distinct as usize + 1;
        let rows = if count * words <= DENSE {
            let mut rows = vec![0u64; count * words];
            for (at, code) in codes.enumerate() {
                rows[map.get(code) as usize * words + at / 64] |= 1 << (at % 64);
            }
            Rows::Dense(rows)
        } else {
            let mut starts = vec![0u32; count + 1];
            for code in codes.clone() {
                starts[map.get(code) as usize + 1] += 1;
            }
            for number in 0..count {
                starts[number + 1] += starts[number];
            }
            let mut next = starts.clone();
            let mut places = vec![0u32; len];
            for (at, code) in codes.enumerate() {
                let place = &mut next[map.get(code) as usize];
                places[*place as usize] = at as u32;
                *place += 1;
            }
            Rows::Sparse { starts, places }
        };
        Self {
            len,
            words,
            map,
            rows,
        }
    }

    #[inline]
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// The masks of a symbol; `scratch` may come to hold them.
    #[inline]
    pub(crate) fn row<'a>(&'a self, code: u32, scratch: &'a mut Vec<u64>) -> &'a [u64] {
        let number = self.map.get(code) as usize;
        match &self.rows {
            Rows::Dense(rows) => &rows[number * self.words..][..self.words],
            Rows::Sparse { starts, places } => {
                scratch.clear();
                scratch.resize(self.words, 0);
                for &at in &places[starts[number] as usize..starts[number + 1] as usize] {
                    scratch[at as usize / 64] |= 1 << (at % 64);
                }
                scratch
            }
        }
    }
}

impl Masks for Pattern {
    #[inline(always)]
    fn word(&self, code: u32) -> u64 {
        match &self.rows {
            Rows::Dense(rows) => rows.get(self.map.get(code) as usize).copied().unwrap_or(0),
            Rows::Sparse { .. } => 0,
        }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_where_symbols_stand() {
        let short: Vec<u32> = "añb😀a".chars().map(u32::from).collect();
        let pattern = Pattern::new(short.iter().copied());
        assert_eq!(pattern.word(u32::from('a')), 0b10001);
        assert_eq!(pattern.word(u32::from('😀')), 0b01000);
        assert_eq!(pattern.word(u32::from('x')), 0);
        assert_eq!(pattern.word(0x10_ffff), 0);
        // Enough different symbols to need the sparse form.
        let long: Vec<u32> = (0..20_000).map(|i| 0x4e00 + i % 9000).collect();
        let pattern = Pattern::new(long.iter().copied());
        assert!(matches!(pattern.rows, Rows::Sparse { .. }));
        let mut scratch = Vec::new();
        let row = pattern.row(0x4e00 + 5, &mut scratch);
        let places: Vec<usize> = (0..20_000)
            .filter(|i| row[i / 64] >> (i % 64) & 1 == 1)
            .collect();
        assert_eq!(places, [5, 9005, 18_005]);
        assert!(
            pattern
                .row(1, &mut Vec::new())
                .iter()
                .all(|&word| word == 0)
        );
    }
}
