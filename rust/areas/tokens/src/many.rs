//! Counts the tokens of many texts on all cores.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_shared::{Control, Error, Packed, check};
use rayon::prelude::*;

use super::vocabulary::Vocabulary;

/// Texts are put together, and cut, to parts of about this many bytes.
const PART: usize = 32 << 10;

/// A row of whole texts, or a part of one.
enum Part {
    Texts(Range<usize>),
    Slice(usize, Range<usize>),
}

/// The number of tokens of each text, in order.
pub fn count_many(
    vocabulary: &Vocabulary,
    texts: &Packed<'_>,
    control: &dyn Control,
) -> Result<Vec<u32>, Error> {
    let parts = parts(vocabulary, texts)?;
    let done = AtomicUsize::new(0);
    let counted: Vec<Vec<u32>> = parts
        .par_iter()
        .map(|part| {
            check(control)?;
            let counts = match part {
                Part::Texts(range) => range
                    .clone()
                    .map(|index| vocabulary.count(texts.get(index)) as u32)
                    .collect(),
                Part::Slice(index, range) => {
                    vec![vocabulary.count(&texts.get(*index)[range.clone()]) as u32]
                }
            };
            if let Part::Texts(range) = part {
                let before = done.fetch_add(range.len(), Ordering::Relaxed);
                control.progress(before + range.len(), texts.len());
            }
            Ok(counts)
        })
        .collect::<Result<_, Error>>()?;
    let mut counts = Vec::new();
    counts.try_reserve_exact(texts.len())?;
    counts.resize(texts.len(), 0);
    for (part, some) in parts.iter().zip(counted) {
        match part {
            Part::Texts(range) => counts[range.clone()].copy_from_slice(&some),
            Part::Slice(index, _) => counts[*index] += some[0],
        }
    }
    Ok(counts)
}

fn parts(vocabulary: &Vocabulary, texts: &Packed<'_>) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let (mut first, mut size) = (0, 0);
    for index in 0..texts.len() {
        let length = texts.get(index).len();
        if size + length >= PART && first < index {
            parts.push(Part::Texts(first..index));
            (first, size) = (index, 0);
        }
        if length < 2 * PART {
            size += length;
            continue;
        }
        let mut start = 0;
        while start < length {
            let end = vocabulary.safe_cut(texts.get(index).as_bytes(), start + PART);
            parts.push(Part::Slice(index, start..end));
            start = end;
        }
        first = index + 1;
    }
    if first < texts.len() {
        parts.push(Part::Texts(first..texts.len()));
    }
    Ok(parts)
}
