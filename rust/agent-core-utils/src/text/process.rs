//! Many texts at once.

use agent_ffi::{Call, Columns, Failure, payload, ring};
use agent_shared::utf16_len;
use agent_text::batch::{self, Processed};

/// Cleans many texts on the pool, compares each with a reference and finds its keywords.
///
/// `reference` counts only where `has_reference` is not 0. Payload, for n texts with k keywords in all:
/// n x f64 similarity (NaN without a reference), n x f64 milliseconds, n x u32 length of the processed
/// text in UTF-16 units, n x u32 number of keywords, k x f64 scores, k x u32 lengths, then UTF-8: the
/// processed texts with one `"\n"` between two, one `"\n"`, the keywords with one `"\n"` between two.
/// Progress: texts done, texts in all. Over 2 GiB of result: TOO_LARGE.
///
/// @flag has_reference
/// @result view
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let strings = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        let reference = call.text(reference, reference_len)?;
        let reference = (has_reference != 0).then(|| reference.to_owned());
        let size = strings.bytes() + reference.as_ref().map_or(0, String::len);
        ring::submit_cpu(ring, op, size, move |task| {
            let texts = strings.packed()?;
            let results = batch::process(&texts, reference.as_deref(), task)?;
            batch_payload(&results)
        })
    })
}

fn batch_payload(results: &[Processed]) -> Result<Vec<u8>, Failure> {
    let keywords: Vec<_> = results.iter().flat_map(|result| &result.keywords).collect();
    let letters: usize = results.iter().map(|result| result.text.len() + 1).sum();
    let more: usize = keywords
        .iter()
        .map(|keyword| 13 + keyword.keyword.len())
        .sum();
    let mut payload = payload(letters + 24 * results.len() + more)?;
    payload.f64s(
        results
            .iter()
            .map(|result| result.similarity.unwrap_or(f64::NAN)),
    );
    payload.f64s(results.iter().map(|result| result.duration_ms));
    payload.u32s(results.iter().map(|result| utf16_len(&result.text)));
    payload.u32s(results.iter().map(|result| result.keywords.len() as u32));
    payload.f64s(keywords.iter().map(|keyword| keyword.score));
    payload.u32s(keywords.iter().map(|keyword| utf16_len(&keyword.keyword)));
    let texts = results.iter().map(|result| result.text.as_str());
    payload.joined(texts.chain(keywords.iter().map(|keyword| keyword.keyword.as_str())));
    Ok(payload)
}
