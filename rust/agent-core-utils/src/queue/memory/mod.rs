//! The queue in memory. A handle is one isolate's view of it; freeing the handle, as the end of the isolate does,
//! gives back the jobs that were taken through it. Times are milliseconds since 1970, told by the caller.

mod events;
mod looks;
mod work;

use agent_ffi::{Call, Failure, Out, handles};
use agent_queue::memory::{Mismatch, Options, open};

fn odd(name: &str, value: impl std::fmt::Display) -> Failure {
    Failure::invalid(format!("{name} cannot be {value}"))
}

fn write_json(out: &mut Out<'_>, value: &impl ToString) {
    out.write(value.to_string().as_bytes());
}

/// Opens a view of the queue that `name` (UTF-8; empty for a private one) means for the process, making it if there
/// is none; `done_ms` and `done_count` say how long and how many finished jobs are kept, infinity for no bound.
///
/// Writes three numbers (f64): the handle, 0 if the name exists with other options; and both options of the queue.
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_queue_open(
    name: *const u8,
    name_len: u32,
    done_ms: f64,
    done_count: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        if !out.has_room(24) {
            return Err(odd("out_cap", out.capacity()));
        }
        let name = call.text(name, name_len)?;
        if !(done_ms >= 0.0 && done_count >= 0.0) {
            return Err(odd("done_ms or done_count", done_ms.min(done_count)));
        }
        let options = Options {
            done_ms,
            done_count,
        };
        let (handle, options) = match open((!name.is_empty()).then_some(name), options) {
            Ok(view) => (handles::insert(view)?, options),
            Err(Mismatch { existing }) => (0.0, existing),
        };
        out.write_f64(handle);
        out.write_f64(options.done_ms);
        out.write_f64(options.done_count);
        Ok(())
    })
}
