//! Exports `agent_core_markdown_*`: HTML pages to Markdown. Texts are UTF-8; `main` is 0 for all of a page
//! and else for its main content; the base address is "" or absolute, as the TypeScript side checks.

use agent_ffi::{Failure, Status, guard_status, input, ring};

use crate::markdown::{self, Error, MAX_NODES, MAX_UNITS, Request};
use crate::text::packed::{Packed, utf16_len};
use crate::text::{Control, Uncontrolled};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let too_large = |message: String, what: &str, limit: usize| {
            Failure::new(Status::TooLarge, message)
                .field("what", what)
                .field("size", limit + 1)
                .field("limit", limit)
        };
        match error {
            Error::Cancelled => Failure::new(Status::Cancelled, "The operation was cancelled"),
            Error::TooMany => too_large(
                format!(
                    "The page has more than {MAX_NODES} elements, texts or attributes; split it"
                ),
                "elements",
                MAX_NODES,
            ),
            Error::TooLong => too_large(
                format!("The Markdown is over {MAX_UNITS} characters; split the page"),
                "Markdown",
                MAX_UNITS,
            ),
            Error::OutOfMemory => Failure::new(
                Status::OutOfMemory,
                "Memory for the Markdown could not be had",
            ),
        }
    }
}

/// An operation of the ring, as the conversion sees it.
struct Watched<'t>(&'t ring::Task);

impl Control for Watched<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn progress(&self, done: usize, total: usize) {
        self.0.progress(done as u32, total as u32);
    }
}

/// Text as `input::text` gives it, checked with vectors.
///
/// # Safety
/// As for `input::bytes`.
unsafe fn checked<'a>(bytes: *const u8, len: u32) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { input::bytes(bytes, len)? };
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        Failure::new(
            Status::InvalidArgument,
            format!("The text is not UTF-8: {error}"),
        )
        .field("offset", error.valid_up_to())
    })
}

/// Converts a page. Result: the Markdown, UTF-8. TOO_LARGE if the page or the Markdown is over its bound.
///
/// # Safety
/// `html` points at `html_len` and `base` at `base_len` readable bytes, `out` at `out_cap` writable bytes.
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
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let html = checked(html, html_len)?;
            let request = Request {
                main: main != 0,
                base_url: checked(base, base_len)?,
            };
            let text = markdown::convert(html, request, &Uncontrolled)?;
            out.write(text.as_bytes());
            Ok(())
        })
    }
}

/// Converts many packed pages (one `"\n"` between two, lengths in UTF-16 units) on the pool. Payload: the
/// length of each Markdown in UTF-16 units (u32), then the UTF-8 of all with one `"\n"` between two.
/// Progress: pages done, pages in all. TOO_LARGE also if all of it is over 2 GiB.
///
/// # Safety
/// `pages` points at `pages_len` and `base` at `base_len` readable bytes, `lengths` at `lengths_count`
/// readable numbers, `out` at `out_cap` writable bytes.
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
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let pages = checked(pages, pages_len)?;
            let lengths = input::u32s(lengths, lengths_count)?;
            // Wrong lengths are refused now rather than by a completion.
            Packed::new(pages, lengths)?;
            let (pages, lengths) = (copy(pages.as_bytes())?, copy(lengths)?);
            let base = copy(checked(base, base_len)?.as_bytes())?;
            let size = pages.len() + 4 * lengths.len() + base.len();
            ring::submit_cpu(ring, op, size, move |task| {
                let text = |bytes| {
                    std::str::from_utf8(bytes).map_err(|_| {
                        Failure::new(Status::InvalidArgument, "The pages are not UTF-8")
                    })
                };
                let pages = Packed::new(text(&pages)?, &lengths)?;
                let request = Request {
                    main: main != 0,
                    base_url: text(&base)?,
                };
                let texts = markdown::convert_many(&pages, request, &Watched(task))?;
                payload(&texts)
            })
        })
    }
}

fn copy<T: Copy>(items: &[T]) -> Result<Vec<T>, Failure> {
    let mut owned = Vec::new();
    owned.try_reserve_exact(items.len())?;
    owned.extend_from_slice(items);
    Ok(owned)
}

fn payload(texts: &[String]) -> Result<Vec<u8>, Failure> {
    const LIMIT: usize = i32::MAX as usize;
    let size = texts.iter().map(|text| text.len() + 5).sum();
    if size > LIMIT {
        return Err(crate::text::Error::TooLarge { size, limit: LIMIT }.into());
    }
    let mut payload = Vec::new();
    payload.try_reserve_exact(size)?;
    for text in texts {
        payload.extend_from_slice(&utf16_len(text).to_le_bytes());
    }
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            payload.push(b'\n');
        }
        payload.extend_from_slice(text.as_bytes());
    }
    Ok(payload)
}
