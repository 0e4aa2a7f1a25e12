//! Near duplicates, native half: the twin of `src/text/duplicates/pure.ts`, which defines the result.
//!
//! MinHash (Broder, 1997) and banding (Leskovec, Rajaraman and Ullman, chapter 3) propose pairs, the
//! exact Jaccard similarity decides. Time and memory are linear in the texts: equal texts are read
//! once, and a text is compared with at most [`WINDOW`] others a band.
// Unsafe is only the call of a function made for a feature of the processor, in `minima`.
#![deny(unsafe_code)]

mod find;
mod groups;
mod minima;
mod sets;
mod units;

pub use find::find;

/// How many texts before it in a bucket a text is compared with. So many and one more are compared all
/// with all.
const WINDOW: usize = 64;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// The lowest similarity of a pair; over 0, at most 1.
    pub threshold: f64,
    /// How many minima make the key of a band.
    pub rows: usize,
    /// How many keys each text gets.
    pub bands: usize,
}
