//! Exports `agent_core_text_*`: the text tools.
//!
//! What they share: strings come packed (UTF-8, one `"\n"` between two, and each one's length in UTF-16
//! units); metrics are numbered 0 levenshtein, 1 osa, 2 jaro, 3 jaro-winkler, 4 lcs, 5 token-sort,
//! 6 token-set, 7 partial; numbers in results are little endian; a ranking is its scores (f64 each) and
//! then its indices (u32 each), 12 bytes an entry. Inputs are borrowed for the call and copied by
//! `submit`; results are the caller's. Wrong arguments answer INVALID_ARGUMENT; the TypeScript side
//! checks them before, with better words.

mod hashing;
mod process;
mod ranking;
#[cfg(test)]
mod tests;

use agent_ffi::{Failure, Out, Status, guard_status, guard_value, input, ring};

use crate::text::hash;
use crate::text::keywords::{Keyword, keywords};
use crate::text::metrics::{self, Metric};
use crate::text::packed::Packed;
use crate::text::transform::{Operation, transform};
use crate::text::{Control, Error, Uncontrolled};

pub use hashing::*;
pub use process::*;
pub use ranking::*;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled => Failure::new(Status::Cancelled, "The operation was cancelled"),
            Error::Invalid(message) => Failure::new(Status::InvalidArgument, message),
            Error::TooLarge { size, limit } => Failure::new(
                Status::TooLarge,
                format!("The result is over {limit} bytes; ask for less at a time"),
            )
            .field("what", "result")
            .field("size", size)
            .field("limit", limit),
            Error::OutOfMemory => Failure::new(
                Status::OutOfMemory,
                "Memory for the result could not be had",
            ),
        }
    }
}

/// An operation of the ring, as the text functions see it.
pub(super) struct Watched<'t>(pub(super) &'t ring::Task);

impl Control for Watched<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn progress(&self, done: usize, total: usize) {
        self.0.progress(done as u32, total as u32);
    }
}

/// Runs a synchronous computation, over the pool if it is large and the pool is idle: a call must not
/// wait behind operations of the ring.
fn compute<R: Send>(
    large: bool,
    body: impl FnOnce(bool) -> Result<R, Error> + Send,
) -> Result<R, Failure> {
    if large && ring::active() == 0 {
        Ok(ring::pool()?.install(|| body(true))?)
    } else {
        Ok(body(false)?)
    }
}

/// Text as [`input::text`] gives it, checked with vectors: long lists are mostly checking.
///
/// # Safety
/// As for [`input::bytes`].
unsafe fn checked_text<'a>(bytes: *const u8, len: u32) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { input::bytes(bytes, len)? };
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        Failure::new(
            Status::InvalidArgument,
            format!("The text is not UTF-8: {error}"),
        )
        .field("offset", error.valid_up_to())
    })
}

/// The strings of a packed list.
///
/// # Safety
/// As for [`input::bytes`] and [`input::u32s`].
unsafe fn packed<'a>(
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
) -> Result<Packed<'a>, Failure> {
    // SAFETY: passed on to the caller.
    let (text, lengths) = unsafe {
        (
            checked_text(strings, strings_len)?,
            input::u32s(lengths, lengths_count)?,
        )
    };
    Ok(Packed::new(text, lengths)?)
}

/// A packed list that outlives the call.
pub(super) struct OwnedStrings {
    text: String,
    lengths: Vec<u32>,
}

impl OwnedStrings {
    /// # Safety
    /// As for [`packed`].
    pub(super) unsafe fn copy(
        strings: *const u8,
        strings_len: u32,
        lengths: *const u32,
        lengths_count: u32,
    ) -> Result<Self, Failure> {
        // SAFETY: passed on to the caller.
        let (text, lengths) = unsafe {
            (
                checked_text(strings, strings_len)?,
                input::u32s(lengths, lengths_count)?,
            )
        };
        let (mut owned_text, mut owned_lengths) = (String::new(), Vec::new());
        owned_text.try_reserve_exact(text.len())?;
        owned_text.push_str(text);
        owned_lengths.try_reserve_exact(lengths.len())?;
        owned_lengths.extend_from_slice(lengths);
        let owned = Self {
            text: owned_text,
            lengths: owned_lengths,
        };
        // Wrong lengths are refused now rather than by a completion.
        owned.packed()?;
        Ok(owned)
    }

    pub(super) fn packed(&self) -> Result<Packed<'_>, Failure> {
        Ok(Packed::new(&self.text, &self.lengths)?)
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len() + 4 * self.lengths.len()
    }
}

/// How alike two texts are: the score, 0..1, or a negative status.
///
/// `a` is the query and `b` the choice, as UTF-8. Equal texts give 1 whatever the metric. The call
/// cannot be stopped; its time is in proportion to the product of the lengths, over 64.
///
/// # Safety
/// `a` points at `a_len` and `b` at `b_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_similarity(
    metric: u32,
    a: *const u8,
    a_len: u32,
    b: *const u8,
    b_len: u32,
) -> f64 {
    let compute = || -> Result<f64, Failure> {
        let metric = Metric::try_from(metric)?;
        // SAFETY: passed on to the caller.
        let (a, b) = unsafe { (checked_text(a, a_len)?, checked_text(b, b_len)?) };
        Ok(metrics::similarity(metric, a, b, &Uncontrolled)?)
    };
    guard_value(f64::from(Status::Panic as i32), || {
        compute().unwrap_or_else(|failure| f64::from(failure.status() as i32))
    })
}

/// Changes each string: `operation` is 0 lowercase, 1 uppercase, 2 trim, 3 reverse by grapheme cluster,
/// 4 NFC, 5 NFKC.
///
/// Result: `lengths_count` x u32 (each string's length in UTF-16 units), then the UTF-8 of all with one
/// `"\n"` between two.
///
/// # Safety
/// `strings` points at `strings_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_transform(
    operation: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let operation = Operation::try_from(operation)?;
            let strings = packed(strings, strings_len, lengths, lengths_count)?;
            let result = transform(operation, &strings)?;
            write_u32s(out, result.lengths.iter().copied())?;
            out.write(result.text.as_bytes());
            Ok(())
        })
    }
}

fn write_u32s(
    out: &mut Out<'_>,
    numbers: impl ExactSizeIterator<Item = u32>,
) -> Result<(), Failure> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(4 * numbers.len())?;
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    out.write(&bytes);
    Ok(())
}

/// BLAKE3-256 of some bytes. Result: the 32 raw bytes of the hash.
///
/// # Safety
/// `bytes` points at `bytes_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_hash(
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let bytes = input::bytes(bytes, bytes_len)?;
            let hash = compute(hash::is_large(bytes), |parallel| {
                hash::hash(bytes, parallel, &Uncontrolled)
            })?;
            out.write(&hash);
            Ok(())
        })
    }
}

/// Hashes some bytes on the pool: one completion whose payload is the 32 raw bytes of the hash.
///
/// # Safety
/// As for `agent_core_text_hash`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let mut bytes = ring::copy_input(ring, input::bytes(bytes, bytes_len)?)?;
            let (len, short) = (bytes.len(), bytes.len() <= SHORT_BYTES);
            let work = move |task: &ring::Task| {
                let parallel = hash::is_large(&bytes);
                let hash = hash::hash(&bytes, parallel, &Watched(task))?;
                // The result travels in the input's memory, which so comes back to be used again.
                bytes.clear();
                bytes.shrink_to(SHORT_BYTES);
                bytes.extend_from_slice(&hash);
                Ok(bytes)
            };
            if short {
                ring::submit_short(ring, op, len, work)
            } else {
                ring::submit_cpu(ring, op, len, work)
            }
        })
    }
}

/// Hashing up to so many bytes takes some microseconds. Memory up to this size is kept from an input
/// for its result.
const SHORT_BYTES: usize = 64 << 10;

fn copy(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut owned = Vec::new();
    owned.try_reserve_exact(bytes.len())?;
    owned.extend_from_slice(bytes);
    Ok(owned)
}

/// Hashes many inputs on the pool. They stand one after the other in `bytes` without separators;
/// `lengths` are in BYTES. Payload: 32 raw bytes each. Progress: inputs done, inputs in all.
///
/// # Safety
/// `bytes` points at `bytes_len` readable bytes, `lengths` at `lengths_count` readable numbers, `out`
/// at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_hash_many(
    ring: f64,
    op: u32,
    bytes: *const u8,
    bytes_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let bytes = copy(input::bytes(bytes, bytes_len)?)?;
            let lengths = input::u32s(lengths, lengths_count)?;
            let mut owned = Vec::new();
            owned.try_reserve_exact(lengths.len())?;
            owned.extend_from_slice(lengths);
            // Wrong lengths are refused now rather than by a completion.
            hash::split(&bytes, &owned)?;
            let size = bytes.len() + 4 * owned.len();
            ring::submit_cpu(ring, op, size, move |task| {
                let hashes = hash::hash_many(&bytes, &owned, &Watched(task))?;
                Ok(hashes.into_flattened())
            })
        })
    }
}

/// The best `limit` keywords of a text, of at least `min_length` code points. Result: their number n
/// (u32), zero (u32), n x f64 scores, n x u32 lengths in UTF-16 units, the UTF-8 of all with one `"\n"`
/// between two.
///
/// # Safety
/// `text` points at `text_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_keywords(
    text: *const u8,
    text_len: u32,
    limit: u32,
    min_length: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let text = checked_text(text, text_len)?;
            let list = keywords(text, limit as usize, min_length as usize, &Uncontrolled)?;
            out.write_u32(list.len() as u32);
            out.write_u32(0);
            for keyword in &list {
                out.write_f64(keyword.score);
            }
            for keyword in &list {
                out.write_u32(units(&keyword.keyword));
            }
            out.write(joined(&list).as_bytes());
            Ok(())
        })
    }
}

fn joined(list: &[Keyword]) -> String {
    let names: Vec<&str> = list
        .iter()
        .map(|keyword| keyword.keyword.as_str())
        .collect();
    names.join("\n")
}

/// The length in UTF-16 units.
fn units(text: &str) -> u32 {
    text.encode_utf16().count() as u32
}
