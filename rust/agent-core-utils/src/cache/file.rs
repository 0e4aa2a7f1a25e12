//! The exports of snapshots: `agent_core_cache_export` and `_import`. They move pages of entries (src/cache/page.ts
//! says what those are) between a cache and a buffer; files are JavaScript's.

use agent_ffi::{Call, handles};

use super::hot::Held;
use super::odd;

/// Writes entries that have not expired as a page: first where to go on from and where the entries end
/// (both u32; equal at the end), then the page. `from` is 0 and `end` all ones at first; later both are
/// what was written. The time that entries have left counts from `origin_ms` of
/// `agent_core_cache_clock`. The page is as long as fits into `out`, and longer only if its first entry is.
///
/// @raw
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_export(
    handle: f64,
    from: u32,
    end: u32,
    origin_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let room = out.capacity().saturating_sub(8);
        let (page, next, end) = handles::with(handle, |view: &Held| {
            let end = end.min(view.cache().end());
            let exported = view.cache().export(from, end, origin_ms, room);
            exported.map(|(page, next)| (page, next, end))
        })??;
        out.write_u32(next);
        out.write_u32(end);
        page.each(|part| out.write(part));
        Ok(())
    })
}

/// Stores the entries of a page that was written `elapsed_ms` ago, within the bounds of the cache and
/// over those of the same keys. Writes how many were stored and how many had expired (both u32).
///
/// @bytes page
/// @result u32s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_cache_import(
    handle: f64,
    page: *const u8,
    page_len: u32,
    elapsed_ms: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let page = call.bytes(page, page_len)?;
        let elapsed = if elapsed_ms >= 0.0 { elapsed_ms } else { 0.0 };
        let imported = handles::with(handle, |view: &Held| view.cache().import(page, elapsed))??;
        let imported = imported.ok_or_else(|| odd("a page", "cut short"))?;
        out.write_u32(imported.entries);
        out.write_u32(imported.expired);
        Ok(())
    })
}
