//! Attention: each piece takes from the others of its text what its query finds by their keys.

use super::math::softmax;

/// Keys are laid out in blocks of so many, and the scores of a block are kept in registers.
const BLOCK: usize = 16;
/// How long a head's query, key and value are.
pub const HEAD: usize = 32;

/// What lies between calls, so that it is allocated once.
#[derive(Default)]
pub struct Scratch {
    keys: Vec<[f32; BLOCK]>,
    scores: Vec<f32>,
}

/// Attends within one text. `given` has query, key and value of each piece side by side, `out` takes the mixed values.
/// Queries come scaled.
#[inline(always)]
pub fn attend(given: &[f32], out: &mut [f32], heads: usize, scratch: &mut Scratch) {
    let width = heads * HEAD;
    let count = out.len() / width;
    let blocks = count.div_ceil(BLOCK);
    scratch.scores.resize(blocks * BLOCK, 0.0);
    scratch.keys.resize(blocks * HEAD, [0.0; BLOCK]);
    for head in 0..heads {
        for (piece, row) in given.chunks_exact(3 * width).enumerate() {
            let key = &row[width + head * HEAD..][..HEAD];
            let block = &mut scratch.keys[piece / BLOCK * HEAD..][..HEAD];
            for (lanes, &value) in block.iter_mut().zip(key) {
                lanes[piece % BLOCK] = value;
            }
        }
        for piece in 0..count {
            let query = &given[piece * 3 * width + head * HEAD..][..HEAD];
            let blocks = scratch.keys.chunks_exact(HEAD);
            for (scores, keys) in scratch.scores.chunks_exact_mut(BLOCK).zip(blocks) {
                let mut sums = [0.0; BLOCK];
                for (&q, lanes) in query.iter().zip(keys) {
                    for (sum, key) in sums.iter_mut().zip(lanes) {
                        *sum += q * key;
                    }
                }
                scores.copy_from_slice(&sums);
            }
            scratch.scores[count..].fill(f32::NEG_INFINITY);
            softmax(&mut scratch.scores);
            let mut mixed = [0.0; HEAD];
            for (&share, row) in scratch.scores.iter().zip(given.chunks_exact(3 * width)) {
                let (value, _) = row[2 * width + head * HEAD..].as_chunks::<HEAD>();
                for (sum, value) in mixed.iter_mut().zip(value[0]) {
                    *sum += share * value;
                }
            }
            out[piece * width + head * HEAD..][..HEAD].copy_from_slice(&mixed);
        }
    }
}
