//! The exports of the HTTP engine: `agent_core_http_*`.
//!
//! A handle is a client with its connections. An exchange is one operation of the ring; what it answers with is a
//! record of four numbers, little endian, and bytes: status, length of the head, flags (1: the head is ASCII, 2: there
//! can be no body, 4: the body is set apart, see `agent_core_http_fetch`) and length of the body, then the head (a line `name:value` for each field) and the body. A fault is
//! 0, its kind, whether it is unsent, the length of its detail, and the detail.

use std::sync::Arc;
use std::time::Duration;

use agent_ffi::{Call, Failure, copy, guard_number, handles, ring};
use agent_http::{Body, Client, Exchange, Limits, Payload, Upload, Way, start};

/// A client as its isolate holds it; with the isolate it ends.
struct Held(Arc<Client>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Opens a client that keeps up to `idle_per_place` connections idle for each origin, each for
/// `idle_ms`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_client(
    idle_per_place: u32,
    idle_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let client = Client::new(idle_per_place as usize, milliseconds("idle_ms", idle_ms)?);
        Ok(Arc::new(Held(Arc::new(client))))
    })
}

/// Says whom a client trusts, PEM: the usual authorities, of which those are left out that cannot be
/// used, and further ones, which all must be authorities; and with `built_in` those of Mozilla that
/// came with the library.
///
/// @flag built_in
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_trust(
    handle: f64,
    built_in: u32,
    usual: *const u8,
    usual_len: u32,
    own: *const u8,
    own_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let (usual, own) = (call.bytes(usual, usual_len)?, call.bytes(own, own_len)?);
        handles::with(handle, |held: &Held| {
            held.0.trust(built_in != 0, usual, own)
        })?
    })
}

/// Closes a client's connections and ends what is under way: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_http_close(handle: f64) -> i32 {
    guard_number(|| {
        handles::with(handle, |held: &Held| held.0.close())?;
        Ok(0)
    })
}

/// Does one exchange. `order` has lines: method, URL, the addresses that may be dialled with commas
/// between, the URL of a proxy or nothing, its authorization or nothing, then `name:value` for each
/// field. `has_body` says that `body` is sent; `upload` is the handle of a body that comes in pieces,
/// or 0. Times are milliseconds.
///
/// `way` is 0: head and body come in the completion; 1: the body is put under the handle `held`, and
/// the completion has its length; 2: the head is the stream's first piece, the body the others, and the
/// completion is empty or a fault.
///
/// @bytes body
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_submit_exchange(
    ring: f64,
    op: u32,
    handle: f64,
    order: *const u8,
    order_len: u32,
    body: *const u8,
    body_len: u32,
    has_body: u32,
    upload: f64,
    way: u32,
    held: f64,
    connect_ms: f64,
    first_byte_ms: f64,
    body_ms: f64,
    total_ms: f64,
    max_body: f64,
    max_head: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let limits = Limits {
            connect: milliseconds("connect_ms", connect_ms)?,
            first_byte: milliseconds("first_byte_ms", first_byte_ms)?,
            body: milliseconds("body_ms", body_ms)?,
            total: milliseconds("total_ms", total_ms)?,
            max_body: max_body as u64,
            max_head: max_head as usize,
        };
        let client = handles::with(handle, |held: &Held| held.0.clone())?;
        let held = match way {
            1 => Some(handles::get::<Body>(held)?),
            0 | 2 => None,
            odd => return Err(Failure::invalid(format!("way cannot be {odd}"))),
        };
        let order = ring::copy_input(ring, call.bytes(order, order_len)?)?;
        let mut payload = payload(call.bytes(body, body_len)?, has_body != 0)?;
        let (task, completer) = ring::submit_elsewhere(ring, op, body_len as usize)?;
        // Not before the operation has its place: a stream can be taken once only.
        if upload != 0.0 {
            let taken = handles::with(upload, Upload::take)?;
            let taken = taken.ok_or_else(|| Failure::invalid("The upload was sent before"))?;
            payload = Payload::Stream(taken);
        }
        let way = match held {
            Some(held) => Way::Hold(held),
            None if way == 0 => Way::Whole,
            None => Way::Stream(task.clone()),
        };
        start(Exchange {
            client,
            order,
            limits,
            payload,
            way,
            task,
            completer,
        })
    })
}

fn payload(body: &[u8], has_body: bool) -> Result<Payload, Failure> {
    Ok(if has_body {
        Payload::Full(copy(body)?.into())
    } else {
        Payload::Empty
    })
}

/// Copies the body that an exchange set apart under this number (flag 4: it follows the head in the
/// body's place) to where it stays, and forgets it: its length, or a negative status.
///
/// @raw
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_fetch(
    handle: f64,
    id: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let client = handles::with(handle, |held: &Held| held.0.clone())?;
        let body = client.fetch(id);
        let body = body.ok_or_else(|| Failure::invalid(format!("There is no body {id}")))?;
        out.write(&body);
        client.reuse(body);
        Ok(())
    })
}

/// A place for a body that stays in native memory.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_held(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || Ok(Arc::new(Body::default())))
}

/// A request's body that comes in pieces.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_upload(out: *mut u8, out_cap: u32) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || Ok(Arc::new(Upload::default())))
}

/// Gives an upload its next piece, or with `last` its end; completes when there was room for it. The
/// payload is one byte where it was taken, none where the exchange is over.
///
/// @bytes piece
/// @flag last
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_http_submit_push(
    ring: f64,
    op: u32,
    upload: f64,
    piece: *const u8,
    piece_len: u32,
    last: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let piece = copy(call.bytes(piece, piece_len)?)?;
        let upload = handles::get::<Upload>(upload)?;
        ring::submit_io(ring, op, piece.len(), move |_| async move {
            let taken = if last != 0 {
                upload.end().await
            } else {
                upload.push(piece).await
            };
            Ok(vec![1; usize::from(taken)])
        })
    })
}

/// Breaks an upload off, and its exchange with it: 0, or a negative status.
#[unsafe(no_mangle)]
pub extern "C" fn agent_core_http_abort(upload: f64) -> i32 {
    guard_number(|| {
        handles::with(upload, Upload::abort)?;
        Ok(0)
    })
}

/// A time of 0 or more; what is longer than a year is one.
fn milliseconds(name: &str, value: f64) -> Result<Duration, Failure> {
    const YEAR: f64 = 366.0 * 86_400_000.0;
    if value >= 0.0 {
        Ok(Duration::from_secs_f64(value.min(YEAR) / 1e3))
    } else {
        Err(Failure::invalid(format!("{name} cannot be {value}")))
    }
}
