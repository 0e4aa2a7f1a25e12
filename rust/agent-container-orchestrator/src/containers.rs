//! The exports of containers. Common ones (`agent_ffi_*`) come from the toolkit crate.

use std::sync::Arc;

use agent_containers::{Engine, Order, Settings, Upload, exchange};
use agent_ffi::{Call, Failure, copy, guard_number, handles, ring};

/// An engine with its connections; nothing is connected before the first exchange. `settings` is JSON:
/// `path` of a socket, or `addresses` and `port`; `authority`, the value of the field `host`; `tls`,
/// null or `name`, `builtIn`, `usual`, `ca`, `cert`, `key`; `connectMs`; `mostIdle`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_containers_engine(
    settings: *const u8,
    settings_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let settings = Settings::parse(call.text(settings, settings_len)?)?;
        Ok(Arc::new(Engine::new(settings)?))
    })
}

/// Does one exchange. `order` has lines: method, target, then `name:value` for each field. `has_body`
/// says that `body` is sent; `upload` is the handle of what comes in pieces, or 0: the request's body,
/// or, with `upgrade`, what is written to the connection once it is upgraded.
///
/// The stream's first piece is the head: the status as 32 bits, little endian, then a line `name:value`
/// for each field. The other pieces are the body. The completion is empty, or a fault: its kind as 32
/// bits, then its detail.
///
/// @bytes body
/// @flag has_body
/// @flag upgrade
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_containers_submit_exchange(
    ring: f64,
    op: u32,
    engine: f64,
    order: *const u8,
    order_len: u32,
    body: *const u8,
    body_len: u32,
    has_body: u32,
    upload: f64,
    upgrade: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let engine = handles::get::<Engine>(engine)?;
        let order = Order::read(call.text(order, order_len)?)?;
        let bytes = call.bytes(body, body_len)?;
        let body = (has_body != 0).then(|| copy(bytes)).transpose()?;
        let upload = match upload {
            0.0 => None,
            upload => Some(handles::get::<Upload>(upload)?),
        };
        ring::submit_io(ring, op, body_len as usize, move |task| async move {
            // Not before the operation has its place: what comes in can be taken once only.
            let upload = match upload {
                None => None,
                Some(upload) => Some(
                    upload
                        .take()
                        .ok_or_else(|| Failure::invalid("The upload was sent before"))?,
                ),
            };
            exchange(engine, order, body, upload, upgrade != 0, task).await
        })
    })
}

/// A place for what comes in pieces.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_containers_upload(out: *mut u8, out_cap: u32) -> i32 {
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
pub unsafe extern "C" fn agent_containers_submit_push(
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
pub extern "C" fn agent_containers_abort(upload: f64) -> i32 {
    guard_number(|| {
        handles::with(upload, Upload::abort)?;
        Ok(0)
    })
}

/// The digest of the headers that this library was built with, by which a caller knows that its own
/// tables were made from the same.
#[unsafe(no_mangle)]
pub extern "C" fn agent_containers_digest() -> u32 {
    crate::digest::DIGEST
}
