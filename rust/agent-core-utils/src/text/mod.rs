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

use agent_ffi::{Call, Columns, Failure, guard_number, ring};
use agent_shared::{Error, Uncontrolled, utf16_len};
use agent_text::keywords::{Request, keywords};
use agent_text::metrics::{self, Metric};
use agent_text::transform::{Operation, transform};

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

/// How alike two texts are: the score, 0..1, or a negative status.
///
/// `a` is the query and `b` the choice, as UTF-8. Equal texts give 1 whatever the metric. The call
/// cannot be stopped; its time is in proportion to the product of the lengths, over 64.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_similarity(
    metric: u32,
    a: *const u8,
    a_len: u32,
    b: *const u8,
    b_len: u32,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let metric = Metric::try_from(metric)?;
        let (a, b) = (call.text(a, a_len)?, call.text(b, b_len)?);
        Ok(metrics::similarity(metric, a, b, &Uncontrolled)?)
    })
}

/// Changes each string: `operation` is 0 lowercase, 1 uppercase, 2 trim, 3 reverse by grapheme cluster,
/// 4 NFC, 5 NFKC.
///
/// Result: `lengths_count` x u32 (each string's length in UTF-16 units), then the UTF-8 of all with one
/// `"\n"` between two.
///
/// @result strings
/// @expect strings_len + 4 * lengths_count
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let operation = Operation::try_from(operation)?;
        let strings = call.strings(strings, strings_len, lengths, lengths_count)?;
        let result = transform(operation, &strings)?;
        out.u32s(result.lengths.iter().copied());
        out.write(result.text.as_bytes());
        Ok(())
    })
}

/// The best `limit` keywords of a text, of words of at least `min_length` code points, at most `max_words` each, without
/// the strings, which are further stop words. Result: their number n
/// (u32), zero (u32), n x f64 scores, n x u32 lengths in UTF-16 units, the UTF-8 of all with one `"\n"`
/// between two.
///
/// @count limit min_length max_words
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_keywords(
    text: *const u8,
    text_len: u32,
    limit: u32,
    min_length: u32,
    max_words: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let text = call.text(text, text_len)?;
        let strings = call.strings(strings, strings_len, lengths, lengths_count)?;
        let stop_words: Vec<&str> = (0..strings.len()).map(|index| strings.get(index)).collect();
        let request = Request {
            limit: limit as usize,
            min_length: min_length as usize,
            max_words: max_words as usize,
            stop_words: &stop_words,
        };
        let list = keywords(text, request, &Uncontrolled)?;
        out.write_u32(list.len() as u32);
        out.write_u32(0);
        out.f64s(list.iter().map(|keyword| keyword.score));
        out.u32s(list.iter().map(|keyword| utf16_len(&keyword.keyword)));
        out.joined(list.iter().map(|keyword| keyword.keyword.as_str()));
        Ok(())
    })
}
