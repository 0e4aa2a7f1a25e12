//! No panic crosses the boundary, and none is printed.
//!
//! Each export's body runs inside one guard. While a thread is inside a guard, or is one of the
//! pools' own, the panic hook stays silent; elsewhere (a test of ours, say) it prints as usual. The
//! hook belongs to this library's copy of the standard library and touches nobody else's.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::output::Out;
use crate::status::{Failure, Status};

thread_local! {
    static QUIET: Cell<u32> = const { Cell::new(0) };
}

static HOOK: Once = Once::new();

/// Makes the panic hook silent on quiet threads. Cheap after the first call.
pub(crate) fn install_hook() {
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A thread that is ending has no QUIET any more: silence is right there too.
            if QUIET.try_with(Cell::get).is_ok_and(|depth| depth == 0) {
                previous(info);
            }
        }));
    });
}

/// Silences the panic hook on the calling thread for good: for threads that a library starts.
pub fn quiet_panics_on_this_thread() {
    install_hook();
    QUIET.with(|depth| depth.set(depth.get() + 1));
}

/// Runs a closure; a panic becomes a [`Failure`].
pub(crate) fn catch<R>(body: impl FnOnce() -> Result<R, Failure>) -> Result<R, Failure> {
    let depth = QUIET.replace(QUIET.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(body));
    QUIET.set(depth);
    result.unwrap_or_else(|payload| Err(panic_failure(payload)))
}

/// Says what a panic said. Dropping a payload may panic in turn, so it is leaked where it is not text.
pub(crate) fn panic_failure(payload: Box<dyn Any + Send>) -> Failure {
    let text = if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        std::mem::forget(payload);
        "a panic without a message".to_owned()
    };
    Failure::new(
        Status::Panic,
        format!("The native library failed inside: {text}"),
    )
}

/// Runs the body of an export that answers with a length or a status.
pub(crate) fn guard_answer(
    buffer: &mut [u8],
    body: impl FnOnce(&mut Out<'_>) -> Result<(), Failure>,
) -> i32 {
    install_hook();
    let mut out = Out::new(buffer);
    match catch(|| body(&mut out)) {
        Ok(()) => out.finish(),
        Err(failure) => out.fail(&failure),
    }
}

/// A number that an export answers with: what was asked for, or a negative status.
pub trait Number {
    /// The answer for a status.
    fn refusal(status: Status) -> Self;
}

impl Number for i32 {
    fn refusal(status: Status) -> Self {
        status as i32
    }
}

impl Number for f64 {
    fn refusal(status: Status) -> Self {
        f64::from(status as i32)
    }
}

/// Runs the body of an export that answers with a number or a status: no buffer, no detail.
#[inline]
pub fn guard_number<N: Number>(body: impl FnOnce() -> Result<N, Failure>) -> N {
    guard_value(N::refusal(Status::Panic), || {
        body().unwrap_or_else(|failure| N::refusal(failure.status()))
    })
}

/// Runs the body of an export that answers with a number which is no status; `default` after a panic.
#[inline]
pub fn guard_value<R>(default: R, body: impl FnOnce() -> R) -> R {
    let depth = QUIET.replace(QUIET.get() + 1);
    let result = guard_hot(default, body);
    QUIET.set(depth);
    result
}

/// As [`guard_value`], for the few exports that are called at every read and only ever on an isolate's
/// own thread, which is quiet since it entered: what is left of the guard costs nothing.
#[inline]
pub fn guard_hot<R>(default: R, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            std::mem::forget(payload);
            default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_with_its_text() {
        let mut buffer = [0u8; 128];
        let status = guard_answer(&mut buffer, |_| panic!("seen: {}", 7));
        assert_eq!(status, Status::Panic as i32);
        let len = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
        assert!(
            std::str::from_utf8(&buffer[4..4 + len])
                .unwrap()
                .contains("seen: 7")
        );
    }

    #[test]
    fn a_panic_in_a_hot_call_gives_the_default() {
        install_hook();
        assert_eq!(guard_value(-1, || panic!("quiet")), -1);
        assert_eq!(QUIET.get(), 0);
    }

    #[test]
    fn an_odd_payload_is_survived() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        install_hook();
        let failure = catch(|| -> Result<(), Failure> { std::panic::panic_any(Bomb) }).unwrap_err();
        assert_eq!(failure.status(), Status::Panic);
    }
}
