//! The exports by which services are asked what they are: a connection that is read in steps, and a
//! datagram. The first byte of a completion's payload is the number of the answer's end (see
//! `agent_security::exchange::End`), the others are what came.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use agent_ffi::{Call, copy, handles, ring};
use agent_security::exchange::{Line, Step, datagram};

use super::target;

/// A connection to `port` of `address` (a literal one), which its first step makes.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_line(
    address: *const u8,
    address_len: u32,
    port: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let target = target(call.text(address, address_len)?, port)?;
        Ok(Arc::new(Line::new(target)))
    })
}

/// Sends `send` over a connection and reads: until nothing came for `first_ms` at the beginning or
/// for `quiet_ms` after some bytes (0: what came at once is all), until the other side closes, until
/// `most` bytes came, or until `total_ms` are over.
///
/// @bytes send
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_line_step(
    ring: f64,
    op: u32,
    line: f64,
    send: *const u8,
    send_len: u32,
    connect_ms: u32,
    first_ms: u32,
    quiet_ms: u32,
    total_ms: u32,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let line = handles::get::<Line>(line)?;
        let step = Step {
            send: copy(call.bytes(send, send_len)?)?,
            connect: milliseconds(connect_ms),
            first: milliseconds(first_ms),
            quiet: milliseconds(quiet_ms),
            total: milliseconds(total_ms),
            most: most as usize,
        };
        ring::submit_io(ring, op, step.send.len(), move |_| async move {
            Ok(line.step(step).await?.into_payload())
        })
    })
}

/// Sends one datagram to `port` of `address` and waits `wait_ms` for one from there, of which `most`
/// bytes are kept. With `loopback` it leaves from the loopback address, else from any.
///
/// @bytes send
/// @flag loopback
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_security_submit_datagram(
    ring: f64,
    op: u32,
    address: *const u8,
    address_len: u32,
    port: u32,
    loopback: u32,
    send: *const u8,
    send_len: u32,
    wait_ms: u32,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let target = target(call.text(address, address_len)?, port)?;
        let local = SocketAddr::new(own(target.ip(), loopback != 0), 0);
        let send = copy(call.bytes(send, send_len)?)?;
        let wait = milliseconds(wait_ms);
        ring::submit_io(ring, op, send.len(), move |_| async move {
            let answer = datagram(local, target, &send, wait, most as usize).await?;
            Ok(answer.into_payload())
        })
    })
}

fn milliseconds(value: u32) -> Duration {
    Duration::from_millis(value.into())
}

fn own(target: IpAddr, loopback: bool) -> IpAddr {
    match (target, loopback) {
        (IpAddr::V4(_), true) => Ipv4Addr::LOCALHOST.into(),
        (IpAddr::V4(_), false) => Ipv4Addr::UNSPECIFIED.into(),
        (IpAddr::V6(_), true) => Ipv6Addr::LOCALHOST.into(),
        (IpAddr::V6(_), false) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
