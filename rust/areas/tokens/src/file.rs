//! Reads a vocabulary file; the format is described in `data/README.md`. Every number is checked: a
//! wrong file is an error and never a panic, a hang or an unbounded allocation.

use super::table_scan::TableScanner;
use super::tables::NONE;

mod compiled;

/// What starts every vocabulary file, before the version of the format.
const MAGIC: &[u8] = b"AGENTVOC";
/// Ids need 20 bits in the pair table.
const MOST_TOKENS: u32 = 1 << 20;
/// Far over what any vocabulary has; bounds what a hostile file can make us build.
const LONGEST_TOKEN: usize = 512;
/// Unicode's code points.
pub const CODE_POINTS: usize = 0x11_0000;
/// A token that is no merge of two others.
pub const NO_PAIR: (u32, u32) = (u32::MAX, u32::MAX);

/// Why a file was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum FileError {
    /// It is not what the format says; the sentence tells where.
    Wrong(&'static str),
    /// Memory could not be had.
    OutOfMemory,
}

impl From<std::collections::TryReserveError> for FileError {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// How texts are cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Runs of letters; contractions are pieces.
    Cl100k,
    /// Words by case; contractions belong to their word.
    O200k,
}

/// How a file says that texts are cut.
pub enum Cutting {
    /// By the scanner of a family.
    Family {
        family: Family,
        /// The most digits in one piece.
        digits: u32,
        /// The class of each code point; see `scan.rs`.
        classes: Vec<u8>,
    },
    /// By tables.
    Tables(TableScanner),
}

/// A vocabulary as it stands in its file.
pub struct Parsed {
    pub name: String,
    pub cutting: Cutting,
    /// Special tokens: id and text.
    pub specials: Vec<(u32, String)>,
    /// The bytes of all tokens, one behind the other.
    pub arena: Vec<u8>,
    /// Where each token begins in the arena, and the arena's end.
    pub starts: Vec<u32>,
    /// The two tokens of each merge in the order of ranks, or [`NO_PAIR`].
    pub pairs: Vec<(u32, u32)>,
    /// What each merge gives.
    pub merged: Vec<u32>,
    /// The token of each byte; bytes that no UTF-8 has may have none.
    pub byte_tokens: [u32; 256],
    /// Which tokens can come of merging; empty if all can.
    pub plain: Vec<bool>,
    /// Whether a piece that is a token is that token, whatever merging would give.
    pub whole_first: bool,
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FileError> {
        let (head, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or(FileError::Wrong("it ends too early"))?;
        self.bytes = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8, FileError> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Result<u32, FileError> {
        let mut value = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| FileError::Wrong("a number is too large"));
            }
        }
        Err(FileError::Wrong("a number is too long"))
    }

    fn text(&mut self) -> Result<String, FileError> {
        let length = self.number()? as usize;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| FileError::Wrong("a text is not UTF-8"))
    }
}

/// Reads a file.
pub fn parse(bytes: &[u8]) -> Result<Parsed, FileError> {
    let mut reader = Reader { bytes };
    if reader.take(MAGIC.len())? != MAGIC {
        return Err(FileError::Wrong("it is no vocabulary of this version"));
    }
    match reader.byte()? {
        1 => packaged(&mut reader),
        2 => compiled::parse(&mut reader),
        _ => Err(FileError::Wrong("it is no vocabulary of this version")),
    }
    .and_then(|parsed| match reader.bytes {
        [] => Ok(parsed),
        _ => Err(FileError::Wrong("something follows its last token")),
    })
}

/// Version 1: the vocabularies of the package.
fn packaged(reader: &mut Reader<'_>) -> Result<Parsed, FileError> {
    let name = reader.text()?;
    let family = match reader.byte()? {
        1 => Family::Cl100k,
        2 => Family::O200k,
        _ => return Err(FileError::Wrong("its way of cutting texts is not known")),
    };
    let digits = u32::from(reader.byte()?);
    if digits == 0 {
        return Err(FileError::Wrong("its digit runs are empty"));
    }
    let specials = specials(reader)?;
    let cutting = Cutting::Family {
        family,
        digits,
        classes: classes(reader)?,
    };
    let mut parsed = Parsed {
        name,
        cutting,
        specials,
        arena: Vec::new(),
        starts: vec![0],
        pairs: Vec::new(),
        merged: Vec::new(),
        byte_tokens: [NONE; 256],
        plain: Vec::new(),
        whole_first: true,
    };
    tokens(reader, &mut parsed)?;
    // A token's rank is its id.
    parsed.merged.try_reserve_exact(parsed.pairs.len())?;
    parsed.merged.extend(0..parsed.pairs.len() as u32);
    for (range, id) in parsed.starts.windows(2).zip(0..) {
        if let [byte] = parsed.arena[range[0] as usize..range[1] as usize] {
            parsed.byte_tokens[usize::from(byte)] = id;
        }
    }
    if parsed.byte_tokens.contains(&NONE) {
        return Err(FileError::Wrong("a byte has no token"));
    }
    Ok(parsed)
}

fn specials(reader: &mut Reader<'_>) -> Result<Vec<(u32, String)>, FileError> {
    let mut specials = Vec::new();
    for _ in 0..reader.number()? {
        let id = reader.number()?;
        specials.push((id, reader.text()?));
    }
    Ok(specials)
}

/// Runs of code points of one class: the run's length times eight, and the class.
fn classes(reader: &mut Reader<'_>) -> Result<Vec<u8>, FileError> {
    let mut classes = Vec::new();
    classes.try_reserve_exact(CODE_POINTS)?;
    while classes.len() < CODE_POINTS {
        let number = reader.number()?;
        let (class, run) = ((number & 7) as u8, (number >> 3) as usize);
        if class > 6 || run == 0 || run > CODE_POINTS - classes.len() {
            return Err(FileError::Wrong("its classes of characters are wrong"));
        }
        classes.resize(classes.len() + run, class);
    }
    Ok(classes)
}

fn tokens(reader: &mut Reader<'_>, parsed: &mut Parsed) -> Result<(), FileError> {
    const WRONG: FileError = FileError::Wrong("a token is wrong");
    let count = reader.number()?;
    if count > MOST_TOKENS {
        return Err(FileError::Wrong("it has over a million tokens"));
    }
    let Parsed {
        arena,
        starts,
        pairs,
        ..
    } = parsed;
    starts.try_reserve_exact(count as usize)?;
    pairs.try_reserve_exact(count as usize)?;
    arena.try_reserve(8 * count as usize)?;
    for id in 0..count {
        match reader.number()? {
            0 => {
                let length = reader.number()? as usize;
                if length == 0 || length > LONGEST_TOKEN {
                    return Err(WRONG);
                }
                arena.try_reserve(length)?;
                arena.extend_from_slice(reader.take(length)?);
                pairs.push(NO_PAIR);
            }
            left => {
                let (left, right) = (left - 1, reader.number()?);
                if left >= id || right >= id {
                    return Err(WRONG);
                }
                let part = |token: u32| {
                    starts[token as usize] as usize..starts[token as usize + 1] as usize
                };
                let (first, second) = (part(left), part(right));
                let length = first.len() + second.len();
                if length > LONGEST_TOKEN {
                    return Err(WRONG);
                }
                arena.try_reserve(length)?;
                arena.extend_from_within(first);
                arena.extend_from_within(second);
                pairs.push((left, right));
            }
        }
        // At most 2^20 tokens of 2^9 bytes.
        starts.push(arena.len() as u32);
    }
    Ok(())
}
