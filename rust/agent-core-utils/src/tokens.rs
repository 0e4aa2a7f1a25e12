//! Exports `agent_core_tokens_*`: vocabularies of language models.
//!
//! A vocabulary is loaded once in a process (`submit_load`) and then opened by each isolate (`open`); its
//! tables stay for the life of the process. Texts are UTF-8; numbers in results are little endian.

use agent_ffi::{Call, Columns, Failure, Status, copy, guard_number, handles, payload, ring};
use agent_tokens::{FileError, Vocabulary};

fn unusable(error: FileError) -> Failure {
    match error {
        FileError::Wrong(what) => Failure::new(
            Status::Corrupt,
            format!("The vocabulary cannot be used: {what}"),
        )
        .field("path", "vocabulary"),
        FileError::OutOfMemory => Failure::out_of_memory("vocabulary"),
    }
}

/// Builds a vocabulary from its file, on the pool, and keeps it for the process under the name that the
/// file says. An empty payload when it is there. CORRUPT if the file is not what it should be.
///
/// @bytes file
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_submit_load(
    ring: f64,
    op: u32,
    file: *const u8,
    file_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let file = copy(call.bytes(file, file_len)?)?;
        ring::submit_cpu(ring, op, file.len(), move |_| {
            agent_tokens::register(Vocabulary::new(&file).map_err(unusable)?);
            Ok(Vec::new())
        })
    })
}

/// Opens a vocabulary of the process by its name. Result: the handle (f64). NOT_FOUND if no isolate has
/// loaded it yet. The caller closes the handle with `agent_ffi_handle_close`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_open(
    name: *const u8,
    name_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let name = call.text(name, name_len)?;
        agent_tokens::find(name).ok_or_else(|| {
            let message = format!("No vocabulary {name} is loaded");
            Failure::new(Status::NotFound, message).field("what", name)
        })
    })
}

/// How many tokens a text has: the number, or a negative status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_count(
    handle: f64,
    text: *const u8,
    text_len: u32,
) -> f64 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    guard_number(|| {
        let text = call.text(text, text_len)?;
        handles::with(handle, |vocabulary: &Vocabulary| {
            vocabulary.count(text) as f64
        })
    })
}

/// The tokens of a text. Result: one u32 each.
///
/// @result u32s
/// @expect 2 * text_len + 64
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_encode(
    handle: f64,
    text: *const u8,
    text_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let text = call.text(text, text_len)?;
        let tokens = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.encode(text))?;
        out.u32s(tokens.into_iter());
        Ok(())
    })
}

/// Where each token of a text ends. Result: one u32 each: how many UTF-16 units of whole characters end
/// with the token or before it, and in the highest bit whether the token is the last of its piece.
///
/// @result u32s
/// @expect 2 * text_len + 64
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_spans(
    handle: f64,
    text: *const u8,
    text_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let text = call.text(text, text_len)?;
        let spans = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.spans(text))?;
        out.u32s(spans.into_iter());
        Ok(())
    })
}

/// How many tokens a text has, and how many UTF-16 units of whole characters the first `most` of them
/// cover. Result: both numbers (u32).
///
/// @count most
/// @result u32s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_prefix(
    handle: f64,
    text: *const u8,
    text_len: u32,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let text = call.text(text, text_len)?;
        let prefix = |vocabulary: &Vocabulary| vocabulary.prefix(text, most as usize);
        let (tokens, units) = handles::with(handle, prefix)?;
        out.u32s([tokens, units].into_iter());
        Ok(())
    })
}

/// The bytes that tokens stand for, one behind the other; they need not be UTF-8. INVALID_ARGUMENT with
/// the field `index` if the vocabulary has no such token.
///
/// @result view
/// @expect 8 * tokens_count
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_tokens_decode(
    handle: f64,
    tokens: *const u32,
    tokens_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let tokens = call.u32s(tokens, tokens_count)?;
        let bytes = handles::with(handle, |vocabulary: &Vocabulary| vocabulary.decode(tokens))?
            .map_err(|index| {
                let message = format!("tokens[{index}] is {}, which is no token", tokens[index]);
                Failure::invalid(message).field("index", index)
            })?;
        out.write(&bytes);
        Ok(())
    })
}

/// Counts the tokens of many packed texts (UTF-8, one `"\n"` between two, lengths in UTF-16 units) on the
/// pool. Payload: one u32 each. Progress: texts done, texts in all.
///
/// @result u32s
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
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let vocabulary = handles::get::<Vocabulary>(handle)?;
        let texts = call.owned_strings(texts, texts_len, lengths, lengths_count)?;
        ring::submit_cpu(ring, op, texts.bytes(), move |task| {
            let counts = agent_tokens::count_many(&vocabulary, &texts.packed()?, task)?;
            let mut payload = payload(4 * counts.len())?;
            payload.u32s(counts.into_iter());
            Ok(payload)
        })
    })
}
