//! Rankings, one-shot and prepared. A ranking is its scores (f64 each), then its indices (u32 each).

use std::sync::{Arc, Mutex, PoisonError};

use agent_ffi::{Call, Columns, Failure, guard_number, handles, payload, ring};
use agent_shared::Uncontrolled;
use agent_text::matcher::{self, ManyRanked, Matcher};
use agent_text::metrics::Metric;
use agent_text::{Best, Ranked};

use super::compute;

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

/// Appends the scores of rankings, then their indices.
fn write_rankings(out: &mut impl Columns, lists: &[Vec<Ranked>]) {
    for list in lists {
        out.f64s(list.iter().map(|item| item.score));
    }
    for list in lists {
        out.u32s(list.iter().map(|item| item.index));
    }
}

/// Ranks strings by their likeness to a query: best first, ties by index, scores of at least `cutoff`
/// (0: all), at most `limit` (4294967295: all). Result: a ranking.
///
/// @count limit
/// @result view
/// @expect 12 * min(limit, lengths_count)
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let metric = Metric::try_from(metric)?;
        let query = call.text(query, query_len)?;
        let choices = call.strings(strings, strings_len, lengths, lengths_count)?;
        let list = compute(agent_text::is_large(&choices), |parallel| {
            agent_text::rank(
                metric,
                query,
                &choices,
                best(limit, cutoff),
                parallel,
                &Uncontrolled,
            )
        })?;
        write_rankings(out, &[list]);
        Ok(())
    })
}

/// Prepares strings for many rankings. Result: the handle of the matcher, f64. The matcher is the
/// isolate's and lives until `agent_core_text_matcher_close` or the isolate's end.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_text_matcher_new(
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let mut matcher = Matcher::new();
        matcher.add(&call.strings(strings, strings_len, lengths, lengths_count)?)?;
        Ok(Arc::new(Shared(Mutex::new(Arc::new(matcher)))))
    })
}

/// Adds strings to a matcher. Result: the index of the first, u32; the others follow it. An index is
/// never used again.
///
/// @result u32s
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        if !out.has_room(4) {
            // Said now: an answer "too small" after the work would come with the strings added.
            out.write_u32(0);
            return Ok(());
        }
        let strings = call.strings(strings, strings_len, lengths, lengths_count)?;
        let first = handles::with(handle, |shared: &Shared| {
            shared.change(|matcher| matcher.add(&strings))
        })??;
        out.write_u32(first as u32);
        Ok(())
    })
}

/// Removes a string from a matcher: 1, or 0 if there was none of that index, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_remove(handle: f64, index: u32) -> i32 {
    guard_number(|| {
        handles::with(handle, |shared: &Shared| {
            i32::from(shared.change(|matcher| matcher.remove(index)))
        })
    })
}

/// How many strings a matcher holds, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_size(handle: f64) -> f64 {
    guard_number(|| handles::with(handle, |shared: &Shared| shared.now().len() as f64))
}

/// Closes a matcher: 1, or 0 if it was closed already. Rankings under way end as they would have.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_text_matcher_close(handle: f64) -> i32 {
    guard_number(|| {
        let known = handles::peek(handle, |_: &Shared| ()).is_some();
        Ok(i32::from(known && handles::remove(handle)))
    })
}

/// Ranks a matcher's strings; as `agent_core_text_rank`.
///
/// @count limit
/// @result view
/// @expect caller
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let metric = Metric::try_from(metric)?;
        let query = call.text(query, query_len)?;
        let matcher = handles::with(handle, Shared::now)?;
        let list = compute(matcher::is_large(&matcher, metric), |parallel| {
            matcher.rank(metric, query, best(limit, cutoff), parallel, &Uncontrolled)
        })?;
        write_rankings(out, &[list]);
        Ok(())
    })
}

/// Ranks a matcher's strings for each of many queries, on the pool; the strings are those of this
/// moment. Payload: entries of each ranking (`lengths_count` x u32), zeros up to a multiple of 8, the
/// scores of all rankings one after the other (f64 each), the indices of all (u32 each). Progress:
/// queries done, queries in all. Over 2 GiB of result: TOO_LARGE.
///
/// @count limit
/// @result view
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let metric = Metric::try_from(metric)?;
        let queries = call.owned_strings(queries, queries_len, lengths, lengths_count)?;
        let matcher = handles::with(handle, Shared::now)?;
        ring::submit_cpu(ring, op, queries.bytes(), move |task| {
            let best = best(limit, cutoff);
            let many = matcher.rank_many(metric, &queries.packed()?, best, task)?;
            many_payload(&many)
        })
    })
}

fn many_payload(many: &ManyRanked) -> Result<Vec<u8>, Failure> {
    let head = (4 * many.lists.len()).next_multiple_of(8);
    let mut payload = payload(head + 12 * many.total)?;
    payload.u32s(many.lists.iter().map(|list| list.len() as u32));
    payload.resize(head, 0);
    write_rankings(&mut payload, &many.lists);
    Ok(payload)
}
