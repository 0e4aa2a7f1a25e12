//! What goes back to JavaScript: a record of four numbers, then bytes. Its reader is
//! `src/http/transport/native/wire.ts`.

use agent_ffi::Failure;
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::fault::Fault;

/// The record: status (0 says that it is a fault), length of the head, flags, length of what follows the head. Of a
/// fault: 0, kind, whether it is unsent, length of the detail.
pub(crate) const RECORD: usize = 16;
/// All of the head is ASCII.
const ASCII: u32 = 1;
/// There can be no body.
const BODILESS: u32 = 2;
/// The body is not here: its number is.
const APART: u32 = 4;
/// How long that is.
pub(crate) const ID: usize = 4;
/// A detail is for a person; more of it helps nobody.
const DETAIL: usize = 500;

/// Begins a payload with a response's head: a line `name:value` for each field. `room` is for what will follow.
pub(crate) fn head(
    status: u16,
    fields: &HeaderMap,
    decoded: bool,
    bodiless: bool,
    room: usize,
) -> Result<Vec<u8>, Failure> {
    let kept = || {
        fields
            .iter()
            .filter(|(name, _)| !(decoded && [CONTENT_ENCODING, CONTENT_LENGTH].contains(name)))
    };
    let length: usize = kept()
        .map(|(name, value)| name.as_str().len() + value.len() + 2)
        .sum();
    let mut payload = agent_ffi::payload(RECORD + length + room)?;
    payload.resize(RECORD, 0);
    let mut ascii = true;
    for (name, value) in kept() {
        payload.extend_from_slice(name.as_str().as_bytes());
        payload.push(b':');
        payload.extend_from_slice(value.as_bytes());
        payload.push(b'\n');
        ascii &= value.as_bytes().is_ascii();
    }
    let flags = u32::from(ascii) * ASCII + u32::from(bodiless) * BODILESS;
    set(&mut payload, 0, status.into());
    set(&mut payload, 1, length as u32);
    set(&mut payload, 2, flags);
    Ok(payload)
}

/// Says how much follows the head.
pub(crate) fn set_body_length(payload: &mut [u8], length: usize) {
    set(payload, 3, length as u32);
}

/// Says that the body is fetched by its number, which is all that follows the head.
pub(crate) fn set_apart(payload: &mut Vec<u8>, id: u32) {
    if let Some(flags) = payload.get_mut(8) {
        *flags |= APART as u8;
    }
    payload.extend_from_slice(&id.to_le_bytes());
}

/// A fault.
pub(crate) fn fault(fault: &Fault) -> Vec<u8> {
    let detail: String = fault.detail.chars().take(DETAIL).collect();
    let mut payload = vec![0; RECORD];
    set(&mut payload, 1, fault.kind as u32);
    set(&mut payload, 2, fault.unsent.into());
    set(&mut payload, 3, detail.len() as u32);
    payload.extend_from_slice(detail.as_bytes());
    payload
}

fn set(payload: &mut [u8], place: usize, number: u32) {
    if let Some(target) = payload.get_mut(4 * place..4 * place + 4) {
        target.copy_from_slice(&number.to_le_bytes());
    }
}
