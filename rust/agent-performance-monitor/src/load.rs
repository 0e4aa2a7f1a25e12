//! The export of load tests. What may be put under load is decided before, by the TypeScript side.

use agent_ffi::{Call, Failure, Status, quiet_panics_on_this_thread, ring};
use agent_load::{Job, run};

/// Puts an HTTP server under load. `request` is JSON: `address` (a literal one), `port`, `host`, `authority`, `tls`,
/// `roots` (PEM, beside the usual ones), `http` (1 or 2), `method`, `path`, `headers` (pairs), `rate` (null in the closed model),
/// `cap` (starts a second in the closed model, or null), `connections`, `streams`, `durationMs`, `warmUpMs`, `requests`
/// (or null), `timeoutMs`, `maxBodyBytes`, `maxErrorShare`, `intervalMs`. `body` is sent with each request.
///
/// Pieces are four u32: how much of how much is done, requests, failures. The completion's payload is JSON, also after a
/// cancellation: counts, times in nanoseconds as pairs of value and count, a time line, how it ended.
///
/// @bytes body
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_load_submit_run(
    ring: f64,
    op: u32,
    request: *const u8,
    request_len: u32,
    body: *const u8,
    body_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let job = Job::from_json(
            call.text(request, request_len)?,
            call.bytes(body, body_len)?,
        )?;
        let bytes = request_len as usize + body_len as usize;
        let (task, completer) = ring::submit_elsewhere(ring, op, bytes)?;
        // A thread of its own: a load test takes as long as it is told to.
        std::thread::Builder::new()
            .name("agent-load".into())
            .spawn(move || {
                quiet_panics_on_this_thread();
                completer.finish(run(job, &task));
            })
            .map(drop)
            .map_err(|error| {
                Failure::new(Status::Io, format!("No thread could be started: {error}"))
                    .field("path", "threads")
                    .field("operation", "spawn")
            })
    })
}
