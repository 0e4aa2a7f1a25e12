//! Pointer and length, as they come from JavaScript, to slices. Null with length 0 is legal.

use crate::status::{Failure, Status};

/// The bytes at a pointer.
///
/// # Safety
/// `ptr` must be null with `len` 0, or point at `len` bytes that nobody writes while `'a` lasts.
pub unsafe fn bytes<'a>(ptr: *const u8, len: u32) -> Result<&'a [u8], Failure> {
    // SAFETY: passed on to the caller.
    unsafe { items(ptr, len) }
}

/// The UTF-8 text at a pointer.
///
/// # Safety
/// As for [`bytes`].
pub unsafe fn text<'a>(ptr: *const u8, len: u32) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { items(ptr, len) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        Failure::new(
            Status::InvalidArgument,
            format!("The text is not UTF-8: {error}"),
        )
        .field("offset", error.valid_up_to())
    })
}

/// The 32-bit numbers at a pointer.
///
/// # Safety
/// As for [`bytes`], with `count` aligned numbers.
pub unsafe fn u32s<'a>(ptr: *const u32, count: u32) -> Result<&'a [u32], Failure> {
    // SAFETY: passed on to the caller.
    unsafe { items(ptr, count) }
}

/// The floating-point numbers at a pointer.
///
/// # Safety
/// As for [`bytes`], with `count` aligned numbers.
pub unsafe fn f64s<'a>(ptr: *const f64, count: u32) -> Result<&'a [f64], Failure> {
    // SAFETY: passed on to the caller.
    unsafe { items(ptr, count) }
}

/// # Safety
/// As for [`bytes`], with `count` items.
unsafe fn items<'a, T>(ptr: *const T, count: u32) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() {
        return Err(Failure::new(
            Status::InvalidArgument,
            format!("A null pointer came with a length of {count}"),
        ));
    }
    if !ptr.is_aligned() {
        return Err(Failure::new(
            Status::InvalidArgument,
            "A pointer to numbers is not aligned",
        ));
    }
    // SAFETY: not null, aligned, and the caller vouches for the items.
    Ok(unsafe { std::slice::from_raw_parts(ptr, count as usize) })
}

/// The caller's result buffer.
///
/// # Safety
/// `ptr` must be null with `len` 0, or point at `len` initialised bytes that only we touch while
/// `'a` lasts.
pub(crate) unsafe fn buffer<'a>(ptr: *mut u8, len: u32) -> &'a mut [u8] {
    if ptr.is_null() || len == 0 {
        return &mut [];
    }
    // SAFETY: not null, and the caller vouches for the bytes.
    unsafe { std::slice::from_raw_parts_mut(ptr, len as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_legal_only_when_empty() {
        // SAFETY: null with length 0 is allowed, and null with a length is refused before a read.
        unsafe {
            assert!(bytes(std::ptr::null(), 0).unwrap().is_empty());
            assert_eq!(
                bytes(std::ptr::null(), 1).unwrap_err().status(),
                Status::InvalidArgument
            );
        }
    }

    #[test]
    fn misaligned_and_malformed_are_refused() {
        let data = [0u32, 0];
        // SAFETY: the pointers stay inside `data`; the misaligned one is refused before a read.
        unsafe {
            let odd = data.as_ptr().cast::<u8>().add(1).cast::<u32>();
            assert_eq!(u32s(odd, 1).unwrap_err().status(), Status::InvalidArgument);
            assert_eq!(
                text([0xffu8].as_ptr(), 1).unwrap_err().status(),
                Status::InvalidArgument
            );
        }
    }
}
