//! MinHash: the least value that each of some random permutations gives to a text's shingles.

use agent_shared::{Control, Error};

use super::Request;
use super::units::{Sink, mixed, read};

/// Shingles taken at once.
const BUFFER: usize = 1024;

/// The permutations: multiplication by an odd number and addition, in 32 bits.
pub(super) struct Permutations {
    rows: usize,
    pairs: Vec<(u32, u32)>,
}

impl Permutations {
    pub(super) fn new(request: &Request) -> Self {
        let pair = |i: u32| (mixed(2 * i + 1) | 1, mixed(2 * i + 2));
        Self {
            rows: request.rows,
            pairs: (0..(request.rows * request.bands) as u32)
                .map(pair)
                .collect(),
        }
    }

    /// Writes a text's key for each band.
    pub(super) fn keys(
        &self,
        text: &str,
        keys: &mut [u32],
        control: &dyn Control,
    ) -> Result<(), Error> {
        let mut minima = Minima {
            pairs: &self.pairs,
            least: vec![i32::MAX; self.pairs.len()],
            buffer: Vec::with_capacity(BUFFER),
        };
        read(text, &mut minima, control)?;
        minima.flush();
        for (band, (key, rows)) in keys
            .iter_mut()
            .zip(minima.least.chunks(self.rows))
            .enumerate()
        {
            *key = rows
                .iter()
                .fold(band as u32, |key, &least| mixed(key ^ least as u32));
        }
        Ok(())
    }
}

struct Minima<'p> {
    pairs: &'p [(u32, u32)],
    least: Vec<i32>,
    buffer: Vec<u32>,
}

impl Minima<'_> {
    fn flush(&mut self) {
        take(&self.buffer, self.pairs, &mut self.least);
        self.buffer.clear();
    }
}

impl Sink for Minima<'_> {
    fn piece(&mut self, _text: &str) -> Result<(), Error> {
        Ok(())
    }

    fn unit(&mut self, _start: usize, _end: usize) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn shingle(&mut self, hash: u32) -> Result<(), Error> {
        self.buffer.push(hash);
        if self.buffer.len() == BUFFER {
            self.flush();
        }
        Ok(())
    }
}

/// Lowers each minimum to the least value of its permutation, with AVX2 where there is some.
fn take(shingles: &[u32], pairs: &[(u32, u32)], least: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[target_feature(enable = "avx2")]
        fn with_avx2(shingles: &[u32], pairs: &[(u32, u32)], least: &mut [i32]) {
            take_all(shingles, pairs, least);
        }
        // The one call that safe code cannot make: only this function knows what was detected.
        #[allow(unsafe_code)]
        // SAFETY: the processor has AVX2, as just checked.
        return unsafe { with_avx2(shingles, pairs, least) };
    }
    take_all(shingles, pairs, least);
}

#[inline(always)]
fn take_all(shingles: &[u32], pairs: &[(u32, u32)], least: &mut [i32]) {
    for (&(factor, summand), least) in pairs.iter().zip(least) {
        *least = shingles.iter().fold(*least, |least, &shingle| {
            least.min(shingle.wrapping_mul(factor).wrapping_add(summand) as i32)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_change_nothing() {
        let shingles: Vec<u32> = (0..1000).map(mixed).collect();
        let pairs: Vec<(u32, u32)> = (0..37).map(|i| (mixed(i) | 1, mixed(i + 99))).collect();
        for count in [0, 1, 7, 8, 9, 1000] {
            let (mut plain, mut vector) = (vec![i32::MAX; 37], vec![i32::MAX; 37]);
            take_all(&shingles[..count], &pairs, &mut plain);
            take(&shingles[..count], &pairs, &mut vector);
            assert_eq!(plain, vector);
        }
    }
}
