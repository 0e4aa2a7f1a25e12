//! Exports `agent_core_near_*`: near duplicates among many texts. Strings come packed as for the text
//! tools.

use agent_ffi::{Failure, Status, guard_status, ring};

use super::text::{OwnedStrings, Watched};
use crate::near::{Request, find};

/// More minima than any threshold asks for.
const MOST_MINIMA: u32 = 4096;

/// Groups near duplicates, on the pool. `threshold` is over 0 and at most 1; `rows` and `bands` are those
/// of the keys that propose pairs. Payload: for each text the number (u32) of the first text of its
/// group. Progress: texts read, texts in all.
///
/// # Safety
/// `strings` points at `strings_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_near_submit_find(
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
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let request = request(threshold, rows, bands)?;
            let strings = OwnedStrings::copy(strings, strings_len, lengths, lengths_count)?;
            ring::submit_cpu(ring, op, strings.bytes(), move |task| {
                let firsts = find(&strings.packed()?, &request, &Watched(task))?;
                let mut payload: Vec<u8> = Vec::new();
                payload.try_reserve_exact(4 * firsts.len())?;
                payload.extend(firsts.iter().flat_map(|first| first.to_le_bytes()));
                Ok(payload)
            })
        })
    }
}

fn request(threshold: f64, rows: u32, bands: u32) -> Result<Request, Failure> {
    let fits = rows > 0 && bands > 0 && rows.saturating_mul(bands) <= MOST_MINIMA;
    if !(fits && threshold > 0.0 && threshold <= 1.0) {
        return Err(Failure::new(
            Status::InvalidArgument,
            "The threshold must be over 0 and at most 1; rows and bands at least 1 and 4,096 in all",
        ));
    }
    Ok(Request {
        threshold,
        rows: rows as usize,
        bands: bands as usize,
    })
}
