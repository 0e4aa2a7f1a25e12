//! The exports of scans: many TCP ports, UDP services, echo requests. What they may reach is decided
//! before, by the TypeScript side.

use std::net::IpAddr;
use std::time::Duration;

use agent_ffi::{Call, Failure, Status, quiet_panics_on_this_thread, ring};
use agent_security::{Questions, Scan, ask, echo};

/// Scans TCP ports by connect. `request` is JSON: `addresses` (literal ones), `ports` (ranges of two
/// numbers, ascending), `timeoutMs`, `concurrency`, `rate` and `hostRate` (probes a second beyond loopback, to all
/// hosts and to each; null for no limit), `limitMs` (for the whole scan), `all` (whether closed and filtered ports are
/// listed), `rounds` (how often a port that gives no answer is asked at most; 1 to 6, which is the default).
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

/// Asks UDP services. `request` is JSON: `questions` (an array of arrays of address, port and the bytes to send, in
/// hexadecimal digits), `timeoutMs` (over which each is sent three times), `limitMs` (for all of it), `rate` and
/// `hostRate` (datagrams a second beyond loopback, to all hosts and to each; null for no limit).
///
/// Pieces are two u32: questions settled, questions in all. The completion's payload is JSON: an array in their order,
/// of arrays of state ("open", "open|filtered", "closed", "filtered", "unprobed"), reason and rttMs.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_datagrams(
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
        let asked = Questions::from_json(call.text(request, request_len)?)?;
        ring::submit_io(ring, op, request_len as usize, move |task| ask(asked, task))
    })
}

/// Sends echo requests (ICMP, ICMPv6) over sockets that need no privileges, `rate` of them a second for at most
/// `limit_ms`, and waits `timeout_ms` after the last. `addresses` are literal ones with spaces between. The completion's
/// payload is JSON: `refused` (why such a socket could not be had, or null) and `answers` (arrays of address and rttMs).
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
    limit_ms: u32,
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
        let limit = Duration::from_millis(limit_ms.into());
        ring::submit_io(ring, op, addresses_len as usize, move |_| {
            echo(addresses, timeout, f64::from(rate), limit)
        })
    })
}

/// Reads the neighbour table of the machine's networks. The completion's payload is JSON: arrays of address and hardware
/// address, of entries whose hardware address is known.
///
/// UNSUPPORTED but on Linux; IO where the kernel does not tell it.
///
/// @result json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_neighbours(
    ring: f64,
    op: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        ring::submit_cpu(ring, op, 0, |_| neighbours())
    })
}

#[cfg(target_os = "linux")]
fn neighbours() -> Result<Vec<u8>, Failure> {
    agent_security::neighbours()
}

#[cfg(not(target_os = "linux"))]
fn neighbours() -> Result<Vec<u8>, Failure> {
    Err(
        Failure::new(Status::Unsupported, "This system has no rtnetlink to ask")
            .field("what", "rtnetlink"),
    )
}

/// How many descriptors this process may have, once its soft limit is raised to the hard one.
#[unsafe(no_mangle)]
pub extern "C" fn agent_security_descriptors() -> f64 {
    agent_ffi::guard_number(|| Ok(agent_security::descriptors() as f64))
}
