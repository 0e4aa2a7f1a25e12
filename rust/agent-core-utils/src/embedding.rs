//! Exports `agent_core_embedding_*`: the nearest of many vectors of int8, and the sentence encoder, which is loaded once
//! in a process (`submit_load_encoder`) and then opened by each isolate (`open_encoder`).

use agent_embedding::Vectors;
use agent_embedding::encoder::{self, Encoder};
use agent_ffi::{Call, Columns, Failure, Status, copy, handles, payload, ring};

/// Keeps vectors, one byte a number, row after row. Result: the handle (f64). The caller closes it with
/// `agent_ffi_handle_close`.
///
/// @bytes rows
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_open(
    rows: *const u8,
    rows_len: u32,
    dimensions: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let vectors = Vectors::new(call.bytes(rows, rows_len)?, dimensions as usize)
            .ok_or_else(|| Failure::invalid("The rows must be whole"))?
            .map_err(|_| Failure::out_of_memory("vectors"))?;
        Ok(std::sync::Arc::new(vectors))
    })
}

/// The rows with the largest inner product with a vector. Result: for each its number and the product (i32),
/// one u32 each.
///
/// @bytes vector
/// @result u32s
/// @expect caller
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_nearest(
    handle: f64,
    vector: *const u8,
    vector_len: u32,
    most: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let vector = signed(call.bytes(vector, vector_len)?);
        let found = handles::with(handle, |vectors: &Vectors| {
            (vector.len() == vectors.dimensions()).then(|| vectors.nearest(&vector, most as usize))
        })?
        .ok_or_else(wrong_length)?;
        let words: Vec<u32> = found
            .into_iter()
            .flat_map(|(row, product)| [row, product.cast_unsigned()])
            .collect();
        out.u32s(words.into_iter());
        Ok(())
    })
}

/// The inner products of a vector with some rows, whose numbers are u32, little endian. Result: one i32 each.
///
/// @bytes vector rows
/// @result u32s
/// @expect caller
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_products(
    handle: f64,
    vector: *const u8,
    vector_len: u32,
    rows: *const u8,
    rows_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let vector = signed(call.bytes(vector, vector_len)?);
        let (rows, _) = call.bytes(rows, rows_len)?.as_chunks::<4>();
        let rows = rows.iter().map(|&bytes| u32::from_le_bytes(bytes));
        let products = handles::with(handle, |vectors: &Vectors| {
            (vector.len() == vectors.dimensions()).then(|| vectors.products(&vector, rows))
        })?
        .ok_or_else(wrong_length)?
        .ok_or_else(|| Failure::invalid("There is no such row"))?;
        out.u32s(products.into_iter().map(i32::cast_unsigned));
        Ok(())
    })
}

/// Reads a sentence encoder from its file, on the pool, and keeps it for the process under a name. An empty payload
/// when it is there. CORRUPT if the file is not what it should be.
///
/// @bytes file
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_submit_load_encoder(
    ring: f64,
    op: u32,
    name: *const u8,
    name_len: u32,
    file: *const u8,
    file_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let name = call.text(name, name_len)?.to_owned();
        let file = copy(call.bytes(file, file_len)?)?;
        ring::submit_cpu(ring, op, file.len(), move |_| {
            let encoder = Encoder::new(&file).map_err(|encoder::FileError(what)| {
                let message = format!("The sentence encoder cannot be used: {what}");
                Failure::new(Status::Corrupt, message).field("path", name.as_str())
            })?;
            encoder::register(&name, encoder);
            Ok(Vec::new())
        })
    })
}

/// Opens a sentence encoder of the process by its name. Result: the handle (f64). NOT_FOUND if no isolate has loaded
/// it yet. The caller closes the handle with `agent_ffi_handle_close`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_open_encoder(
    name: *const u8,
    name_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let name = call.text(name, name_len)?;
        encoder::find(name).ok_or_else(|| {
            let message = format!("No sentence encoder {name} is loaded");
            Failure::new(Status::NotFound, message).field("what", name)
        })
    })
}

/// Makes a vector of each text, on the pool. `pieces` are the word pieces of all texts, u32, little endian; `lengths`
/// how many each text has. Payload: the numbers of all vectors, f32. Progress: groups of texts done, groups in all.
///
/// @bytes pieces lengths
/// @result u32s
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_submit_encode(
    ring: f64,
    op: u32,
    handle: f64,
    pieces: *const u8,
    pieces_len: u32,
    lengths: *const u8,
    lengths_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let encoder = handles::get::<Encoder>(handle)?;
        let pieces = words(call.bytes(pieces, pieces_len)?);
        let lengths = words(call.bytes(lengths, lengths_len)?);
        // What lies between two layers is by far the most of it.
        ring::submit_cpu(ring, op, 4 * pieces.len(), move |task| {
            let numbers = encoder.encode(&pieces, &lengths, task)?;
            let mut payload = payload(4 * numbers.len())?;
            payload.u32s(numbers.into_iter().map(f32::to_bits));
            Ok(payload)
        })
    })
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|&word| u32::from_le_bytes(word)).collect()
}

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|&byte| byte.cast_signed()).collect()
}

fn wrong_length() -> Failure {
    Failure::invalid("The vector must be as long as the rows")
}
