//! The table of the default embedder: a text's vector is the sum of the vectors of its word pieces, brought to whole
//! numbers. Twin: `src/knowledge/embedding/default.ts`, which defines every bit: sums and lengths are taken in double
//! precision and in its order. What letters are is its business: a text comes folded, or without letters that need it.

use std::collections::HashMap;

use agent_shared::{Control, Error, each};

/// Longer words, in UTF-16 units, are no words.
const MOST_UNITS: usize = 100;
/// So many texts are one part of the work.
const PART: usize = 16;

/// Vectors of word pieces. data/README.md describes the file.
pub struct Table {
    dimensions: usize,
    /// The rows of pieces that begin a word.
    first: HashMap<Box<str>, u32>,
    /// The rows of pieces inside a word, without their `##`.
    inner: HashMap<Box<str>, u32>,
    /// Bytes of the longest piece.
    longest: usize,
    scales: Vec<f32>,
    numbers: Vec<i8>,
}

fn word_at(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}

impl Table {
    /// Reads a table's file; `None` if it is none.
    pub fn new(file: &[u8]) -> Option<Self> {
        if file.get(..4)? != b"AGEM" || word_at(file, 4)? != 1 {
            return None;
        }
        let (pieces, dimensions) = (word_at(file, 8)?, word_at(file, 12)?);
        let named = word_at(file, 16)?;
        let scales_at = 20 + named.checked_next_multiple_of(4)?;
        let numbers_at = scales_at.checked_add(pieces.checked_mul(4)?)?;
        let end = numbers_at.checked_add(pieces.checked_mul(dimensions)?)?;
        if file.len() != end || dimensions == 0 {
            return None;
        }
        let names = std::str::from_utf8(&file[20..20 + named]).ok()?;
        let (mut first, mut inner) = (HashMap::new(), HashMap::new());
        let mut longest = 0;
        for (row, name) in (0..).zip(names.split('\n')) {
            if row as usize >= pieces {
                return None;
            }
            longest = longest.max(name.len());
            match name.strip_prefix("##") {
                Some(rest) => inner.insert(rest.into(), row),
                None => first.insert(name.into(), row),
            };
        }
        let (scales, _) = file[scales_at..numbers_at].as_chunks::<4>();
        Some(Self {
            dimensions,
            first,
            inner,
            longest,
            scales: scales.iter().map(|&x| f32::from_le_bytes(x)).collect(),
            numbers: file[numbers_at..].iter().map(|x| x.cast_signed()).collect(),
        })
    }

    /// How long a vector is.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The vector of each text, row after row.
    pub fn embed(&self, texts: &[&str], control: &dyn Control) -> Result<Vec<i8>, Error> {
        let parts = each(texts.len().div_ceil(PART), control, |part| {
            let texts = &texts[part * PART..texts.len().min((part + 1) * PART)];
            Ok::<_, Error>(self.rows_of(texts))
        })?;
        Ok(parts.concat())
    }

    fn rows_of(&self, texts: &[&str]) -> Vec<i8> {
        let mut out = Vec::with_capacity(texts.len() * self.dimensions);
        let mut sum = vec![0.0; self.dimensions];
        let mut word = String::new();
        let mut pieces = Vec::new();
        for text in texts {
            sum.fill(0.0);
            for raw in text.split(|c| !is_word(c)).filter(|raw| !raw.is_empty()) {
                word.clear();
                word.push_str(raw);
                word.make_ascii_lowercase();
                self.pieces_of(&word, &mut pieces);
                for &row in &pieces {
                    self.add(row, &mut sum);
                }
            }
            quantise(&sum, &mut out);
        }
        out
    }

    /// The longest pieces of a word from its start on; none if some part of it is no piece.
    fn pieces_of(&self, word: &str, pieces: &mut Vec<u32>) {
        pieces.clear();
        if word.len() > MOST_UNITS && word.encode_utf16().count() > MOST_UNITS {
            return;
        }
        let mut rest = word;
        let mut known = &self.first;
        while !rest.is_empty() {
            let mut end = rest.len().min(self.longest);
            let row = loop {
                if end == 0 {
                    pieces.clear();
                    return;
                }
                if rest.is_char_boundary(end)
                    && let Some(&row) = known.get(&rest[..end])
                {
                    break row;
                }
                end -= 1;
            };
            pieces.push(row);
            rest = &rest[end..];
            known = &self.inner;
        }
    }

    fn add(&self, row: u32, sum: &mut [f64]) {
        let row = row as usize;
        let numbers = &self.numbers[row * self.dimensions..][..self.dimensions];
        let scale = f64::from(self.scales[row]);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            #[target_feature(enable = "avx2")]
            fn with_avx2(numbers: &[i8], scale: f64, sum: &mut [f64]) {
                add(numbers, scale, sum);
            }
            #[allow(unsafe_code)]
            // SAFETY: the processor has AVX2, as just checked.
            return unsafe { with_avx2(numbers, scale, sum) };
        }
        add(numbers, scale, sum);
    }
}

/// Each sum by itself, so that wider registers change no bit.
#[inline(always)]
fn add(numbers: &[i8], scale: f64, sum: &mut [f64]) {
    for (sum, &number) in sum.iter_mut().zip(numbers) {
        *sum += scale * f64::from(number);
    }
}

/// Whether a letter or digit, in a text of which the twin has seen to it that all others are ASCII or one of these.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    !matches!(
        c,
        '\u{a0}'..='\u{a9}' | '\u{ab}'..='\u{b1}' | '\u{b4}' | '\u{b6}'..='\u{b8}' | '\u{bb}' | '\u{bf}'
            | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{257f}'
    )
}

/// As `quantised` of `vectors.ts`.
fn quantise(sum: &[f64], out: &mut Vec<i8>) {
    let vector = || sum.iter().map(|&x| f64::from(x as f32));
    let mut squares = 0.0;
    for x in vector() {
        squares += x * x;
    }
    if !(squares > 0.0 && f64::is_finite(squares)) {
        out.resize(out.len() + sum.len(), 0);
        return;
    }
    let factor = 22.0 * (sum.len() as f64).sqrt() / squares.sqrt();
    out.extend(vector().map(|x| (x * factor + 0.5).floor().clamp(-127.0, 127.0) as i8));
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    fn file(names: &[&str], rows: &[[i8; 2]]) -> Vec<u8> {
        let names = names.join("\n");
        let mut file = b"AGEM".to_vec();
        for word in [1, rows.len(), 2, names.len()] {
            file.extend((word as u32).to_le_bytes());
        }
        file.extend(names.bytes());
        file.resize(file.len().next_multiple_of(4), 0);
        for _ in rows {
            file.extend(0.5f32.to_le_bytes());
        }
        file.extend(rows.iter().flatten().map(|x| x.cast_unsigned()));
        file
    }

    fn small() -> Table {
        let names = ["tea", "##s", "te", "##a", "é"];
        let rows = [[4, 0], [0, 4], [9, 9], [9, 9], [0, -4]];
        Table::new(&file(&names, &rows)).unwrap()
    }

    #[test]
    fn longest_pieces_of_words() {
        let table = small();
        let rows = |text| table.embed(&[text], &Uncontrolled).unwrap();
        assert_eq!(rows("tea"), [31, 0]);
        assert_eq!(rows("TEAS!"), [22, 22]);
        assert_eq!(rows("tea\u{2019}tea \u{b7}"), [31, 0]);
        assert_eq!(rows("é"), [0, -31]);
        // No part of a word counts if another is no piece.
        assert_eq!(rows("teax"), [0, 0]);
        assert_eq!(rows(""), [0, 0]);
        assert_eq!(rows(&"tea".repeat(50)), [0, 0]);
        // A name of no letters is no piece of any word.
        let empty = Table::new(&file(&["", "##"], &[[4, 4], [4, 4]])).unwrap();
        assert_eq!(empty.embed(&["tea"], &Uncontrolled).unwrap(), [0, 0]);
        let alone = Table::new(&file(&[""], &[[4, 4]])).unwrap();
        assert_eq!(alone.embed(&["tea"], &Uncontrolled).unwrap(), [0, 0]);
    }

    #[test]
    fn many_texts_are_as_each_alone() {
        let table = small();
        let texts: Vec<&str> = ["tea", "teas", "é tea", ""].repeat(20);
        let together = table.embed(&texts, &Uncontrolled).unwrap();
        for (text, row) in texts.iter().zip(together.chunks_exact(2)) {
            assert_eq!(table.embed(&[text], &Uncontrolled).unwrap(), row);
        }
    }

    #[test]
    fn files_that_are_none() {
        let whole = file(&["a", "b"], &[[1, 2], [3, 4]]);
        assert!(Table::new(&whole).is_some());
        for end in 0..whole.len() {
            assert!(Table::new(&whole[..end]).is_none(), "{end}");
        }
        for at in 0..20 {
            let mut other = whole.clone();
            other[at] ^= 0xff;
            assert!(Table::new(&other).is_none(), "{at}");
        }
        assert!(Table::new(&file(&["a", "b", "c"], &[[1, 2]])).is_none());
    }
}
