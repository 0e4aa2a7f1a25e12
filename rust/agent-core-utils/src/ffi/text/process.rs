//! Many texts at once.

use agent_ffi::{Failure, guard_status, ring};

use super::{OwnedStrings, Watched, checked_text, units};
use crate::text::Error;
use crate::text::batch::{self, Processed};

/// Cleans many texts on the pool, compares each with a reference and finds its keywords.
///
/// `reference` counts only where `has_reference` is not 0. Payload, for n texts with k keywords in all:
/// n x f64 similarity (NaN without a reference), n x f64 milliseconds, n x u32 length of the processed
/// text in UTF-16 units, n x u32 number of keywords, k x f64 scores, k x u32 lengths, then UTF-8: the
/// processed texts with one `"\n"` between two, one `"\n"`, the keywords with one `"\n"` between two.
/// Progress: texts done, texts in all. Over 2 GiB of result: TOO_LARGE.
///
/// # Safety
/// `strings` points at `strings_len` and `reference` at `reference_len` readable bytes, `lengths` at
/// `lengths_count` readable numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_process_batch(
    ring: f64,
    op: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    reference: *const u8,
    reference_len: u32,
    has_reference: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let strings = OwnedStrings::copy(strings, strings_len, lengths, lengths_count)?;
            let reference = checked_text(reference, reference_len)?;
            let reference = (has_reference != 0).then(|| reference.to_owned());
            let size = strings.bytes() + reference.as_ref().map_or(0, String::len);
            ring::submit_cpu(ring, op, size, move |task| {
                let texts = strings.packed()?;
                let results = batch::process(&texts, reference.as_deref(), &Watched(task))?;
                batch_payload(&results)
            })
        })
    }
}

fn batch_payload(results: &[Processed]) -> Result<Vec<u8>, Failure> {
    const LIMIT: usize = i32::MAX as usize;
    let all = || results.iter().flat_map(|result| &result.keywords);
    let letters: usize = results.iter().map(|result| result.text.len() + 1).sum();
    let size = letters
        + 24 * results.len()
        + all()
            .map(|keyword| 13 + keyword.keyword.len())
            .sum::<usize>();
    if size > LIMIT {
        return Err(Error::TooLarge { size, limit: LIMIT }.into());
    }
    let mut payload: Vec<u8> = Vec::new();
    payload.try_reserve_exact(size)?;
    for result in results {
        let similarity = result.similarity.unwrap_or(f64::NAN);
        payload.extend_from_slice(&similarity.to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&result.duration_ms.to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&units(&result.text).to_le_bytes());
    }
    for result in results {
        payload.extend_from_slice(&(result.keywords.len() as u32).to_le_bytes());
    }
    for keyword in all() {
        payload.extend_from_slice(&keyword.score.to_le_bytes());
    }
    for keyword in all() {
        payload.extend_from_slice(&units(&keyword.keyword).to_le_bytes());
    }
    let texts = results.iter().map(|result| &result.text);
    for (at, text) in texts
        .chain(all().map(|keyword| &keyword.keyword))
        .enumerate()
    {
        if at > 0 {
            payload.push(b'\n');
        }
        payload.extend_from_slice(text.as_bytes());
    }
    Ok(payload)
}
