//! The search itself: equal texts first, then keys for all, then the pairs that bands propose.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_shared::{Control, Error, Packed, check};
use rayon::prelude::*;

use super::groups::Groups;
use super::minima::Permutations;
use super::sets::ShingleSet;
use super::{Request, WINDOW};

/// Texts that a thread takes at a time.
const SHARE: usize = 16;
/// Units of the sets that are remembered; about 30 bytes each.
const KEPT: usize = 1 << 24;
/// Sets are made ahead, over the threads, for so many texts or bytes of text.
const BLOCK_TEXTS: usize = 1024;
const BLOCK_BYTES: usize = 32 << 20;

/// For each text the first one of its group, over the threads of the current pool.
pub fn find(
    texts: &Packed<'_>,
    request: &Request,
    control: &dyn Control,
) -> Result<Vec<u32>, Error> {
    let mut groups = Groups::new(texts.len())?;
    let different = join_equal(texts, &mut groups, control)?;
    let mut sets = Vec::new();
    sets.try_reserve_exact(different.len())?;
    sets.resize_with(different.len(), || None);
    let mut search = Search {
        texts,
        different: &different,
        groups,
        sets,
        kept: 0,
        threshold: request.threshold,
        control,
    };
    if different.len() <= WINDOW + 1 {
        let order: Vec<u64> = (0..different.len() as u64).collect();
        search.band(&order)?;
    } else {
        let keys = keys(texts, &different, request, control)?;
        let mut order: Vec<u64> = Vec::new();
        order.try_reserve_exact(different.len())?;
        for band in 0..request.bands {
            order.clear();
            let keys = keys.iter().skip(band).step_by(request.bands);
            order.extend(keys.zip(0u64..).map(|(&key, at)| u64::from(key) << 32 | at));
            order.par_sort_unstable();
            search.band(&order)?;
        }
    }
    Ok(search.groups.into_firsts())
}

/// Joins equal texts; gives the first of each, ascending.
fn join_equal(
    texts: &Packed<'_>,
    groups: &mut Groups,
    control: &dyn Control,
) -> Result<Vec<u32>, Error> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut different = Vec::new();
    known.try_reserve(texts.len())?;
    different.try_reserve(texts.len())?;
    for (index, text) in texts.iter().enumerate() {
        check(control)?;
        let first = *known.entry(text).or_insert(index as u32);
        if first == index as u32 {
            different.push(first);
        } else {
            groups.join(first, index as u32);
        }
    }
    Ok(different)
}

/// The keys of the texts, all bands of a text together.
fn keys(
    texts: &Packed<'_>,
    different: &[u32],
    request: &Request,
    control: &dyn Control,
) -> Result<Vec<u32>, Error> {
    let permutations = Permutations::new(request);
    let mut keys: Vec<u32> = Vec::new();
    keys.try_reserve_exact(different.len() * request.bands)?;
    keys.resize(different.len() * request.bands, 0);
    let done = AtomicUsize::new(texts.len() - different.len());
    keys.par_chunks_mut(SHARE * request.bands)
        .zip(different.par_chunks(SHARE))
        .try_for_each(|(keys, some)| {
            for (keys, &index) in keys.chunks_mut(request.bands).zip(some) {
                permutations.keys(texts.get(index as usize), keys, control)?;
            }
            let before = done.fetch_add(some.len(), Ordering::Relaxed);
            control.progress(before + some.len(), texts.len());
            Ok::<(), Error>(())
        })?;
    Ok(keys)
}

/// Compares what bands propose.
struct Search<'a> {
    texts: &'a Packed<'a>,
    different: &'a [u32],
    groups: Groups,
    sets: Vec<Option<Box<ShingleSet>>>,
    /// Units of the sets that there are.
    kept: usize,
    threshold: f64,
    control: &'a dyn Control,
}

/// The key in the upper half, the place among the different texts in the lower.
fn key(entry: u64) -> u64 {
    entry >> 32
}

fn place(entry: u64) -> usize {
    entry as u32 as usize
}

impl Search<'_> {
    /// Compares each text with the last ones before it that have the same key.
    fn band(&mut self, order: &[u64]) -> Result<(), Error> {
        let mut ready = 0;
        for at in 0..order.len() {
            if at == ready {
                ready = self.prepare(order, at)?;
            }
            for before in candidates(order, at) {
                let (one, other) = (place(order[at]), place(order[before]));
                if self.are_joined(one, other) {
                    continue;
                }
                check(self.control)?;
                self.make([one, other])?;
                let near = match (&self.sets[other], &self.sets[one]) {
                    (Some(other), Some(one)) => other.is_near(one, self.threshold),
                    _ => false,
                };
                if near {
                    self.groups.join(self.different[one], self.different[other]);
                }
            }
        }
        Ok(())
    }

    fn are_joined(&mut self, one: usize, other: usize) -> bool {
        self.groups.find(self.different[one]) == self.groups.find(self.different[other])
    }

    /// Makes the sets that the texts from a place on will need, over the threads; gives the place where
    /// that ends.
    fn prepare(&mut self, order: &[u64], from: usize) -> Result<usize, Error> {
        self.forget();
        let (mut wanted, mut bytes, mut at) = (HashSet::new(), 0, from);
        while at < order.len() && at - from < BLOCK_TEXTS && bytes < BLOCK_BYTES {
            for before in candidates(order, at) {
                if bytes >= BLOCK_BYTES {
                    break;
                }
                let (one, other) = (place(order[at]), place(order[before]));
                if self.are_joined(one, other) {
                    continue;
                }
                for text in [one, other] {
                    if self.sets[text].is_none() && wanted.insert(text) {
                        bytes += self.texts.get(self.different[text] as usize).len();
                    }
                }
            }
            at += 1;
        }
        let wanted: Vec<usize> = wanted.into_iter().collect();
        let (texts, different, control) = (self.texts, self.different, self.control);
        let made: Vec<Box<ShingleSet>> = wanted
            .par_iter()
            .map(|&text| {
                ShingleSet::new(texts.get(different[text] as usize), control).map(Box::new)
            })
            .collect::<Result<_, _>>()?;
        for (text, set) in wanted.into_iter().zip(made) {
            self.kept += set.units();
            self.sets[text] = Some(set);
        }
        Ok(at)
    }

    /// Lets go of the sets if there are too many.
    fn forget(&mut self) {
        if self.kept > KEPT {
            self.sets.fill_with(|| None);
            self.kept = 0;
        }
    }

    /// Makes what of two sets is not there: forgotten, or more than fitted a block.
    fn make(&mut self, pair: [usize; 2]) -> Result<(), Error> {
        if pair.iter().all(|&text| self.sets[text].is_some()) {
            return Ok(());
        }
        self.forget();
        for text in pair {
            if self.sets[text].is_none() {
                let text_itself = self.texts.get(self.different[text] as usize);
                let set = ShingleSet::new(text_itself, self.control)?;
                self.kept += set.units();
                self.sets[text] = Some(Box::new(set));
            }
        }
        Ok(())
    }
}

/// The places before one that have its key, the nearest first.
fn candidates(order: &[u64], at: usize) -> impl Iterator<Item = usize> {
    let entry = order[at];
    (at.saturating_sub(WINDOW)..at)
        .rev()
        .take_while(move |&before| key(order[before]) == key(entry))
}

#[cfg(test)]
mod tests {
    use agent_shared::{Uncontrolled, utf16_len};

    use super::*;

    const REQUEST: Request = Request {
        threshold: 0.8,
        rows: 6,
        bands: 18,
    };

    fn firsts(strings: &[String]) -> Vec<u32> {
        let lengths: Vec<u32> = strings.iter().map(|string| utf16_len(string)).collect();
        let text = strings.join("\n");
        let packed = Packed::new(&text, &lengths).unwrap();
        find(&packed, &REQUEST, &Uncontrolled).unwrap()
    }

    fn words(from: usize, count: usize) -> String {
        (from..from + count).map(|i| format!("w{i} ")).collect()
    }

    #[test]
    fn finds_pairs_among_few_and_many() {
        let few = [words(0, 40), words(100, 40), words(1, 40), words(0, 40)];
        assert_eq!(firsts(&few), [0, 1, 0, 0]);
        let mut many: Vec<String> = (0..500).map(|i| words(1000 * i, 60)).collect();
        many.push(words(7001, 60));
        many.push(words(8000, 60).to_uppercase());
        let firsts = firsts(&many);
        assert!((0..500).all(|i| firsts[i] == i as u32));
        assert_eq!(firsts[500..], [7, 8]);
    }

    #[test]
    fn nothing_and_equal_texts() {
        assert!(firsts(&[]).is_empty());
        assert_eq!(firsts(&vec![String::new(); 300]), vec![0; 300]);
        let buckets: Vec<String> = (0..300)
            .map(|i| format!("{}{}", words(0, 9), "!".repeat(i)))
            .collect();
        assert_eq!(firsts(&buckets), vec![0; 300]);
    }

    struct Never;

    impl Control for Never {
        fn is_cancelled(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_cancelled_search_ends() {
        let packed = Packed::new("a\nb", &[1, 1]).unwrap();
        assert_eq!(find(&packed, &REQUEST, &Never), Err(Error::Cancelled));
    }
}
