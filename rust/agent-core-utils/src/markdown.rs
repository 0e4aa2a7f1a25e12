//! Exports `agent_core_markdown_*`: HTML pages to Markdown. Texts are UTF-8; `main` is 0 for all of a page
//! and else for its main content; the base address is "" or absolute, as the TypeScript side checks.

use agent_ffi::{Call, Columns, Failure, payload, ring};
use agent_markdown::{Error, MAX_NODES, MAX_UNITS, Request, convert, convert_many};
use agent_shared::{Uncontrolled, utf16_len};

pub(crate) fn failure(error: Error) -> Failure {
    let too_large = |message: String, what: &str, limit: usize| {
        Failure::too_large(message, what, limit + 1, limit)
    };
    match error {
        Error::Cancelled => agent_shared::Error::Cancelled.into(),
        Error::TooMany => too_large(
            format!("The page has more than {MAX_NODES} elements, texts or attributes; split it"),
            "elements",
            MAX_NODES,
        ),
        Error::TooLong => too_large(
            format!("The Markdown is over {MAX_UNITS} characters; split the page"),
            "Markdown",
            MAX_UNITS,
        ),
        Error::OutOfMemory => Failure::out_of_memory("Markdown"),
    }
}

/// Converts a page. Result: the Markdown, UTF-8. TOO_LARGE if the page or the Markdown is over its bound.
///
/// @flag main
/// @result text
/// @expect html_len
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_markdown_convert(
    html: *const u8,
    html_len: u32,
    base: *const u8,
    base_len: u32,
    main: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let html = call.text(html, html_len)?;
        let request = Request {
            main: main != 0,
            base_url: call.text(base, base_len)?,
        };
        let text = convert(html, request, &Uncontrolled).map_err(failure)?;
        out.write(text.as_bytes());
        Ok(())
    })
}

/// Converts many packed pages (one `"\n"` between two, lengths in UTF-16 units) on the pool. Payload: the
/// length of each Markdown in UTF-16 units (u32), then the UTF-8 of all with one `"\n"` between two.
/// Progress: pages done, pages in all. TOO_LARGE also if all of it is over 2 GiB.
///
/// @flag main
/// @result strings
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_markdown_submit_convert_many(
    ring: f64,
    op: u32,
    pages: *const u8,
    pages_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    base: *const u8,
    base_len: u32,
    main: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let pages = call.owned_strings(pages, pages_len, lengths, lengths_count)?;
        let base = call.text(base, base_len)?.to_owned();
        ring::submit_cpu(ring, op, pages.bytes() + base.len(), move |task| {
            let request = Request {
                main: main != 0,
                base_url: &base,
            };
            let texts = convert_many(&pages.packed()?, request, task).map_err(failure)?;
            let mut payload = payload(texts.iter().map(|text| text.len() + 5).sum())?;
            payload.u32s(texts.iter().map(|text| utf16_len(text)));
            payload.joined(texts.iter().map(String::as_str));
            Ok(payload)
        })
    })
}
