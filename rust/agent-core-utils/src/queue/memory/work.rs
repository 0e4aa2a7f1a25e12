//! Adding and taking jobs, and what becomes of those that were taken.

use agent_ffi::{Call, guard_number, handles};
use agent_queue::memory::{NewJob, Taken, View};
use agent_shared::utf16_len;

use super::{odd, write_json};

/// Numbers of a job that is added: priority, due time, retries, first pause, time limit, children, tolerance.
const NUMBERS: usize = 7;
/// Texts of a job that is added: id, data, key, group, parent, repeat.
const TEXTS: usize = 6;
/// The longest id.
const MOST_ID: usize = 96;

/// Adds jobs, all or none. For each `numbers` holds seven (priority, due time, retries, first pause, time limit,
/// children, 1 if it runs without some of them) and `strings` six (id, data, key, group, parent, repeat).
///
/// Writes nothing, or JSON: for each job whose key is taken its place and the id of the one that holds it.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_add(
    handle: f64,
    now: f64,
    numbers: *const f64,
    numbers_count: u32,
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
        let numbers = call.f64s(numbers, numbers_count)?;
        let texts = call.strings(strings, strings_len, lengths, lengths_count)?;
        let count = texts.len() / TEXTS;
        if count * TEXTS != texts.len() || count * NUMBERS != numbers.len() {
            return Err(odd("the number of strings", texts.len()));
        }
        let mut jobs = Vec::new();
        jobs.try_reserve_exact(count)?;
        let mut room = 2;
        for place in 0..count {
            let text = |at: usize| texts.get(place * TEXTS + at);
            let number = |at: usize| numbers[place * NUMBERS + at];
            let id = text(0);
            if id.is_empty() || id.len() > MOST_ID {
                return Err(odd("the length of an id", id.len()));
            }
            if number(0).is_nan() || number(1).is_nan() {
                return Err(odd("a number of a job", f64::NAN));
            }
            let key = text(2);
            if !key.is_empty() {
                room += 2 * MOST_ID + 24;
            }
            jobs.push(NewJob {
                id,
                data: text(1),
                key,
                group: text(3),
                parent: text(4),
                repeat: text(5),
                priority: number(0) as i32,
                run_at: number(1),
                retries: number(2),
                backoff_ms: number(3),
                timeout_ms: number(4),
                children: number(5) as u32,
                tolerant: number(6) == 1.0,
            });
        }
        // Nothing is added before it is certain that the answer fits: the call may be made again.
        if !out.has_room(room) {
            out.skip(room);
            return Ok(());
        }
        let taken = handles::with(handle, |view: &View| view.add(&jobs, now))?;
        if !taken.is_empty() {
            let pairs: Vec<_> = taken.iter().map(|(place, id)| (place, &**id)).collect();
            write_json(out, &serde_json::json!(pairs));
        }
        Ok(())
    })
}

/// Takes up to `most` jobs, and no more than fit.
///
/// Writes how many there are and how many texts they have (both u32); for each job eight numbers (f64: token, try,
/// 1 if it failed before, priority, retries, first pause, time limit, children); then the lengths of the texts in UTF-16
/// units (u32) and the texts with a line feed between two: id, data, key, group and repeat of a job, then id and result
/// of each child.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_take(
    handle: f64,
    now: f64,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let mut size = 8;
        let mut wanted = 0;
        let fits = |job: &Taken| {
            let (count, bytes) = job.texts().fold((0, 0), |(count, bytes), text| {
                (count + 1, bytes + text.len() + 1)
            });
            let with = size + 64 + 4 * count + bytes;
            if out.has_room(with) {
                size = with;
                return true;
            }
            wanted = with;
            false
        };
        let taken = handles::with(handle, |view: &View| view.take(most as usize, now, fits))?;
        if taken.is_empty() {
            // Too small for the first one: the caller comes again with more room.
            out.skip(wanted);
            return Ok(());
        }
        out.write_u32(taken.len() as u32);
        out.write_u32(taken.iter().map(|job| job.texts().count() as u32).sum());
        for job in &taken {
            out.write_f64(job.token as f64);
            out.write_f64(f64::from(job.attempt));
            out.write_f64(f64::from(u8::from(job.failed)));
            out.write_f64(f64::from(job.priority));
            out.write_f64(job.retries);
            out.write_f64(job.backoff_ms);
            out.write_f64(job.timeout_ms);
            out.write_f64(job.children.len() as f64);
        }
        for text in taken.iter().flat_map(Taken::texts) {
            out.write_u32(utf16_len(text));
        }
        for (at, text) in taken.iter().flat_map(Taken::texts).enumerate() {
            if at > 0 {
                out.write(b"\n");
            }
            out.write(text.as_bytes());
        }
        Ok(())
    })
}

/// Ends jobs with their results, a token and a string each. Writes a byte for each: 1, or 0 if the token holds nothing.
///
/// @result written
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_complete(
    handle: f64,
    now: f64,
    tokens: *const f64,
    tokens_count: u32,
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
        let tokens = call.f64s(tokens, tokens_count)?;
        let results = call.strings(strings, strings_len, lengths, lengths_count)?;
        if tokens.len() != results.len() {
            return Err(odd("the number of tokens", tokens.len()));
        }
        if !out.has_room(tokens.len()) {
            out.skip(tokens.len());
            return Ok(());
        }
        let ends = tokens.iter().map(|&token| token as u64).zip(results.iter());
        let ended = handles::with(handle, |view: &View| view.complete(ends, now))?;
        for ended in ended {
            out.write(&[u8::from(ended)]);
        }
        Ok(())
    })
}

/// Ends a try, to be tried again at `retry_at`, never where that is negative: 1, 0 if the token holds nothing, or a
/// negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_fail(
    handle: f64,
    now: f64,
    token: f64,
    retry_at: f64,
    error: *const u8,
    error_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let error = call.text(error, error_len)?;
        let retry_at = (retry_at >= 0.0).then_some(retry_at);
        let failed = |view: &View| view.fail(token as u64, error, retry_at, now);
        handles::with(handle, failed).map(i32::from)
    })
}

/// Gives a job back: 1, 0 if the token holds nothing, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_queue_release(handle: f64, token: f64) -> i32 {
    guard_number(|| {
        let release = |view: &View| view.release(token as u64);
        handles::with(handle, release).map(i32::from)
    })
}

/// Notes what a job reports: 1, 0 if the token holds nothing, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_report(
    handle: f64,
    token: f64,
    value: *const u8,
    value_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let value = call.text(value, value_len)?;
        let report = |view: &View| view.report(token as u64, value);
        handles::with(handle, report).map(i32::from)
    })
}

/// Cancels a job and its children: 1, 0 if it is not there or has ended, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_cancel(
    handle: f64,
    now: f64,
    id: *const u8,
    id_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let id = call.text(id, id_len)?;
        handles::with(handle, |view: &View| view.cancel(id, now)).map(i32::from)
    })
}
