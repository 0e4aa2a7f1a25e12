//! The nearest of many vectors of int8, exactly: inner products in whole numbers, of equals the first row.
//! Twin: `src/knowledge/embedding/pure.ts`, which defines every result. Beside it the table of the default embedder and
//! the sentence encoder.
// Unsafe is only the call of the functions made for AVX2, right behind the look whether it is there.
#![deny(unsafe_code)]

pub mod encoder;
pub mod table;

/// Vectors of one length, row after row.
pub struct Vectors {
    rows: Vec<i8>,
    dimensions: usize,
}

impl Vectors {
    /// No vectors yet, and room for so many numbers. `None` if vectors of that length cannot be.
    pub fn new(
        dimensions: usize,
        room: usize,
    ) -> Option<Result<Self, std::collections::TryReserveError>> {
        if dimensions == 0 {
            return None;
        }
        let mut rows = Vec::new();
        if let Err(error) = rows.try_reserve_exact(room) {
            return Some(Err(error));
        }
        Some(Ok(Self { rows, dimensions }))
    }

    /// Adds rows as they come over the boundary: one byte a number. `None`, and nothing added, if they are not whole.
    pub fn append(
        &mut self,
        bytes: &[u8],
    ) -> Option<Result<(), std::collections::TryReserveError>> {
        if !bytes.len().is_multiple_of(self.dimensions) {
            return None;
        }
        if let Err(error) = self.rows.try_reserve(bytes.len()) {
            return Some(Err(error));
        }
        self.rows
            .extend(bytes.iter().map(|&byte| byte.cast_signed()));
        Some(Ok(()))
    }

    /// How long a vector is.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len() / self.dimensions
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The `most` rows with the largest inner product with a vector, best first. The vector must be as long as a row.
    pub fn nearest(&self, vector: &[i8], most: usize) -> Vec<(u32, i32)> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            #[target_feature(enable = "avx2")]
            fn with_avx2(of: &Vectors, vector: &[i16], most: usize) -> Vec<(u32, i32)> {
                of.scan(vector, most)
            }
            let wide: Vec<i16> = vector.iter().map(|&x| i16::from(x)).collect();
            // The one call that safe code cannot make: only this function knows what was detected.
            #[allow(unsafe_code)]
            // SAFETY: the processor has AVX2, as just checked.
            return unsafe { with_avx2(self, &wide, most) };
        }
        let wide: Vec<i16> = vector.iter().map(|&x| i16::from(x)).collect();
        self.scan(&wide, most)
    }

    /// The inner products of a vector with some rows; `None` if there is no such row.
    pub fn products(&self, vector: &[i8], rows: impl Iterator<Item = u32>) -> Option<Vec<i32>> {
        let wide: Vec<i16> = vector.iter().map(|&x| i16::from(x)).collect();
        rows.map(|row| {
            let start = (row as usize).checked_mul(self.dimensions)?;
            let row = self.rows.get(start..start + self.dimensions)?;
            Some(product(row, &wide))
        })
        .collect()
    }

    #[inline(always)]
    fn scan(&self, vector: &[i16], most: usize) -> Vec<(u32, i32)> {
        let mut kept: Vec<(u32, i32)> = Vec::with_capacity(most.min(self.len()) + 1); // best first
        if most == 0 {
            return kept;
        }
        for (number, row) in (0..).zip(self.rows.chunks_exact(self.dimensions)) {
            let found = product(row, vector);
            if kept.len() == most && kept.last().is_some_and(|&(_, least)| found <= least) {
                continue;
            }
            let at = kept.partition_point(|&(_, other)| other >= found);
            kept.insert(at, (number, found));
            kept.truncate(most);
        }
        kept
    }
}

/// Sums pairs of 16-bit products, which processors do in one instruction.
#[inline(always)]
fn product(row: &[i8], vector: &[i16]) -> i32 {
    row.iter()
        .zip(vector)
        .map(|(&a, &b)| i32::from(i16::from(a)) * i32::from(b))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[i8; 3]]) -> Vectors {
        let mut vectors = Vectors::new(3, 3 * rows.len()).unwrap().unwrap();
        for row in rows {
            let bytes = row.map(i8::cast_unsigned);
            vectors.append(&bytes).unwrap().unwrap();
        }
        vectors
    }

    #[test]
    fn best_first_and_of_equals_the_first_row() {
        let of = vectors(&[[1, 0, 0], [-128, 0, 1], [2, 0, 0], [1, 9, 9], [2, 0, 0]]);
        assert_eq!(of.nearest(&[127, 0, 0], 3), [(2, 254), (4, 254), (0, 127)]);
        assert_eq!(of.nearest(&[127, 0, 0], 9).len(), 5);
        assert_eq!(of.nearest(&[-128, 0, 0], 1), [(1, 16_384)]);
        assert_eq!(of.nearest(&[1, 1, 1], 0), []);
    }

    #[test]
    fn products_of_named_rows() {
        let of = vectors(&[[1, 2, 3], [4, 5, 6]]);
        assert_eq!(
            of.products(&[1, 1, 1], [1, 0].into_iter()),
            Some(vec![15, 6])
        );
        assert_eq!(of.products(&[1, 1, 1], [2].into_iter()), None);
    }

    #[test]
    fn only_whole_rows() {
        assert!(Vectors::new(0, 0).is_none());
        let mut vectors = Vectors::new(3, 0).unwrap().unwrap();
        assert!(vectors.append(&[1, 2, 3, 4]).is_none());
        assert!(vectors.is_empty());
        vectors.append(&[1, 2, 3]).unwrap().unwrap();
        assert_eq!(vectors.len(), 1);
    }
}
