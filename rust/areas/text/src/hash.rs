//! BLAKE3-256. One large input is hashed over the threads of the current rayon pool, many inputs each
//! by one thread.

use agent_shared::{Control, Error, check};
use rayon::prelude::*;

/// A hash, as raw bytes.
pub type Hash = [u8; 32];

/// Below this, starting threads costs more than it gives. Bytes; the crate's own advice is 128 KiB.
const PARALLEL: usize = 128 << 10;
/// Inputs are hashed in pieces of this size, to look at the control between two.
const PIECE: usize = 8 << 20;

/// Whether one input is worth more than one thread.
pub fn is_large(input: &[u8]) -> bool {
    input.len() >= PARALLEL
}

/// Hashes one input; with `parallel` over the threads of the current pool.
pub fn hash(input: &[u8], parallel: bool, control: &dyn Control) -> Result<Hash, Error> {
    if input.len() <= PIECE && !parallel {
        return Ok(blake3::hash(input).into());
    }
    let mut hasher = blake3::Hasher::new();
    for piece in input.chunks(PIECE) {
        check(control)?;
        if parallel {
            hasher.update_rayon(piece);
        } else {
            hasher.update(piece);
        }
    }
    Ok(hasher.finalize().into())
}

/// A hash of bytes that come in parts.
#[derive(Default)]
pub struct Stream(blake3::Hasher);

impl Stream {
    /// Adds bytes; with `parallel` over the threads of the current pool.
    pub fn update(&mut self, bytes: &[u8], parallel: bool) {
        if parallel {
            self.0.update_rayon(bytes);
        } else {
            self.0.update(bytes);
        }
    }

    /// The hash of all that was added.
    pub fn finish(&self) -> Hash {
        self.0.finalize().into()
    }
}

/// The inputs that stand one after the other in `bytes`; `lengths` are in bytes.
pub fn split<'a>(bytes: &'a [u8], lengths: &[u32]) -> Result<Vec<&'a [u8]>, Error> {
    const WRONG: Error = Error::Invalid("The lengths do not fit the bytes to hash");
    let mut inputs = Vec::new();
    inputs.try_reserve_exact(lengths.len())?;
    let mut rest = bytes;
    for &length in lengths {
        let (input, after) = rest.split_at_checked(length as usize).ok_or(WRONG)?;
        inputs.push(input);
        rest = after;
    }
    if rest.is_empty() {
        Ok(inputs)
    } else {
        Err(WRONG)
    }
}

/// Hashes many inputs, which are as for [`split`], over the threads of the current pool.
pub fn hash_many(bytes: &[u8], lengths: &[u32], control: &dyn Control) -> Result<Vec<Hash>, Error> {
    let inputs = split(bytes, lengths)?;
    let total = inputs.len();
    let mut hashes = Vec::new();
    hashes.try_reserve_exact(total)?;
    // A few hundred inputs between two reports keep both cancelling and progress prompt.
    for group in inputs.chunks(256) {
        check(control)?;
        hashes.par_extend(
            group
                .par_iter()
                .map(|input| hash(input, is_large(input), control))
                .map(Result::ok),
        );
        control.progress(hashes.len(), total);
    }
    hashes
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or(Error::Cancelled)
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn known_values() {
        // The first two cases of the BLAKE3 team's test vectors.
        assert_eq!(
            hex(hash(b"", false, &Uncontrolled).unwrap()),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        );
        assert_eq!(
            hex(hash(&[0], false, &Uncontrolled).unwrap()),
            "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"
        );
    }

    #[test]
    fn threads_change_nothing() {
        let input: Vec<u8> = (0..20_000_000u32).map(|i| (i % 251) as u8).collect();
        let direct: Hash = blake3::hash(&input).into();
        assert_eq!(hash(&input, false, &Uncontrolled).unwrap(), direct);
        assert_eq!(hash(&input, true, &Uncontrolled).unwrap(), direct);
        let many = hash_many(&input[..10], &[0, 3, 7], &Uncontrolled).unwrap();
        let parts = [&[][..], &input[..3], &input[3..10]];
        assert_eq!(many, parts.map(|part| *blake3::hash(part).as_bytes()));
        assert!(hash_many(&input[..10], &[3], &Uncontrolled).is_err());
        assert!(hash_many(&input[..10], &[3, 8], &Uncontrolled).is_err());
    }
}
