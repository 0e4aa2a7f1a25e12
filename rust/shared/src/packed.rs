//! Many strings in one buffer, as they cross the boundary: UTF-8 with one `"\n"` between two strings,
//! and each string's length in UTF-16 units. The separator keeps two half surrogates at a border apart.

use crate::control::Error;

/// A list of strings, borrowed from one buffer.
pub struct Packed<'a> {
    text: &'a str,
    /// Where each string begins, and one past the separator that the last one does not have.
    starts: Vec<u32>,
    ascii: bool,
}

impl<'a> Packed<'a> {
    /// Finds the strings. Fails if the lengths and the text do not belong together.
    pub fn new(text: &'a str, lengths: &[u32]) -> Result<Self, Error> {
        const WRONG: Error = Error::Invalid("The lengths do not fit the packed strings");
        let mut starts: Vec<u32> = Vec::new();
        starts.try_reserve_exact(lengths.len() + 1)?;
        starts.push(0);
        let bytes = text.as_bytes();
        let Some(last) = lengths.len().checked_sub(1) else {
            return if bytes.is_empty() {
                Ok(Self {
                    text,
                    starts,
                    ascii: true,
                })
            } else {
                Err(WRONG)
            };
        };
        // UTF-8 takes at least a byte for each UTF-16 unit, and exactly one only for ASCII.
        let units = lengths.iter().map(|&length| u64::from(length)).sum::<u64>() + last as u64;
        let ascii = units == bytes.len() as u64;
        let mut at = 0usize;
        for (index, &length) in lengths.iter().enumerate() {
            let end = if ascii {
                at + length as usize
            } else {
                end_of(text, at, length as usize).ok_or(WRONG)?
            };
            if index < last {
                if bytes.get(end) != Some(&b'\n') {
                    return Err(WRONG);
                }
            } else if end != bytes.len() {
                return Err(WRONG);
            }
            at = end + 1;
            starts.push(u32::try_from(at).map_err(|_| WRONG)?);
        }
        if ascii && !text.is_ascii() {
            return Err(WRONG);
        }
        Ok(Self {
            text,
            starts,
            ascii,
        })
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every string is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The buffer, separators included.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// One string. Panics if there is none of that number.
    #[inline]
    pub fn get(&self, index: usize) -> &'a str {
        &self.text[self.starts[index] as usize..self.starts[index + 1] as usize - 1]
    }

    /// The strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// Where the string that begins at byte `at` and has `units` UTF-16 units ends: at the separator before
/// which there are as many, or at the end of the text.
fn end_of(text: &str, at: usize, units: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut from, mut counted) = (at, 0);
    // No string has fewer bytes than units.
    let mut next = at.checked_add(units)?;
    loop {
        let found = memchr::memchr(b'\n', bytes.get(next..)?);
        let end = found.map_or(bytes.len(), |distance| next + distance);
        counted += count_units(&bytes[from..end]);
        if counted >= units {
            return (counted == units).then_some(end);
        }
        // That line feed belongs to the string.
        from = end;
        next = end + 1;
    }
}

/// UTF-16 units of UTF-8 text: one for each first byte, one more where it takes four bytes.
#[inline]
fn count_units(bytes: &[u8]) -> usize {
    // Small sums in bytes first, so that the compiler can use vectors of them.
    let small = |bytes: &[u8]| {
        let sum = bytes.iter().fold(0u8, |sum, &byte| {
            sum + u8::from(byte as i8 >= -64) + u8::from(byte >= 0xf0)
        });
        usize::from(sum)
    };
    bytes.chunks(120).map(small).sum()
}

/// Code points of UTF-8 text.
#[inline]
pub fn count_codes(text: &str) -> usize {
    let small = |bytes: &[u8]| {
        let first = |sum, &byte: &u8| sum + u8::from(byte as i8 >= -64);
        usize::from(bytes.iter().fold(0u8, first))
    };
    text.as_bytes().chunks(240).map(small).sum()
}

/// A packed list that outlives the buffer it came in.
pub struct PackedBuf {
    text: String,
    lengths: Vec<u32>,
}

impl PackedBuf {
    /// Copies a list. Lengths that do not fit are refused now rather than when it is read.
    pub fn new(text: &str, lengths: &[u32]) -> Result<Self, Error> {
        let mut owned = Self {
            text: String::new(),
            lengths: Vec::new(),
        };
        owned.text.try_reserve_exact(text.len())?;
        owned.text.push_str(text);
        owned.lengths.try_reserve_exact(lengths.len())?;
        owned.lengths.extend_from_slice(lengths);
        owned.packed()?;
        Ok(owned)
    }

    /// The strings.
    pub fn packed(&self) -> Result<Packed<'_>, Error> {
        Packed::new(&self.text, &self.lengths)
    }

    /// What it holds in memory.
    pub fn bytes(&self) -> usize {
        self.text.len() + 4 * self.lengths.len()
    }
}

/// A list of strings on its way out, packed the same way.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Strings {
    /// The UTF-8 of all, one `"\n"` between two.
    pub text: String,
    /// The length of each in UTF-16 units.
    pub lengths: Vec<u32>,
}

impl Strings {
    /// Room for as much as `packed` holds.
    pub fn like(packed: &Packed<'_>) -> Result<Self, Error> {
        let mut strings = Self::default();
        strings.text.try_reserve(packed.text.len())?;
        strings.lengths.try_reserve_exact(packed.len())?;
        Ok(strings)
    }

    /// Appends one string.
    pub fn push(&mut self, piece: &str) -> Result<(), Error> {
        self.text.try_reserve(piece.len() + 1)?;
        if !self.lengths.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(piece);
        self.lengths.push(utf16_len(piece));
        Ok(())
    }
}

/// The length in UTF-16 units of bytes that are UTF-8.
#[inline]
pub fn utf16_units(text: &[u8]) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        count_units(text)
    }
}

/// The length in UTF-16 units.
pub fn utf16_len(text: &str) -> u32 {
    utf16_units(text.as_bytes()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(strings: &[&str]) -> (String, Vec<u32>) {
        (
            strings.join("\n"),
            strings.iter().map(|string| utf16_len(string)).collect(),
        )
    }

    #[test]
    fn splits_what_was_joined() {
        for strings in [
            &[][..],
            &[""],
            &["", ""],
            &["a", "", "bc"],
            &["a\nb", "\n", "c"],
            &["é", "a", "😀b", "\u{fffd}", "𝒳\n𝒳"],
        ] {
            let (text, lengths) = packed(strings);
            let split = Packed::new(&text, &lengths).unwrap();
            assert_eq!(split.iter().collect::<Vec<_>>(), strings);
            assert_eq!(split.is_ascii(), text.is_ascii());
        }
    }

    #[test]
    fn refuses_lengths_that_do_not_fit() {
        for (text, lengths) in [
            ("", &[1][..]),
            ("a", &[]),
            ("a", &[2]),
            ("ab", &[1]),
            ("ab", &[0, 1]),
            ("a\nb", &[1, 2]),
            ("😀", &[1]),
            ("é\nb", &[2, 1]),
            ("é", &[2]),
            ("a", &[u32::MAX, u32::MAX]),
        ] {
            assert!(Packed::new(text, lengths).is_err(), "{text:?} {lengths:?}");
        }
    }
}
