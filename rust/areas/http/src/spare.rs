//! Memory of bodies that were handed over, kept for the bodies to come: getting it from the system anew, page by page,
//! costs more than filling it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_ffi::Failure;

/// What is kept at most, over all pieces.
const MOST: usize = 8 << 20;
/// Larger pieces are too rare to be kept.
const LARGEST: usize = 512 << 10;

/// Pieces of memory that nobody uses.
#[derive(Default)]
pub(crate) struct Spare(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
}

impl Spare {
    /// An empty piece with room for so many bytes.
    pub(crate) fn take(&self, room: usize) -> Result<Vec<u8>, Failure> {
        let piece = {
            let mut kept = self.lock();
            let piece = kept.pieces.pop();
            kept.bytes -= piece.as_ref().map_or(0, Vec::capacity);
            piece
        };
        match piece.filter(|piece| piece.capacity() >= room) {
            Some(piece) => Ok(piece),
            None => agent_ffi::payload(room),
        }
    }

    /// Takes back a piece whose bytes nobody needs.
    pub(crate) fn give(&self, mut piece: Vec<u8>) {
        let capacity = piece.capacity();
        let mut kept = self.lock();
        if capacity > LARGEST || kept.bytes + capacity > MOST {
            return;
        }
        piece.clear();
        kept.bytes += capacity;
        kept.pieces.push(piece);
    }

    /// Lets go of all of it.
    pub(crate) fn clear(&self) {
        let kept = std::mem::take(&mut *self.lock());
        drop(kept);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_out_what_it_got_back() {
        let spare = Spare::default();
        let mut piece = spare.take(100_000).unwrap();
        piece.extend_from_slice(b"what was there");
        let place = piece.as_ptr();
        spare.give(piece);
        let again = spare.take(90_000).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (place, 0));
    }

    #[test]
    fn gives_no_piece_that_is_too_small() {
        let spare = Spare::default();
        spare.give(Vec::with_capacity(1_000));
        assert!(spare.take(2_000).unwrap().capacity() >= 2_000);
    }

    #[test]
    fn keeps_no_more_than_its_bounds() {
        let spare = Spare::default();
        spare.give(Vec::with_capacity(LARGEST + 1));
        assert_eq!(spare.lock().bytes, 0);
        for _ in 0..100 {
            spare.give(Vec::with_capacity(LARGEST));
        }
        assert_eq!(spare.lock().bytes, MOST);
        spare.clear();
        assert_eq!(spare.lock().pieces.len(), 0);
    }
}
