//! Results go into a buffer of the caller's. [`Out`] writes as much as fits and counts the rest, so
//! that one answer "too small" carries the size that will do.

use crate::status::{Failure, Status};

/// The caller's buffer, filled from the front.
pub struct Out<'a> {
    buffer: &'a mut [u8],
    written: usize,
}

impl<'a> Out<'a> {
    /// Wraps a buffer.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, written: 0 }
    }

    /// Appends bytes; past the end they are only counted.
    pub fn write(&mut self, bytes: &[u8]) {
        let end = self.written.saturating_add(bytes.len());
        if let Some(target) = self.buffer.get_mut(self.written..end) {
            target.copy_from_slice(bytes);
        }
        self.written = end;
    }

    /// Appends a number, little endian.
    pub fn write_u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    /// Appends a number, little endian.
    pub fn write_f64(&mut self, value: f64) {
        self.write(&value.to_le_bytes());
    }

    /// Whether so many bytes more would fit.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.written.saturating_add(bytes) <= self.buffer.len()
    }

    /// Appends zeros up to a multiple of `to` bytes.
    pub fn pad(&mut self, to: usize) {
        const ZEROS: [u8; 16] = [0; 16];
        let rest = self.written % to;
        if rest != 0 {
            self.write(&ZEROS[..to - rest]);
        }
    }

    /// Appends bytes that are written later, by [`Out::fill`]; what is in them until then is undefined.
    pub fn skip(&mut self, bytes: usize) {
        self.written = self.written.saturating_add(bytes);
    }

    /// Writes into bytes that were skipped; past the end of the buffer nothing happens.
    #[inline]
    pub fn fill<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if let Some(target) = self.buffer.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *target = bytes;
        }
    }

    /// Whether all that was appended did fit.
    pub fn fits(&self) -> bool {
        self.has_room(0)
    }

    /// Makes the answer "too small" with this size, which must be over the capacity.
    pub(crate) fn require(&mut self, size: usize) {
        debug_assert!(size > self.buffer.len());
        self.written = size;
    }

    /// How many bytes the buffer holds in all.
    pub fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// The export's answer: the length, or "too small" with the size needed.
    pub(crate) fn finish(self) -> i32 {
        if self.written > i32::MAX as usize {
            let message = "The result is over 2 GiB; ask for less at a time";
            let failure = Failure::too_large(message, "result", self.written, i32::MAX);
            return self.fail(&failure);
        }
        if self.written > self.buffer.len() {
            if let Some(head) = self.buffer.first_chunk_mut::<4>() {
                *head = (self.written as u32).to_le_bytes();
            }
            return Status::TooSmall as i32;
        }
        self.written as i32
    }

    /// Puts a failure's detail into the buffer (length first, cut to fit) and gives its status.
    pub(crate) fn fail(self, failure: &Failure) -> i32 {
        if let Some((head, rest)) = self.buffer.split_first_chunk_mut::<4>() {
            let detail = failure.to_json();
            let mut end = detail.len().min(rest.len());
            while !detail.is_char_boundary(end) {
                end -= 1;
            }
            rest[..end].copy_from_slice(&detail.as_bytes()[..end]);
            *head = (end as u32).to_le_bytes();
        }
        failure.status() as i32
    }
}

/// Results made of columns, on their way into the caller's buffer or a completion's payload.
pub trait Columns {
    /// Appends pieces of one size.
    fn column<const N: usize>(&mut self, pieces: impl ExactSizeIterator<Item = [u8; N]>);

    /// Appends bytes.
    fn bytes(&mut self, bytes: &[u8]);

    /// Appends numbers, little endian.
    fn u32s(&mut self, numbers: impl ExactSizeIterator<Item = u32>) {
        self.column(numbers.map(u32::to_le_bytes));
    }

    /// Appends numbers, little endian.
    fn f64s(&mut self, numbers: impl ExactSizeIterator<Item = f64>) {
        self.column(numbers.map(f64::to_le_bytes));
    }

    /// Appends strings with one `"\n"` between two.
    fn joined<'s>(&mut self, strings: impl Iterator<Item = &'s str>) {
        for (at, text) in strings.enumerate() {
            if at > 0 {
                self.bytes(b"\n");
            }
            self.bytes(text.as_bytes());
        }
    }
}

impl Columns for Out<'_> {
    fn column<const N: usize>(&mut self, pieces: impl ExactSizeIterator<Item = [u8; N]>) {
        let end = self.written.saturating_add(N * pieces.len());
        if let Some(target) = self.buffer.get_mut(self.written..end) {
            for (place, piece) in target.as_chunks_mut().0.iter_mut().zip(pieces) {
                *place = piece;
            }
        }
        self.written = end;
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.write(bytes);
    }
}

/// What [`payload`] gave has room for it all.
impl Columns for Vec<u8> {
    fn column<const N: usize>(&mut self, pieces: impl ExactSizeIterator<Item = [u8; N]>) {
        for piece in pieces {
            self.extend_from_slice(&piece);
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// An empty payload with room for so many bytes. `TooLarge` over 2 GiB, which no buffer of JavaScript takes.
pub fn payload(size: usize) -> Result<Vec<u8>, Failure> {
    const LIMIT: usize = i32::MAX as usize;
    if size > LIMIT {
        return Err(agent_shared::Error::TooLarge { size, limit: LIMIT }.into());
    }
    let mut payload = Vec::new();
    payload.try_reserve_exact(size)?;
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_fits() {
        let mut buffer = [0xff; 8];
        let mut out = Out::new(&mut buffer);
        out.write(b"abc");
        out.pad(4);
        out.write_u32(7);
        assert_eq!(out.finish(), 8);
        assert_eq!(&buffer, b"abc\0\x07\0\0\0");
    }

    #[test]
    fn what_was_skipped_is_written_later() {
        let mut buffer = [0xff; 8];
        let mut out = Out::new(&mut buffer);
        out.skip(4);
        out.write(b"abc");
        out.fill(1, *b"xy");
        out.fill(7, *b"no room");
        assert_eq!(out.finish(), 7);
        assert_eq!(&buffer, b"\xffxy\xffabc\xff");
    }

    #[test]
    fn columns_are_the_same_in_a_buffer_and_in_a_payload() {
        fn all(columns: &mut impl Columns) {
            columns.u32s([1, u32::MAX].into_iter());
            columns.f64s([0.5].into_iter());
            columns.joined(["a", "", "bc"].into_iter());
        }
        let mut vec = payload(21).unwrap();
        all(&mut vec);
        assert_eq!(vec[..8], [1, 0, 0, 0, 255, 255, 255, 255]);
        assert_eq!(vec[8..], [&0.5f64.to_le_bytes()[..], b"a\n\nbc"].concat());
        for room in 0..24 {
            let mut buffer = vec![0; room];
            let mut out = Out::new(&mut buffer);
            all(&mut out);
            assert_eq!(out.fits(), room >= vec.len());
            if out.finish() > 0 {
                assert_eq!(buffer[..vec.len()], vec);
            }
        }
        assert_eq!(payload(1 << 31).unwrap_err().status(), Status::TooLarge);
    }

    #[test]
    fn reports_the_size_needed() {
        let mut buffer = [0; 6];
        let mut out = Out::new(&mut buffer);
        out.write(b"1234");
        out.write(b"5678");
        assert_eq!(out.finish(), Status::TooSmall as i32);
        assert_eq!(buffer[..4], 8u32.to_le_bytes());
    }

    #[test]
    fn too_small_without_room_for_the_size() {
        let mut out = Out::new(&mut []);
        out.write(b"1");
        assert_eq!(out.finish(), Status::TooSmall as i32);
    }

    #[test]
    fn failure_is_cut_at_a_character() {
        let failure = Failure::new(Status::NotFound, "öööööö");
        for size in 0..40 {
            let mut buffer = vec![0; size];
            assert_eq!(
                Out::new(&mut buffer).fail(&failure),
                Status::NotFound as i32
            );
            if size >= 4 {
                let len = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
                std::str::from_utf8(&buffer[4..4 + len]).unwrap();
            }
        }
    }
}
