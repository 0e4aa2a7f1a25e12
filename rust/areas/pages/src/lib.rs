//! AGENT's way from a fetched page to Markdown: bytes are decoded by their charset, the head is read, the content
//! converted and its tokens counted, with nothing of it on the JavaScript heap. A pipeline over the crates of
//! Markdown and tokens. Twin: `src/http/pages/pure.ts`, which says what comes out.
#![forbid(unsafe_code)]

mod charset;
mod convert;
mod head;

#[cfg(test)]
mod tests;

pub use convert::{Error, Kind, Page, Request, convert};
