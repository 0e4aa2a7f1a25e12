//! The exports of the cache: `agent_core_cache_*`.
//!
//! A handle is one isolate's view of a cache. Keys are UTF-8; times are milliseconds, infinity for
//! ever. An entry is named by its slot and its version; what an isolate keeps of it is good for as
//! long as `agent_core_cache_touch` says so.

mod entries;
mod file;
mod hot;
mod leases;
mod many;
mod tags;
mod upkeep;

use agent_cache::{Codec, Found, Life, Mismatch, Options, Placed, open};
use agent_ffi::{Call, Failure, Out, handles};

use hot::Held;

const NOTHING: f64 = 0.0;

fn odd(name: &str, value: impl std::fmt::Display) -> Failure {
    Failure::invalid(format!("{name} cannot be {value}"))
}

/// A duration in milliseconds, over 0.
fn ttl(name: &str, value: f64) -> Result<f64, Failure> {
    if value > 0.0 {
        Ok(value)
    } else {
        Err(odd(name, value))
    }
}

/// A duration in milliseconds, 0 or more.
fn grace(value: f64) -> Result<f64, Failure> {
    if value >= 0.0 {
        Ok(value)
    } else {
        Err(odd("grace_ms", value))
    }
}

/// A life from its times. A negative `ttl_ms` is that of an entry that is not there, or has expired: one
/// that is there keeps its end and its grace.
fn life(ttl_ms: f64, grace_ms: f64) -> Result<Life, Failure> {
    let life = Life::new(ttl("ttl_ms", ttl_ms.abs())?, grace(grace_ms)?);
    Ok(if ttl_ms < 0.0 {
        life.unless_there()
    } else {
        life
    })
}

fn place(out: &mut Out<'_>, placed: Placed) {
    out.write_f64(placed.version as f64);
    out.write_u32(placed.slot);
}

/// Writes version, slot, length and value of an entry.
fn entry(out: &mut Out<'_>, found: &Found<'_>) {
    place(out, found.placed);
    out.write_u32(found.value.len() as u32);
    out.write(found.value);
}

/// Opens a view of the cache that `name` (UTF-8; empty for a private cache) means for the process,
/// making the cache if there is none. `codec` is 0 text, 1 bytes, 2 JSON; `max_entries` is 1 to
/// 2^31 - 1; `max_bytes` is infinity for no bound; the times are the users' defaults.
///
/// Writes six numbers (f64): the handle, 0 if the name exists with other options; and the codec,
/// `max_entries`, `max_bytes`, `ttl_ms` and `grace_ms` of the cache. The handle is freed with
/// `agent_ffi_handle_close`.
///
/// @result f64s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_open(
    name: *const u8,
    name_len: u32,
    codec: u32,
    max_entries: f64,
    max_bytes: f64,
    ttl_ms: f64,
    grace_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        if out.capacity() < 48 {
            return Err(odd("out_cap", out.capacity()));
        }
        let name = call.text(name, name_len)?;
        let options = Options {
            codec: match codec {
                0 => Codec::Text,
                1 => Codec::Bytes,
                2 => Codec::Json,
                _ => return Err(odd("codec", codec)),
            },
            max_entries: match max_entries {
                1.0..=2_147_483_647.0 => max_entries as u32,
                _ => return Err(odd("max_entries", max_entries)),
            },
            max_bytes: if max_bytes >= 1.0 {
                max_bytes as u64
            } else {
                return Err(odd("max_bytes", max_bytes));
            },
            ttl_ms: ttl("ttl_ms", ttl_ms)?,
            grace_ms: grace(grace_ms)?,
        };
        let (handle, options) = match open((!name.is_empty()).then_some(name), options) {
            Ok(view) => (handles::insert(Held(view))?, options),
            Err(Mismatch { existing }) => (NOTHING, existing),
        };
        out.write_f64(handle);
        out.write_f64(f64::from(options.codec as u8));
        out.write_f64(f64::from(options.max_entries));
        out.write_f64(match options.max_bytes {
            u64::MAX => f64::INFINITY,
            bytes => bytes as f64,
        });
        out.write_f64(options.ttl_ms);
        out.write_f64(options.grace_ms);
        Ok(())
    })
}
