//! The exports of the limiter: `agent_core_limiter_*`.
//!
//! A handle is one isolate's view of a limiter. Times are microseconds, amounts whole numbers, infinite
//! where there is no limit. What an isolate reserved and did not end ends with its view.

use agent_ffi::{Call, Failure, Status, guard_hot, guard_number, handles, ring};
use agent_limiter::{Left, Mismatch, NoThread, Observed, Options, View, open, ready};

const NO_HANDLE: f64 = Status::InvalidHandle as i32 as f64;

fn odd(name: &str, value: impl std::fmt::Display) -> Failure {
    Failure::invalid(format!("{name} cannot be {value}"))
}

/// An amount from `least` on; only those of options may be infinite.
fn amount(name: &str, value: f64, least: f64) -> Result<f64, Failure> {
    if value >= least {
        Ok(value)
    } else {
        Err(odd(name, value))
    }
}

fn count(name: &str, value: f64) -> Result<f64, Failure> {
    if (0.0..=1e12).contains(&value) {
        Ok(value.floor())
    } else {
        Err(odd(name, value))
    }
}

/// Opens a view of the limiter that `name` (UTF-8; empty for a private one) means for the process,
/// making the limiter if there is none. `second` requests are allowed in any `second_us`, `requests` and
/// `tokens` in any minute. With `told`, time begins at 0 and passes with
/// `agent_core_limiter_advance`.
///
/// Writes seven numbers (f64): the handle, 0 if the name is in use with other options; and `second`,
/// `second_us`, `requests`, `tokens`, `concurrency` and `lease_us` of the limiter. The handle is freed
/// with `agent_ffi_handle_close`.
///
/// @flag told
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_limiter_open(
    name: *const u8,
    name_len: u32,
    second: f64,
    second_us: f64,
    requests: f64,
    tokens: f64,
    concurrency: f64,
    lease_us: f64,
    told: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        if out.capacity() < 56 {
            return Err(odd("out_cap", out.capacity()));
        }
        let name = call.text(name, name_len)?;
        let options = Options {
            second: amount("second", second, 1.0)?,
            second_us: amount("second_us", second_us, 1.0).and_then(finite("second_us"))?,
            requests: amount("requests", requests, 1.0)?,
            tokens: amount("tokens", tokens, 1.0)?,
            concurrency: amount("concurrency", concurrency, 1.0)?,
            lease_us: amount("lease_us", lease_us, 1.0).and_then(finite("lease_us"))?,
        };
        let (handle, options) = match open((!name.is_empty()).then_some(name), options, told == 1) {
            Ok(view) => (handles::insert(view)?, options),
            Err(Mismatch { existing }) => (0.0, existing),
        };
        for number in [
            handle,
            options.second,
            options.second_us,
            options.requests,
            options.tokens,
            options.concurrency,
            options.lease_us,
        ] {
            out.write_f64(number);
        }
        Ok(())
    })
}

fn finite(name: &str) -> impl Fn(f64) -> Result<f64, Failure> + '_ {
    move |value| {
        if value <= 1e15 {
            Ok(value)
        } else {
            Err(odd(name, value))
        }
    }
}

/// Reserves a request with so many tokens: the reservation's number, 0 if that must wait, or a negative
/// status. The hot path of every reservation.
///
/// @raw
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_take(handle: f64, tokens: f64) -> f64 {
    guard_hot(NO_HANDLE, || {
        // Neither negative nor NaN.
        let tokens = if tokens > 0.0 { tokens } else { 0.0 };
        handles::peek(handle, |view: &View| view.take(tokens)).unwrap_or(NO_HANDLE)
    })
}

/// What a call that may have given something to those who wait answers: how much is in the mailbox.
fn given(view: &View) -> i32 {
    view.given().min(i32::MAX as usize) as i32
}

/// Waits in line under a number of the view's own; groups of callers take turns. Answers, as the calls
/// below that give something back do, with how much is in the mailbox, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_limiter_wait(
    handle: f64,
    number: f64,
    tokens: f64,
    group: *const u8,
    group_len: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let group = call.text(group, group_len)?;
        let tokens = count("tokens", tokens)?;
        ready().map_err(|NoThread| {
            Failure::new(Status::Io, "No thread could be started for waiting")
        })?;
        handles::with(handle, |view: &View| {
            view.wait(number as u64, tokens, group);
            given(view)
        })
    })
}

/// Waits no longer, and gives back what was given meanwhile.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_give_up(handle: f64, number: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, |view: &View| {
            view.give_up(number as u64);
            given(view)
        })
    })
}

/// Takes out of the mailbox as much as the buffer holds: for each who waited its number and that of its
/// reservation (f64 each).
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_limiter_fetch(handle: f64, out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let most = out.capacity() / 16;
        for (number, id) in handles::with(handle, |view: &View| view.fetch(most))? {
            out.write_f64(number as f64);
            out.write_f64(id);
        }
        Ok(())
    })
}

/// Completes, without a payload, when something is in the mailbox that no call of this view put there;
/// as cancelled after `agent_core_limiter_hush`.
///
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_limiter_submit_bell(
    ring: f64,
    op: u32,
    handle: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        ring::submit_pending_on(ring, op, handle, |view: &View, completer| {
            view.hang(completer.bell())
        })
    })
}

/// Ends the wait for the bell: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_hush(handle: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, |view: &View| {
            view.hush();
            0
        })
    })
}

/// A reservation's request was made and took so many tokens.
///
/// @raw
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_settle(handle: f64, id: f64, actual: f64) -> i32 {
    guard_hot(Status::Panic as i32, || {
        let actual = if actual > 0.0 { actual } else { 0.0 };
        let settled = handles::peek(handle, |view: &View| {
            view.settle(id as u64, actual);
            given(view)
        });
        settled.unwrap_or(Status::InvalidHandle as i32)
    })
}

/// A reservation's request was not made.
///
/// @raw
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_release(handle: f64, id: f64) -> i32 {
    guard_hot(Status::Panic as i32, || {
        let released = handles::peek(handle, |view: &View| {
            view.release(id as u64);
            given(view)
        });
        released.unwrap_or(Status::InvalidHandle as i32)
    })
}

/// A reservation was lost; it counts as it was estimated.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_forget(handle: f64, id: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, |view: &View| {
            view.forget(id as u64);
            given(view)
        })
    })
}

fn left(left: f64, cap: f64, per_us: f64, for_us: f64) -> Result<Option<Left>, Failure> {
    if for_us == 0.0 {
        return Ok(None);
    }
    let rate = amount("per_us", per_us, 0.0).and_then(finite("per_us"))?;
    Ok(Some(Left {
        left: count("left", left)?,
        cap: count("cap", cap)?,
        per_us: rate,
        for_us: count("for_us", for_us)?,
    }))
}

/// Takes over what a server said of requests and of tokens (where the time for which it is believed is
/// not 0), and how long it wants to be left alone.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_observe(
    handle: f64,
    requests_left: f64,
    requests_cap: f64,
    requests_per_us: f64,
    requests_for_us: f64,
    tokens_left: f64,
    tokens_cap: f64,
    tokens_per_us: f64,
    tokens_for_us: f64,
    pause_us: f64,
) -> i32 {
    guard_number(|| {
        let said = Observed {
            requests: left(
                requests_left,
                requests_cap,
                requests_per_us,
                requests_for_us,
            )?,
            tokens: left(tokens_left, tokens_cap, tokens_per_us, tokens_for_us)?,
            pause_us: count("pause_us", pause_us)?,
        };
        handles::with(handle, |view: &View| {
            view.observe(&said);
            given(view)
        })
    })
}

/// What the limiter holds, five numbers (f64): reservations that are neither settled nor released,
/// waiting callers, requests and tokens that could be reserved, milliseconds of pause.
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_limiter_stats(handle: f64, out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let stats = handles::with(handle, |view: &View| view.stats())?;
        for number in [
            stats.active,
            stats.waiting,
            stats.requests_left,
            stats.tokens_left,
            stats.paused_ms,
        ] {
            out.write_f64(number);
        }
        Ok(())
    })
}

/// Lets time pass where it is told.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_limiter_advance(handle: f64, by_us: f64) -> i32 {
    guard_number(|| {
        let by_us = count("by_us", by_us)?;
        // A share: a bell may be this isolate's.
        let view = handles::get::<View>(handle)?;
        if view.advance(by_us) {
            Ok(given(&view))
        } else {
            Err(Failure::invalid("This limiter has a clock of its own"))
        }
    })
}
