//! Tokens of language models: byte-pair encoding, exactly as the reference tokenizer does it.
//!
//! A text is cut into pieces ([`scan`]: letters, digits, punctuation, blanks), and each piece is either a
//! token or is merged from its bytes, lowest rank first ([`merge`]). Time is linear in the text whatever
//! it holds. Twin: `src/text/tokens/`, with the same tables over the same file (`data/README.md`).
#![forbid(unsafe_code)]

mod file;
mod many;
mod merge;
mod scan;
mod spans;
mod table_scan;
mod tables;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use file::FileError;
pub use many::count_many;
pub use vocabulary::{Vocabulary, find, register};
