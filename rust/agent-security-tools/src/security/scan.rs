//! The exports of scans: many TCP ports, UDP services, echo requests. What they may reach is decided
//! before, by the TypeScript side.

use std::net::IpAddr;
use std::time::Duration;

use agent_ffi::{Call, Failure, Status, quiet_panics_on_this_thread, ring};
use agent_security::{Scan, ask, echo, questions};

/// Scans TCP ports by connect. `request` is JSON: `addresses` (literal ones), `ports` (ranges of two
/// numbers, ascending), `timeoutMs`, `concurrency`, `rate` (probes a second beyond loopback; null for
/// no limit), `limitMs` (for the whole scan), `all` (whether closed and filtered ports are listed).
///
/// Pieces are two u32: probes decided, probes in all. The completion's payload is JSON: `hosts` in the
/// order of the addresses, each with `ports` (arrays of port, state, reason, rttMs) and `counts`
/// (`open`, `closed`, `filtered`, `unprobed`); `probes`, the connects made; `rounds`.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_scan(
    ring: f64,
    op: u32,
    request: *const u8,
    request_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let scan = Scan::from_json(call.text(request, request_len)?)?;
        let (task, completer) = ring::submit_elsewhere(ring, op, request_len as usize)?;
        // A thread of its own: a scan mostly waits, and would hold one of the pool's for long.
        std::thread::Builder::new()
            .name("agent-scan".into())
            .spawn(move || {
                quiet_panics_on_this_thread();
                completer.finish(scan.run(&task));
            })
            .map(drop)
            .map_err(|error| {
                Failure::new(Status::Io, format!("No thread could be started: {error}"))
                    .field("path", "threads")
                    .field("operation", "spawn")
            })
    })
}

/// Asks UDP services. `request` is JSON: an array of arrays of address, port and the bytes to send, in
/// hexadecimal digits. Each is sent three times over `timeout_ms`. The completion's payload is JSON: an
/// array in their order, of arrays of state ("open", "open|filtered", "closed", "filtered"), reason and rttMs.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_datagrams(
    ring: f64,
    op: u32,
    request: *const u8,
    request_len: u32,
    timeout_ms: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let asked = questions(call.text(request, request_len)?)?;
        let timeout = Duration::from_millis(timeout_ms.into());
        ring::submit_io(ring, op, request_len as usize, move |_| ask(asked, timeout))
    })
}

/// Sends echo requests (ICMP, ICMPv6) over sockets that need no privileges, `rate` of them a second, and
/// waits `timeout_ms` after the last. `addresses` are literal ones with spaces between. The completion's payload
/// is JSON: `refused` (why such a socket could not be had, or null) and `answers` (arrays of address and rttMs).
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_echo(
    ring: f64,
    op: u32,
    addresses: *const u8,
    addresses_len: u32,
    timeout_ms: u32,
    rate: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let addresses = call
            .text(addresses, addresses_len)?
            .split_whitespace()
            .map(|address| {
                address.parse::<IpAddr>().map_err(|_| {
                    Failure::invalid(format!("\"{address}\" is not a literal address"))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let timeout = Duration::from_millis(timeout_ms.into());
        ring::submit_io(ring, op, addresses_len as usize, move |_| {
            echo(addresses, timeout, f64::from(rate))
        })
    })
}

/// How many descriptors this process may have, once its soft limit is raised to the hard one.
#[unsafe(no_mangle)]
pub extern "C" fn agent_security_descriptors() -> f64 {
    agent_ffi::guard_number(|| Ok(agent_security::descriptors() as f64))
}
