//! What an export is given, pointers and lengths as they come from JavaScript, and how it answers. The
//! contract that makes reading them safe is stated once, at [`Call::new`].

use std::any::Any;
use std::sync::Arc;

use agent_shared::{Packed, PackedBuf};

use crate::guard::guard_answer;
use crate::handles;
use crate::output::Out;
use crate::status::Failure;

/// One call of an export. The slices that it gives live as long as it does.
pub struct Call(());

impl Call {
    /// The beginning of every export that takes a pointer.
    ///
    /// # Safety
    /// The contract of every export. For as long as the `Call` lives:
    /// - each pointer that is given to its methods is null with length 0, or points at as many
    ///   initialised items as the length behind it says, which nobody writes meanwhile;
    /// - `out` is null with `out_cap` 0, or points at `out_cap` initialised bytes that nobody else
    ///   touches meanwhile.
    ///
    /// Alignment and UTF-8 are checked, as is a null pointer with a length.
    #[inline]
    pub unsafe fn new() -> Self {
        Self(())
    }

    /// Bytes.
    #[inline]
    pub fn bytes(&self, ptr: *const u8, len: u32) -> Result<&[u8], Failure> {
        self.items(ptr, len)
    }

    /// UTF-8 text.
    #[inline]
    pub fn text(&self, ptr: *const u8, len: u32) -> Result<&str, Failure> {
        simdutf8::compat::from_utf8(self.items(ptr, len)?).map_err(|error| {
            Failure::invalid(format!("The text is not UTF-8: {error}"))
                .field("offset", error.valid_up_to())
        })
    }

    /// 32-bit numbers.
    pub fn u32s(&self, ptr: *const u32, count: u32) -> Result<&[u32], Failure> {
        self.items(ptr, count)
    }

    /// 64-bit numbers.
    pub fn f64s(&self, ptr: *const f64, count: u32) -> Result<&[f64], Failure> {
        self.items(ptr, count)
    }

    /// A packed list of strings: their UTF-8 with one `"\n"` between two, and the length of each in
    /// UTF-16 units.
    pub fn strings(
        &self,
        strings: *const u8,
        strings_len: u32,
        lengths: *const u32,
        lengths_count: u32,
    ) -> Result<Packed<'_>, Failure> {
        let text = self.text(strings, strings_len)?;
        Ok(Packed::new(text, self.u32s(lengths, lengths_count)?)?)
    }

    /// The same, copied for an operation that outlives the call.
    pub fn owned_strings(
        &self,
        strings: *const u8,
        strings_len: u32,
        lengths: *const u32,
        lengths_count: u32,
    ) -> Result<PackedBuf, Failure> {
        let text = self.text(strings, strings_len)?;
        Ok(PackedBuf::new(text, self.u32s(lengths, lengths_count)?)?)
    }

    #[inline]
    fn items<T>(&self, ptr: *const T, count: u32) -> Result<&[T], Failure> {
        if count == 0 {
            return Ok(&[]);
        }
        if ptr.is_null() {
            return Err(Failure::invalid(format!(
                "A null pointer came with a length of {count}"
            )));
        }
        if !ptr.is_aligned() {
            return Err(Failure::invalid("A pointer to numbers is not aligned"));
        }
        // SAFETY: not null and aligned; for the items whoever made the `Call` vouched.
        Ok(unsafe { std::slice::from_raw_parts(ptr, count as usize) })
    }

    /// The only view of `out` while it lives: exports answer once.
    #[allow(clippy::mut_from_ref)] // It is not of what `self` holds.
    fn buffer(&self, out: *mut u8, out_cap: u32) -> &mut [u8] {
        if out.is_null() || out_cap == 0 {
            return &mut [];
        }
        // SAFETY: not null; for the bytes, and that they are nobody else's, whoever made the `Call` vouched.
        unsafe { std::slice::from_raw_parts_mut(out, out_cap as usize) }
    }

    /// Answers with what the body writes, or with the status and the detail of its failure.
    pub fn answer(
        &self,
        out: *mut u8,
        out_cap: u32,
        body: impl FnOnce(&mut Out<'_>) -> Result<(), Failure>,
    ) -> i32 {
        guard_answer(self.buffer(out, out_cap), body)
    }

    /// Answers with the handle of a new object, an f64. It is not made where the handle would not fit:
    /// an answer "too small" after the work would leave an object behind that nobody can close.
    pub fn answer_handle<T: Any + Send + Sync>(
        &self,
        out: *mut u8,
        out_cap: u32,
        make: impl FnOnce() -> Result<Arc<T>, Failure>,
    ) -> i32 {
        self.answer(out, out_cap, |out| {
            let handle = if out.has_room(8) {
                handles::insert_shared(make()?)?
            } else {
                0.0
            };
            out.write_f64(handle);
            Ok(())
        })
    }
}

/// Copies what an operation needs after its call.
pub fn copy<T: Copy>(items: &[T]) -> Result<Vec<T>, Failure> {
    let mut owned = Vec::new();
    owned.try_reserve_exact(items.len())?;
    owned.extend_from_slice(items);
    Ok(owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    #[test]
    fn null_is_legal_only_when_empty() {
        // SAFETY: null with length 0 is allowed, and null with a length is refused before a read.
        let call = unsafe { Call::new() };
        assert!(call.bytes(std::ptr::null(), 0).unwrap().is_empty());
        assert_eq!(
            call.bytes(std::ptr::null(), 1).unwrap_err().status(),
            Status::InvalidArgument
        );
    }

    #[test]
    fn misaligned_and_malformed_are_refused() {
        let data = [0u32, 0];
        // SAFETY: the pointers stay inside `data`; the misaligned one is refused before a read.
        let call = unsafe { Call::new() };
        let odd = data.as_ptr().cast::<u8>().wrapping_add(1).cast::<u32>();
        for refused in [
            call.u32s(odd, 1).map(drop),
            call.text([0xffu8].as_ptr(), 1).map(drop),
        ] {
            assert_eq!(refused.unwrap_err().status(), Status::InvalidArgument);
        }
    }
}
