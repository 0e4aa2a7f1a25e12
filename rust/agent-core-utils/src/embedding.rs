//! Exports `agent_core_embedding_*`: the nearest of many vectors of int8, the table of the default embedder, and the
//! sentence encoder, which is loaded once in a process (`submit_load_encoder`) and then opened by each isolate
//! (`open_encoder`).

use std::sync::{Arc, PoisonError, RwLock};

use agent_embedding::Vectors;
use agent_embedding::encoder::{self, Encoder};
use agent_embedding::table::Table;
use agent_ffi::{Call, Columns, Failure, Status, copy, handles, payload, ring};

/// Vectors that grow.
type List = RwLock<Vectors>;

/// Makes an empty list of vectors, with memory for about `rows` of them. Result: the handle (f64). The caller
/// closes it with `agent_ffi_handle_close`.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_open(
    dimensions: u32,
    rows: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let numbers = (dimensions as usize)
            .checked_mul(rows as usize)
            .ok_or_else(|| Failure::out_of_memory("vectors"))?;
        let vectors = Vectors::new(dimensions as usize, numbers)
            .ok_or_else(|| Failure::invalid("A vector has at least one number"))?
            .map_err(|_| Failure::out_of_memory("vectors"))?;
        Ok(Arc::new(List::new(vectors)))
    })
}

/// Adds vectors to a list, one byte a number, row after row.
///
/// @bytes rows
/// @result none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_append(
    handle: f64,
    rows: *const u8,
    rows_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let rows = call.bytes(rows, rows_len)?;
        handles::with(handle, |list: &List| {
            let mut vectors = list.write().unwrap_or_else(PoisonError::into_inner);
            vectors.append(rows)
        })?
        .ok_or_else(|| Failure::invalid("The rows must be whole"))?
        .map_err(|_| Failure::out_of_memory("vectors"))
    })
}

/// Reads the table of the default embedder. Result: the handle (f64). CORRUPT if the file is not what it should be.
/// The caller closes the handle with `agent_ffi_handle_close`.
///
/// @bytes file
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_open_table(
    file: *const u8,
    file_len: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let table = Table::new(call.bytes(file, file_len)?).ok_or_else(|| {
            Failure::new(Status::Corrupt, "The embedding table cannot be used")
                .field("path", "embedding table")
        })?;
        Ok(Arc::new(table))
    })
}

/// Makes a vector of each text by a table, on the pool. Payload: one byte a number, row after row. Progress: parts
/// done, parts in all.
///
/// @result view
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_embedding_submit_embed(
    ring: f64,
    op: u32,
    handle: f64,
    strings: *const u8,
    strings_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |_| {
        let table = handles::get::<Table>(handle)?;
        let texts = call.owned_strings(strings, strings_len, lengths, lengths_count)?;
        // Beside the texts their vectors, in parts and together.
        let vectors = (lengths_count as usize).saturating_mul(2 * table.dimensions());
        let size = texts.bytes().saturating_add(vectors);
        ring::submit_cpu(ring, op, size, move |task| {
            let texts = texts.packed()?;
            let texts: Vec<&str> = texts.iter().collect();
            let numbers = table.embed(&texts, task)?;
            let mut payload = payload(numbers.len())?;
            payload.extend(numbers.into_iter().map(i8::cast_unsigned));
            Ok(payload)
        })
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
        let found = handles::with(handle, |list: &List| {
            let vectors = list.read().unwrap_or_else(PoisonError::into_inner);
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
        let products = handles::with(handle, |list: &List| {
            let vectors = list.read().unwrap_or_else(PoisonError::into_inner);
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
