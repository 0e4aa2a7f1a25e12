//! Version 2 of the format: what `src/text/tokens/tokenizer/compile.ts` makes of a `tokenizer.json`.

use super::{CODE_POINTS, Cutting, FileError, MOST_TOKENS, NONE, Parsed, Reader, specials};
use crate::table_scan::{CUT_BYTES, TableScanner};

/// As in the pure twin.
const LONGEST_TOKEN: usize = 4096;
const MOST_STATES: u32 = 4000;

/// Everything behind the version.
pub fn parse(reader: &mut Reader<'_>) -> Result<Parsed, FileError> {
    let name = reader.text()?;
    let cutting = Cutting::Tables(tables(reader)?);
    let specials = specials(reader)?;
    let whole_first = reader.number()? == 1;
    let count = reader.number()?;
    if count > MOST_TOKENS {
        return Err(FileError::Wrong("it has over a million tokens"));
    }
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
        whole_first,
    };
    parsed.arena.try_reserve(8 * count as usize)?;
    parsed.starts.try_reserve_exact(count as usize)?;
    parsed.plain.try_reserve_exact(count as usize)?;
    for _ in 0..count {
        let header = reader.number()?;
        let length = (header >> 1) as usize;
        if length > LONGEST_TOKEN {
            return Err(FileError::Wrong("a token is wrong"));
        }
        parsed.arena.try_reserve(length)?;
        parsed.arena.extend_from_slice(reader.take(length)?);
        parsed.starts.push(parsed.arena.len() as u32);
        parsed.plain.push(header & 1 == 1 && length > 0);
    }
    merges(reader, count, &mut parsed)?;
    Ok(parsed)
}

fn merges(reader: &mut Reader<'_>, count: u32, parsed: &mut Parsed) -> Result<(), FileError> {
    const WRONG: FileError = FileError::Wrong("a merge is wrong");
    let merges = reader.number()?;
    if merges > MOST_TOKENS {
        return Err(FileError::Wrong("it has over a million merges"));
    }
    parsed.pairs.try_reserve_exact(merges as usize)?;
    parsed.merged.try_reserve_exact(merges as usize)?;
    let length = |starts: &[u32], id: u32| starts[id as usize + 1] - starts[id as usize];
    for _ in 0..merges {
        let [left, right, token] = [reader.number()?, reader.number()?, reader.number()?];
        if left.max(right).max(token) >= count {
            return Err(WRONG);
        }
        let starts = &parsed.starts;
        if length(starts, left) + length(starts, right) != length(starts, token) {
            return Err(WRONG);
        }
        parsed.pairs.push((left, right));
        parsed.merged.push(token);
    }
    for token in &mut parsed.byte_tokens {
        let number = reader.number()?;
        if number > count {
            return Err(FileError::Wrong("a byte's token is wrong"));
        }
        // Bytes that no UTF-8 has may have no token: any will do.
        *token = number.saturating_sub(1);
    }
    Ok(())
}

fn tables(reader: &mut Reader<'_>) -> Result<TableScanner, FileError> {
    const WRONG: FileError = FileError::Wrong("its tables are wrong");
    let count = reader.number()?;
    if count == 0 || count > 255 {
        return Err(WRONG);
    }
    let columns = count as usize + 1;
    let mut tables = Vec::new();
    for _ in 0..reader.number()? {
        let states = reader.number()?;
        if !(2..=MOST_STATES).contains(&states) {
            return Err(WRONG);
        }
        let mut table = Vec::new();
        table.try_reserve_exact(states as usize * columns)?;
        for _ in 0..states as usize * columns {
            let step = reader.number()?;
            if step >> 1 >= states {
                return Err(WRONG);
            }
            table.push(step as u16);
        }
        tables.push(table);
    }
    let mut classes = Vec::new();
    classes.try_reserve_exact(CODE_POINTS)?;
    while classes.len() < CODE_POINTS {
        let (run, class) = (reader.number()? as usize, reader.number()?);
        if run == 0 || run > CODE_POINTS - classes.len() || class >= count {
            return Err(FileError::Wrong("its classes of characters are wrong"));
        }
        classes.resize(classes.len() + run, class as u8);
    }
    let cuts = reader.take(CUT_BYTES)?.to_vec();
    Ok(TableScanner::new(columns, tables, classes, cuts))
}
