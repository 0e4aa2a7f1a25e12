//! What goes back to JavaScript. Its reader is `src/containers/engine/native/wire.ts`.

use hyper::{HeaderMap, StatusCode};

use crate::fault::Fault;

/// A detail is for a person; more of it helps nobody.
const DETAIL: usize = 500;

/// The head of an answer: its status as 32 bits, little endian, then a line `name:value` for each field.
pub(crate) fn head(status: StatusCode, fields: &HeaderMap) -> Vec<u8> {
    let mut payload = u32::from(status.as_u16()).to_le_bytes().to_vec();
    for (name, value) in fields {
        payload.extend_from_slice(name.as_str().as_bytes());
        payload.push(b':');
        payload.extend_from_slice(value.as_bytes());
        payload.push(b'\n');
    }
    payload
}

/// A fault: its kind as 32 bits, little endian, then the detail.
pub(crate) fn fault(fault: &Fault) -> Vec<u8> {
    let mut payload = (fault.kind as u32).to_le_bytes().to_vec();
    let detail: String = fault.detail.chars().take(DETAIL).collect();
    payload.extend_from_slice(detail.as_bytes());
    payload
}
