//! A page: some entries of a cache as one run of bytes, which is what a snapshot file is made of. The
//! layout is described in its twin, src/cache/page.ts.

use super::Error;

const HEAD: usize = 16;
const RECORD: usize = 32;
/// Of the number of how often an entry was read: that it is in the main queue.
const MAIN: u8 = 4;

/// How an entry was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heat {
    /// How often it was read, 0 to 3.
    pub reads: u8,
    /// Whether it is in the main queue.
    pub main: bool,
}

/// A page on its way out.
#[derive(Default)]
pub struct Writer {
    records: Vec<u8>,
    tags: Vec<u8>,
    text: Vec<u8>,
    values: Vec<u8>,
}

impl Writer {
    /// How many bytes the page has.
    pub fn len(&self) -> usize {
        HEAD + self.records.len() + self.tags.len() + self.text.len() + self.values.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Sees to it that an entry of so many bytes can be added.
    pub fn reserve(&mut self, bytes: usize, is_text: bool) -> Result<(), Error> {
        let content = if is_text {
            &mut self.text
        } else {
            &mut self.values
        };
        Ok(content.try_reserve(bytes)?)
    }

    /// Adds a tag of the entry whose record is added next.
    pub fn tag(&mut self, text: &[u8]) {
        self.tags
            .extend_from_slice(&(text.len() as u16).to_le_bytes());
        self.text.extend_from_slice(text);
    }

    /// Adds the record of an entry, whose tags were added.
    pub fn record(&mut self, left: f64, grace: f64, sizes: (usize, usize), heat: Heat, tags: u8) {
        let records = &mut self.records;
        records.extend_from_slice(&left.to_le_bytes());
        records.extend_from_slice(&grace.to_le_bytes());
        records.extend_from_slice(&(sizes.0 as u32).to_le_bytes());
        records.extend_from_slice(&(sizes.1 as u32).to_le_bytes());
        let heat = heat.reads | if heat.main { MAIN } else { 0 };
        records.extend_from_slice(&[heat, tags, 0, 0, 0, 0, 0, 0]);
    }

    /// Adds key and value of the entry whose record was added.
    pub fn content(&mut self, key: &[u8], value: &[u8], is_text: bool) {
        self.text.extend_from_slice(key);
        if is_text {
            self.text.extend_from_slice(value);
        } else {
            self.values.extend_from_slice(value);
        }
    }

    /// Shows the parts of the page in order.
    pub fn each(&self, mut show: impl FnMut(&[u8])) {
        for count in [
            self.records.len() / RECORD,
            self.tags.len() / 2,
            self.text.len(),
            self.values.len(),
        ] {
            show(&(count as u32).to_le_bytes());
        }
        show(&self.records);
        show(&self.tags);
        show(&self.text);
        show(&self.values);
    }
}

/// One entry of a page.
#[derive(Debug, PartialEq)]
pub struct PageEntry<'a> {
    /// Milliseconds that it had left.
    pub left: f64,
    pub grace: f64,
    pub heat: Heat,
    pub tags: Vec<&'a [u8]>,
    pub key: &'a [u8],
    pub value: &'a [u8],
}

/// A page on its way in: entries until one does not fit into the page.
pub struct Reader<'a> {
    records: &'a [u8],
    tags: &'a [u8],
    text: &'a [u8],
    values: &'a [u8],
    is_text: bool,
}

fn split<'a>(from: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (piece, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(piece)
}

fn number(from: &mut &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(split(from, 4)?.try_into().ok()?) as usize)
}

fn float(from: &mut &[u8]) -> Option<f64> {
    Some(f64::from_le_bytes(split(from, 8)?.try_into().ok()?))
}

impl<'a> Reader<'a> {
    /// Finds the parts of a page; `None` if their lengths do not fit.
    pub fn new(page: &'a [u8], is_text: bool) -> Option<Self> {
        let mut rest = page;
        let sizes = [
            number(&mut rest)?.checked_mul(RECORD)?,
            number(&mut rest)?.checked_mul(2)?,
            number(&mut rest)?,
            number(&mut rest)?,
        ];
        let reader = Self {
            records: split(&mut rest, sizes[0])?,
            tags: split(&mut rest, sizes[1])?,
            text: split(&mut rest, sizes[2])?,
            values: split(&mut rest, sizes[3])?,
            is_text,
        };
        rest.is_empty().then_some(reader)
    }

    /// Whether every entry was read and nothing is left.
    pub fn is_done(&self) -> bool {
        let parts = [self.records, self.tags, self.text, self.values];
        parts.iter().all(|part| part.is_empty())
    }

    /// The next entry; `None` at the end, and if it does not fit.
    pub fn next(&mut self) -> Option<PageEntry<'a>> {
        let mut record = split(&mut self.records, RECORD)?;
        let (left, grace) = (float(&mut record)?, float(&mut record)?);
        let sizes = (number(&mut record)?, number(&mut record)?);
        let &[heat, count, ..] = record else {
            return None;
        };
        let mut tags = Vec::new();
        for _ in 0..count {
            let length = u16::from_le_bytes(split(&mut self.tags, 2)?.try_into().ok()?);
            tags.push(split(&mut self.text, usize::from(length))?);
        }
        let key = split(&mut self.text, sizes.0)?;
        let values = match self.is_text {
            true => &mut self.text,
            false => &mut self.values,
        };
        let value = split(values, sizes.1)?;
        let heat = Heat {
            reads: heat & (MAIN - 1),
            main: heat & MAIN != 0,
        };
        Some(PageEntry {
            left,
            grace,
            heat,
            tags,
            key,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(is_text: bool) -> Vec<u8> {
        let mut writer = Writer::default();
        let heat = Heat {
            reads: 3,
            main: true,
        };
        writer.tag(b"x");
        writer.tag(b"yy");
        writer.record(5.5, f64::INFINITY, (3, 2), heat, 2);
        writer.content(b"key", b"vv", is_text);
        writer.record(f64::INFINITY, 0.0, (0, 0), Heat::default(), 0);
        writer.content(b"", b"", is_text);
        let mut bytes = Vec::new();
        writer.each(|part| bytes.extend_from_slice(part));
        assert_eq!(bytes.len(), writer.len());
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        for is_text in [true, false] {
            let bytes = page(is_text);
            let mut reader = Reader::new(&bytes, is_text).unwrap();
            let first = reader.next().unwrap();
            assert_eq!((first.key, first.value), (&b"key"[..], &b"vv"[..]));
            assert_eq!(first.tags, [&b"x"[..], b"yy"]);
            assert_eq!((first.left, first.grace), (5.5, f64::INFINITY));
            assert!(first.heat.main && first.heat.reads == 3);
            let second = reader.next().unwrap();
            assert_eq!((second.key, second.heat), (&b""[..], Heat::default()));
            assert!(reader.is_done());
            assert_eq!(reader.next(), None);
        }
    }

    #[test]
    fn a_damaged_page_is_never_read_beyond_its_end() {
        let bytes = page(true);
        for cut in 0..bytes.len() {
            assert!(Reader::new(&bytes[..cut], true).is_none());
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                if let Some(mut reader) = Reader::new(&flipped, true) {
                    while reader.next().is_some() {}
                }
            }
        }
    }
}
