//! Exports `agent_core_embedding_*`: the nearest of many vectors of int8.

use agent_embedding::Vectors;
use agent_ffi::{Call, Columns, Failure, handles};

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

fn signed(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|&byte| byte.cast_signed()).collect()
}

fn wrong_length() -> Failure {
    Failure::invalid("The vector must be as long as the rows")
}
