//! Exports `agent_core_duplicates_*`: near duplicates among many texts.

use agent_duplicates::{Request, find};
use agent_ffi::{Call, Columns, Failure, payload, ring};

/// More minima than any threshold asks for.
const MOST_MINIMA: u32 = 4096;

/// Groups near duplicates, on the pool. `threshold` is over 0 and at most 1; `rows` and `bands` are those
/// of the keys that propose pairs. Payload: for each text the number (u32) of the first text of its
/// group. Progress: texts read, texts in all.
///
/// @result u32s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_duplicates_submit_find(
    ring: f64,
    op: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    threshold: f64,
    rows: u32,
    bands: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let request = request(threshold, rows, bands)?;
        let strings = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        ring::submit_cpu(ring, op, strings.bytes(), move |task| {
            let firsts = find(&strings.packed()?, &request, task)?;
            let mut payload = payload(4 * firsts.len())?;
            payload.u32s(firsts.into_iter());
            Ok(payload)
        })
    })
}

fn request(threshold: f64, rows: u32, bands: u32) -> Result<Request, Failure> {
    let fits = rows > 0 && bands > 0 && rows.saturating_mul(bands) <= MOST_MINIMA;
    if !(fits && threshold > 0.0 && threshold <= 1.0) {
        return Err(Failure::invalid(
            "The threshold must be over 0 and at most 1; rows and bands at least 1 and 4,096 in all",
        ));
    }
    Ok(Request {
        threshold,
        rows: rows as usize,
        bands: bands as usize,
    })
}
