//! The product of many rows with a matrix of eight-bit weights, in whole numbers. Rows are brought to 14 bits; the sum
//! of at most [`MOST_INPUTS`] products then fits 32 bits, so no order of adding can change it.

/// How many outputs a panel has: two registers of eight.
pub const COLUMNS: usize = 16;
/// How many rows are worked on at once: with a panel's they fill the registers.
pub const ROWS: usize = 6;
/// What the largest number of a row becomes.
const TOP: f32 = 8_191.0;
/// 2,048 x 8,191 x 128 is just below 2^31.
pub const MOST_INPUTS: usize = 2_048;

/// The weights of two inputs for eight outputs: what one instruction takes.
type Lanes = [i16; 16];
/// Sums of a block of rows for a panel.
pub type Tile = [[i32; COLUMNS]; ROWS];

/// A matrix with a scale and a bias for each output.
pub struct Matrix {
    inputs: usize,
    outputs: usize,
    /// Panels of 16 outputs; in each, pairs of inputs; in each, the outputs with the two inputs side by side.
    panels: Vec<i8>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

/// Rows in whole numbers, each with its scale, in blocks of [`ROWS`]: two inputs in one word, of all rows of the block.
pub struct Rows {
    blocks: Vec<[i32; ROWS]>,
    scales: Vec<f32>,
    pairs: usize,
}

/// How a block of rows is multiplied with a panel.
pub trait Kernel: Copy {
    /// The sums over all pairs of inputs; two [`Lanes`] a pair.
    fn tile(self, rows: &[[i32; ROWS]], panel: &[[Lanes; 2]]) -> Tile;
}

/// For any processor.
#[derive(Clone, Copy)]
pub struct Portable;

impl Kernel for Portable {
    #[inline(always)]
    fn tile(self, rows: &[[i32; ROWS]], panel: &[[Lanes; 2]]) -> Tile {
        let mut tile = [[0; COLUMNS]; ROWS];
        for (pair, lanes) in rows.iter().zip(panel) {
            for (sums, &both) in tile.iter_mut().zip(pair) {
                let (low, high) = (i32::from(both as i16), both >> 16);
                for (sum, weights) in sums.iter_mut().zip(lanes.as_flattened().as_chunks::<2>().0) {
                    *sum += low * i32::from(weights[0]) + high * i32::from(weights[1]);
                }
            }
        }
        tile
    }
}

/// For processors with AVX2; made only where that was seen.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// The kernel, if the processor has what it needs.
    pub fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

#[cfg(target_arch = "x86_64")]
impl Kernel for Avx2 {
    #[inline(always)]
    fn tile(self, rows: &[[i32; ROWS]], panel: &[[Lanes; 2]]) -> Tile {
        // SAFETY: an `Avx2` is made only where AVX2 was seen.
        #[allow(unsafe_code)]
        unsafe {
            avx2_tile(rows, panel)
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code)]
fn avx2_tile(rows: &[[i32; ROWS]], panel: &[[Lanes; 2]]) -> Tile {
    use std::arch::x86_64::{
        _mm256_add_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32,
        _mm256_setzero_si256, _mm256_storeu_si256,
    };
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for (pair, [left, right]) in rows.iter().zip(panel) {
        // SAFETY: both are 16 numbers of 16 bits.
        let (left, right) = unsafe {
            (
                _mm256_loadu_si256(left.as_ptr().cast()),
                _mm256_loadu_si256(right.as_ptr().cast()),
            )
        };
        for (sum, &both) in sums.iter_mut().zip(pair) {
            let both = _mm256_set1_epi32(both);
            sum[0] = _mm256_add_epi32(sum[0], _mm256_madd_epi16(both, left));
            sum[1] = _mm256_add_epi32(sum[1], _mm256_madd_epi16(both, right));
        }
    }
    let mut tile = [[0; COLUMNS]; ROWS];
    for (row, sum) in tile.iter_mut().zip(sums) {
        let (left, right) = row.split_at_mut(8);
        // SAFETY: both are 8 numbers of 32 bits.
        unsafe {
            _mm256_storeu_si256(left.as_mut_ptr().cast(), sum[0]);
            _mm256_storeu_si256(right.as_mut_ptr().cast(), sum[1]);
        }
    }
    tile
}

impl Rows {
    /// Brings rows of `width` numbers to whole ones.
    #[inline(always)]
    pub fn new(values: &[f32], width: usize) -> Self {
        let count = values.len() / width;
        let pairs = width / 2;
        let mut blocks = vec![[0; ROWS]; count.div_ceil(ROWS) * pairs];
        let mut scales = Vec::with_capacity(count);
        for (number, row) in values.chunks_exact(width).enumerate() {
            let largest = super::math::largest(row);
            let factor = if largest > 0.0 { TOP / largest } else { 0.0 };
            scales.push(largest / TOP);
            let block = &mut blocks[number / ROWS * pairs..][..pairs];
            for (both, two) in block.iter_mut().zip(row.as_chunks::<2>().0) {
                let [low, high] = two.map(|x| super::math::rounded(x * factor));
                both[number % ROWS] = high << 16 | low & 0xffff;
            }
        }
        Self {
            blocks,
            scales,
            pairs,
        }
    }
}

impl Matrix {
    /// Takes weights output after output. `inputs` is even and at most [`MOST_INPUTS`], `scales` and `bias` are as many
    /// as the outputs, a multiple of [`COLUMNS`].
    pub fn new(weights: &[u8], inputs: usize, scales: Vec<f32>, bias: Vec<f32>) -> Self {
        let outputs = scales.len();
        let mut panels = vec![0; weights.len()];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[output / COLUMNS * COLUMNS * inputs..][..COLUMNS * inputs];
            for (pair, two) in row.as_chunks::<2>().0.iter().enumerate() {
                let at = (pair * COLUMNS + output % COLUMNS) * 2;
                panel[at] = two[0].cast_signed();
                panel[at + 1] = two[1].cast_signed();
            }
        }
        Self {
            inputs,
            outputs,
            panels,
            scales,
            bias,
        }
    }

    /// How many numbers a row becomes.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Each row times the matrix, with the bias.
    #[inline(always)]
    pub fn multiply(&self, rows: &Rows, kernel: impl Kernel) -> Vec<f32> {
        let mut out = vec![0.0; rows.scales.len() * self.outputs];
        let mut wide: Vec<[Lanes; 2]> = vec![[[0; 16]; 2]; self.inputs / 2];
        let panels = self.panels.chunks_exact(COLUMNS * self.inputs);
        for (panel, narrow) in panels.enumerate() {
            let wider = wide.as_flattened_mut().as_flattened_mut();
            for (wide, &narrow) in wider.iter_mut().zip(narrow) {
                *wide = i16::from(narrow);
            }
            let columns = panel * COLUMNS..(panel + 1) * COLUMNS;
            let (weights, _) = self.scales[columns.clone()].as_chunks::<COLUMNS>();
            let (bias, _) = self.bias[columns.clone()].as_chunks::<COLUMNS>();
            for (block, tile) in rows.blocks.chunks_exact(rows.pairs).enumerate() {
                let tile = kernel.tile(tile, &wide);
                let scales = &rows.scales[block * ROWS..];
                for ((row, &scale), sums) in (block * ROWS..).zip(scales).zip(&tile) {
                    let out = &mut out[row * self.outputs..][columns.clone()];
                    for (column, value) in out.iter_mut().enumerate() {
                        let sum = sums[column] as f32 * scale;
                        *value = sum * weights[0][column] + bias[0][column];
                    }
                }
            }
        }
        out
    }
}
