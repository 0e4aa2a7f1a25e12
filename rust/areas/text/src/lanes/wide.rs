//! The lanes on processors with AVX-512 VBMI (and its bit counts): one instruction looks up 64 characters in a table of 128
//! bytes, so a row of masks costs a handful of instructions instead of 64 loads.
//!
//! Only for blocks of one-byte numbers, and queries of at most 32 symbols that all are ASCII.

use std::arch::x86_64::{
    __m512i, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask,
    _mm512_unpackhi_epi8, _mm512_unpackhi_epi16, _mm512_unpacklo_epi8, _mm512_unpacklo_epi16,
};

use super::{Kind, LANES, Row, Word, block_with};

/// Numbers that have a place in a plane: those of ASCII.
const PLANE: usize = 128;

/// The masks by number, byte by byte: the first plane holds the lowest byte of each.
pub(super) type Plane = [u8; PLANE];

/// Whether this processor can.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("avx512bitalg")
        && is_x86_feature_detected!("avx512vpopcntdq")
}

/// The planes of a table; none if a number over ASCII has a mask or the processor cannot use them.
pub(super) fn planes<W: Word + Into<u64>, const BYTES: usize>(
    table: &[W],
) -> Option<Box<[Plane; BYTES]>> {
    let (ascii, rest) = table.split_at_checked(PLANE)?;
    if !available() || rest.iter().any(|&mask| mask.into() != 0) {
        return None;
    }
    let mut planes = Box::new([[0; PLANE]; BYTES]);
    for (number, &mask) in ascii.iter().enumerate() {
        for (plane, byte) in planes.iter_mut().zip(mask.into().to_le_bytes()) {
            plane[number] = byte;
        }
    }
    Some(planes)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // Vectors have no safe way in from memory.
    #[allow(unsafe_code)]
    // SAFETY: 64 readable bytes, of any alignment.
    unsafe {
        _mm512_loadu_si512(bytes.as_ptr().cast())
    }
}

/// A plane in two registers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
fn halves(plane: &Plane) -> [__m512i; 2] {
    let (halves, _) = plane.as_chunks::<64>();
    [load(&halves[0]), load(&halves[1])]
}

/// The bytes of one plane for 64 numbers; 0 for numbers over ASCII.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
fn look_up(plane: [__m512i; 2], row: &Row<u8>) -> __m512i {
    let numbers = load(row);
    let ascii = !_mm512_movepi8_mask(numbers);
    _mm512_maskz_permutex2var_epi8(ascii, plane[0], numbers, plane[1])
}

/// Vectors as the words that they hold.
macro_rules! words {
    ($word:ty, $vectors:expr) => {{
        // Vectors have no safe way out to arrays.
        #[allow(unsafe_code)]
        // SAFETY: as many bytes on both sides, and any bytes are words.
        unsafe {
            std::mem::transmute::<[__m512i; size_of::<$word>()], [$word; LANES]>($vectors)
        }
    }};
}

/// One block of a query of at most 8.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
pub(super) fn block8(
    kind: Kind,
    planes: &[Plane; 1],
    len: u32,
    rows: &[Row<u8>],
    out: &mut [u32; LANES],
) {
    let planes = planes.each_ref().map(|plane| halves(plane));
    block_with::<u8, u8, LANES>(kind, len, rows, out, |row, _| {
        words!(u8, [look_up(planes[0], row)])
    });
}

/// One block of a query of at most 16.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
pub(super) fn block16(
    kind: Kind,
    planes: &[Plane; 2],
    len: u32,
    rows: &[Row<u8>],
    out: &mut [u32; LANES],
) {
    let planes = planes.each_ref().map(|plane| halves(plane));
    let mut mixed = [0; LANES];
    block_with::<u16, u8, LANES>(kind, len, rows, &mut mixed, |row, _| {
        let (a, b) = (look_up(planes[0], row), look_up(planes[1], row));
        words!(
            u16,
            [_mm512_unpacklo_epi8(a, b), _mm512_unpackhi_epi8(a, b)]
        )
    });
    unmix::<8>(&mixed, out);
}

/// One block of a query of at most 32.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512bitalg,avx512vpopcntdq")]
pub(super) fn block32(
    kind: Kind,
    planes: &[Plane; 4],
    len: u32,
    rows: &[Row<u8>],
    out: &mut [u32; LANES],
) {
    let planes = planes.each_ref().map(|plane| halves(plane));
    let mut mixed = [0; LANES];
    block_with::<u32, u8, LANES>(kind, len, rows, &mut mixed, |row, _| {
        let (a, b) = (look_up(planes[0], row), look_up(planes[1], row));
        let (c, d) = (look_up(planes[2], row), look_up(planes[3], row));
        let (ab, cd) = (_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d));
        words!(
            u32,
            [
                _mm512_unpacklo_epi16(ab, cd),
                _mm512_unpackhi_epi16(ab, cd),
                _mm512_unpacklo_epi16(ab_high, cd_high),
                _mm512_unpackhi_epi16(ab_high, cd_high),
            ]
        )
    });
    unmix::<4>(&mixed, out);
}

/// Puts the lanes back into order: unpacking works within each quarter of a vector, which holds `GROUP`
/// words.
#[inline(always)]
fn unmix<const GROUP: usize>(mixed: &[u32; LANES], out: &mut [u32; LANES]) {
    for vector in 0..16 / GROUP {
        for quarter in 0..4 {
            let from = 4 * GROUP * vector + GROUP * quarter;
            let to = 16 * quarter + GROUP * vector;
            out[to..to + GROUP].copy_from_slice(&mixed[from..from + GROUP]);
        }
    }
}
