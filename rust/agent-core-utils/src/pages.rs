//! Exports `agent_core_pages_*`: a fetched body to Markdown, its links and tokens, in one operation. Kinds are
//! numbered 0 HTML, 1 text, 2 JSON, 3 unknown; `main` is 0 for all of a page and else for its main content.
//!
//! Payload: how many tokens the Markdown has (u32); the lengths in bytes (u32) of charset, title, og:title,
//! description, language, Markdown and links (with `"\n"` between two); then the UTF-8 of these seven.

use std::sync::Arc;

use agent_ffi::ring::Task;
use agent_ffi::{Call, Columns, Failure, Status, copy, handles, payload, ring};
use agent_http::Body;
use agent_pages::{Kind, Page, Request, convert};
use agent_tokens::Vocabulary;

use crate::markdown::failure;

fn kind_of(kind: u32) -> Result<Kind, Failure> {
    match kind {
        0 => Ok(Kind::Html),
        1 => Ok(Kind::Text),
        2 => Ok(Kind::Json),
        3 => Ok(Kind::Unknown),
        _ => Err(Failure::invalid(format!("{kind} is no kind of body"))),
    }
}

/// What is asked for, but for the body.
struct Asked {
    vocabulary: Arc<Vocabulary>,
    kind: Kind,
    label: String,
    url: String,
    main: bool,
}

impl Asked {
    fn new(vocabulary: f64, kind: u32, label: &str, url: &str, main: u32) -> Result<Self, Failure> {
        Ok(Self {
            vocabulary: handles::get(vocabulary)?,
            kind: kind_of(kind)?,
            label: label.to_owned(),
            url: url.to_owned(),
            main: main != 0,
        })
    }

    fn convert(&self, body: &[u8], task: &Task) -> Result<Vec<u8>, Failure> {
        let request = Request {
            kind: self.kind,
            label: &self.label,
            url: &self.url,
            main: self.main,
        };
        answer(&convert(body, request, &self.vocabulary, task).map_err(failure)?)
    }
}

fn answer(page: &Page) -> Result<Vec<u8>, Failure> {
    let texts = [
        &page.charset,
        &page.title,
        &page.og_title,
        &page.description,
        &page.language,
        &page.markdown,
        &page.links,
    ];
    let size = texts.iter().map(|text| text.len() + 4).sum::<usize>() + 4;
    let mut payload = payload(size)?;
    let tokens = [u32::try_from(page.tokens).unwrap_or(u32::MAX)];
    payload.u32s(tokens.into_iter());
    // A payload has less than 2^32 bytes.
    payload.u32s(texts.iter().map(|text| text.len() as u32));
    for text in texts {
        payload.bytes(text.as_bytes());
    }
    Ok(payload)
}

/// Converts a body on the pool; `vocabulary` is a handle of `agent_core_tokens_open`. Payload: the page. TOO_LARGE if
/// the page or the Markdown is over its bound.
///
/// @bytes body
/// @flag main
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_pages_submit_convert(
    ring: f64,
    op: u32,
    body: *const u8,
    body_len: u32,
    kind: u32,
    label: *const u8,
    label_len: u32,
    url: *const u8,
    url_len: u32,
    main: u32,
    vocabulary: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let (label, url) = (call.text(label, label_len)?, call.text(url, url_len)?);
        let asked = Asked::new(vocabulary, kind, label, url, main)?;
        let body = copy(call.bytes(body, body_len)?)?;
        ring::submit_cpu(ring, op, body.len(), move |task| asked.convert(&body, task))
    })
}

/// The same with a body that stayed in native memory: `held` is the handle of one, which is empty from then on.
/// NOT_FOUND if it is empty already.
///
/// @flag main
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_pages_submit_convert_held(
    ring: f64,
    op: u32,
    held: f64,
    kind: u32,
    label: *const u8,
    label_len: u32,
    url: *const u8,
    url_len: u32,
    main: u32,
    vocabulary: f64,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let (label, url) = (call.text(label, label_len)?, call.text(url, url_len)?);
        let asked = Asked::new(vocabulary, kind, label, url, main)?;
        let held = handles::get::<Body>(held)?;
        // Where the ring is full the call comes again, so the bytes stay until the work begins.
        ring::submit_cpu(ring, op, held.len(), move |task| {
            let body = held.take().ok_or_else(|| {
                Failure::new(Status::NotFound, "The body was taken already").field("what", "body")
            })?;
            asked.convert(&body, task)
        })
    })
}
