//! Exports `agent_core_tokens_*`: vocabularies of language models.
//!
//! A vocabulary is loaded once in a process (`submit_load`) and then opened by each isolate (`open`); its
//! tables stay for the life of the process. Texts are UTF-8; numbers in results are little endian.

use agent_ffi::{Failure, Status, guard_status, guard_value, handles, input, ring};

use crate::text::Control;
use crate::text::packed::Packed;
use crate::tokens::{self, FileError, Vocabulary};

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Wrong(what) => Failure::new(
                Status::Corrupt,
                format!("The vocabulary cannot be used: {what}"),
            )
            .field("path", "vocabulary"),
            FileError::OutOfMemory => Failure::new(
                Status::OutOfMemory,
                "Memory for the vocabulary could not be had",
            ),
        }
    }
}

/// An operation of the ring, as the counting sees it.
struct Watched<'t>(&'t ring::Task);

impl Control for Watched<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn progress(&self, done: usize, total: usize) {
        self.0.progress(done as u32, total as u32);
    }
}

/// Builds a vocabulary from its file, on the pool, and keeps it for the process under the name that the
/// file says. An empty payload when it is there. CORRUPT if the file is not what it should be.
///
/// # Safety
/// `file` points at `file_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_submit_load(
    ring: f64,
    op: u32,
    file: *const u8,
    file_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let file = copy(input::bytes(file, file_len)?)?;
            ring::submit_cpu(ring, op, file.len(), move |_| {
                tokens::register(Vocabulary::new(&file)?);
                Ok(Vec::new())
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

/// Opens a vocabulary of the process by its name. Result: the handle (f64). NOT_FOUND if no isolate has
/// loaded it yet. The caller closes the handle with `agent_ffi_handle_close`.
///
/// # Safety
/// `name` points at `name_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_open(
    name: *const u8,
    name_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let name = input::text(name, name_len)?;
            let Some(vocabulary) = tokens::find(name) else {
                return Err(Failure::new(
                    Status::NotFound,
                    format!("No vocabulary {name} is loaded"),
                )
                .field("what", name));
            };
            out.write_f64(handles::insert_shared(vocabulary)?);
            Ok(())
        })
    }
}

/// How many tokens a text has: the number, or a negative status.
///
/// # Safety
/// `text` points at `text_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_count(
    handle: f64,
    text: *const u8,
    text_len: u32,
) -> f64 {
    let count = || -> Result<f64, Failure> {
        // SAFETY: passed on to the caller.
        let text = unsafe { input::text(text, text_len)? };
        handles::with(handle, |vocabulary: &Vocabulary| {
            vocabulary.count(text) as f64
        })
    };
    guard_value(f64::from(Status::Panic as i32), || {
        count().unwrap_or_else(|failure| f64::from(failure.status() as i32))
    })
}

/// The tokens of a text. Result: one u32 each.
///
/// # Safety
/// `text` points at `text_len` readable and `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_encode(
    handle: f64,
    text: *const u8,
    text_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let text = input::text(text, text_len)?;
            let tokens = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.encode(text))?;
            out.write(&to_bytes(&tokens)?);
            Ok(())
        })
    }
}

/// Where each token of a text ends. Result: one u32 each: how many UTF-16 units of whole characters end
/// with the token or before it, and in the highest bit whether the token is the last of its piece.
///
/// # Safety
/// As for `agent_core_tokens_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_spans(
    handle: f64,
    text: *const u8,
    text_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let text = input::text(text, text_len)?;
            let spans = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.spans(text))?;
            out.write(&to_bytes(&spans)?);
            Ok(())
        })
    }
}

/// The bytes that tokens stand for, one behind the other; they need not be UTF-8. INVALID_ARGUMENT with
/// the field `index` if the vocabulary has no such token.
///
/// # Safety
/// `tokens` points at `tokens_count` readable numbers, `out` at `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_decode(
    handle: f64,
    tokens: *const u32,
    tokens_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |out| {
            let tokens = input::u32s(tokens, tokens_count)?;
            let bytes = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.decode(tokens))?
                .map_err(|index| {
                    let message =
                        format!("tokens[{index}] is {}, which is no token", tokens[index]);
                    Failure::new(Status::InvalidArgument, message).field("index", index)
                })?;
            out.write(&bytes);
            Ok(())
        })
    }
}

fn to_bytes(numbers: &[u32]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(4 * numbers.len())?;
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    Ok(bytes)
}

/// Counts the tokens of many packed texts (UTF-8, one `"\n"` between two, lengths in UTF-16 units) on the
/// pool. Payload: one u32 each. Progress: texts done, texts in all.
///
/// # Safety
/// `texts` points at `texts_len` readable bytes, `lengths` at `lengths_count` readable numbers, `out` at
/// `out_cap` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_submit_count_many(
    ring: f64,
    op: u32,
    handle: f64,
    texts: *const u8,
    texts_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe {
        guard_status(out, out_cap, |_| {
            let vocabulary = handles::get::<Vocabulary>(handle)?;
            // Text that is not UTF-8 and wrong lengths are refused now rather than by a completion.
            let text = input::text(texts, texts_len)?;
            let lengths = input::u32s(lengths, lengths_count)?;
            Packed::new(text, lengths)?;
            let (text, lengths) = (copy(text.as_bytes())?, copy(lengths)?);
            let size = text.len() + 4 * lengths.len();
            ring::submit_cpu(ring, op, size, move |task| {
                let text = std::str::from_utf8(&text).map_err(|_| {
                    Failure::new(Status::InvalidArgument, "The texts are not UTF-8")
                })?;
                let texts = Packed::new(text, &lengths)?;
                to_bytes(&tokens::count_many(&vocabulary, &texts, &Watched(task))?)
            })
        })
    }
}
