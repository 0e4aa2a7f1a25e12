//! Rankings, one-shot and prepared. A ranking is its scores (f64 each), then its indices (u32 each).

use std::sync::{Arc, Mutex, PoisonError};

use agent_ffi::{Failure, Out, Status, guard_status, guard_value, handles, ring};

use super::{OwnedStrings, Watched, checked_text, compute, packed};
use crate::text::matcher::{self, ManyRanked, Matcher};
use crate::text::metrics::Metric;
use crate::text::{self, Best, Ranked, Uncontrolled};

/// What a matcher's handle stands for. A ranking under way keeps the choices that it began with.
struct Shared(Mutex<Arc<Matcher>>);

impl Shared {
    fn now(&self) -> Arc<Matcher> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change<R>(&self, body: impl FnOnce(&mut Matcher) -> R) -> R {
        let mut matcher = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body(Arc::make_mut(&mut matcher))
    }
}

fn best(limit: u32, cutoff: f64) -> Best {
    Best {
        limit: if limit == u32::MAX {
            usize::MAX
        } else {
            limit as usize
        },
        cutoff,
    }
}

/// Appends a ranking's scores, then its indices.
fn write_ranking(out: &mut Out<'_>, list: &[Ranked]) -> Result<(), Failure> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(12 * list.len())?;
    for item in list {
        bytes.extend_from_slice(&item.score.to_le_bytes());
    }
    for item in list {
        bytes.extend_from_slice(&item.index.to_le_bytes());
    }
    out.write(&bytes);
    Ok(())
}

/// Ranks strings by their likeness to a query: best first, ties by index, scores of at least `cutoff`
/// (0: all), at most `limit` (4294967295: all). Result: a ranking.
///
/// # Safety
/// `query` points at `query_len` and `strings` at `strings_len` readable bytes, `lengths` at
/// `lengths_count` readable numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_rank(
    metric: u32,
    query: *const u8,
    query_len: u32,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let metric = Metric::try_from(metric)?;
            let query = checked_text(query, query_len)?;
            let choices = packed(strings, strings_len, lengths, lengths_count)?;
            let list = compute(text::is_large(&choices), |parallel| {
                text::rank(
                    metric,
                    query,
                    &choices,
                    best(limit, cutoff),
                    parallel,
                    &Uncontrolled,
                )
            })?;
            write_ranking(out, &list)
        })
    }
}

/// Prepares strings for many rankings. Result: the handle of the matcher, f64. The matcher is the
/// isolate's and lives until `agent_core_text_matcher_close` or the isolate's end.
///
/// # Safety
/// `strings` points at `strings_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_new(
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
            let room = out.capacity();
            if room < 8 {
                // Said now: an answer "too small" after the work would leave a matcher behind.
                out.write_f64(0.0);
                return Ok(());
            }
            let mut matcher = Matcher::new();
            matcher.add(&packed(strings, strings_len, lengths, lengths_count)?)?;
            out.write_f64(handles::insert(Shared(Mutex::new(Arc::new(matcher))))?);
            Ok(())
        })
    }
}

/// Adds strings to a matcher. Result: the index of the first, u32; the others follow it. An index is
/// never used again.
///
/// # Safety
/// As for `agent_core_text_matcher_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_add(
    handle: f64,
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
            if out.capacity() < 4 {
                out.write_u32(0);
                return Ok(());
            }
            let strings = packed(strings, strings_len, lengths, lengths_count)?;
            let first = handles::with(handle, |shared: &Shared| {
                shared.change(|matcher| matcher.add(&strings))
            })??;
            out.write_u32(first as u32);
            Ok(())
        })
    }
}

/// Removes a string from a matcher: 1, or 0 if there was none of that index, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_remove(handle: f64, index: u32) -> i32 {
    guard_value(Status::Panic as i32, || {
        let removed = handles::peek(handle, |shared: &Shared| {
            shared.change(|matcher| matcher.remove(index))
        });
        removed.map_or(Status::InvalidHandle as i32, i32::from)
    })
}

/// How many strings a matcher holds, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_size(handle: f64) -> f64 {
    guard_value(f64::from(Status::Panic as i32), || {
        let size = handles::peek(handle, |shared: &Shared| shared.now().len());
        size.map_or(f64::from(Status::InvalidHandle as i32), |size| size as f64)
    })
}

/// Closes a matcher: 1, or 0 if it was closed already. Rankings under way end as they would have.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_close(handle: f64) -> i32 {
    guard_value(Status::Panic as i32, || {
        let known = handles::peek(handle, |_: &Shared| ()).is_some();
        i32::from(known && handles::remove(handle))
    })
}

/// Ranks a matcher's strings; as `agent_core_text_rank`.
///
/// # Safety
/// `query` points at `query_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_rank(
    handle: f64,
    metric: u32,
    query: *const u8,
    query_len: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let metric = Metric::try_from(metric)?;
            let query = checked_text(query, query_len)?;
            let matcher = handles::with(handle, Shared::now)?;
            let list = compute(matcher::is_large(&matcher, metric), |parallel| {
                matcher.rank(metric, query, best(limit, cutoff), parallel, &Uncontrolled)
            })?;
            write_ranking(out, &list)
        })
    }
}

/// Ranks a matcher's strings for each of many queries, on the pool; the strings are those of this
/// moment. Payload: entries of each ranking (`lengths_count` x u32), zeros up to a multiple of 8, the
/// scores of all rankings one after the other (f64 each), the indices of all (u32 each). Progress:
/// queries done, queries in all. Over 2 GiB of result: TOO_LARGE.
///
/// # Safety
/// `queries` points at `queries_len` readable bytes, `lengths` at `lengths_count` readable numbers,
/// `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_submit_rank_many(
    ring: f64,
    op: u32,
    handle: f64,
    metric: u32,
    queries: *const u8,
    queries_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    limit: u32,
    cutoff: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let metric = Metric::try_from(metric)?;
            let queries = OwnedStrings::copy(queries, queries_len, lengths, lengths_count)?;
            let matcher = handles::with(handle, Shared::now)?;
            ring::submit_cpu(ring, op, queries.bytes(), move |task| {
                let best = best(limit, cutoff);
                let many = matcher.rank_many(metric, &queries.packed()?, best, &Watched(task))?;
                many_payload(&many)
            })
        })
    }
}

fn many_payload(many: &ManyRanked) -> Result<Vec<u8>, Failure> {
    let head = (4 * many.lists.len()).next_multiple_of(8);
    let mut payload = Vec::new();
    payload.try_reserve_exact(head + 12 * many.total)?;
    for list in &many.lists {
        payload.extend_from_slice(&(list.len() as u32).to_le_bytes());
    }
    payload.resize(head, 0);
    for item in many.lists.iter().flatten() {
        payload.extend_from_slice(&item.score.to_le_bytes());
    }
    for item in many.lists.iter().flatten() {
        payload.extend_from_slice(&item.index.to_le_bytes());
    }
    Ok(payload)
}
