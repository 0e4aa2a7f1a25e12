//! Exports `agent_core_redact_*`: the search of the redactor. Checks of options, the syntax of patterns and
//! the replacing are TypeScript's; see `src/text/redact/`.

use std::sync::Arc;

use agent_ffi::{Call, Columns, Failure, handles};
use agent_redact::{Engine, TableState};

/// Prepares a search.
///
/// `rules` are the bits of the built-in rules in the order of `BUILT_IN_RULES`; the literals come packed
/// (UTF-8, one `"\n"` between two, lengths in UTF-16 units), and `groups` says how many of them are exact, in
/// any case of ASCII letters, in any case of letters, and of whole words the same; `program` is that of `patterns` patterns as
/// `src/text/redact/pattern/compile.ts` describes it, empty for none. Result: the handle, f64, which
/// `agent_ffi_handle_close` frees.
///
/// @result handle
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_redact_new(
    rules: u32,
    groups: *const u32,
    groups_count: u32,
    literals: *const u8,
    literals_len: u32,
    lengths: *const u32,
    lengths_count: u32,
    patterns: u32,
    program: *const u32,
    program_count: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer_handle(out, out_cap, || {
        let literals = call.strings(literals, literals_len, lengths, lengths_count)?;
        let groups = call.u32s(groups, groups_count)?;
        let program = call.u32s(program, program_count)?;
        let list: Vec<&str> = literals.iter().collect();
        let engine = Engine::new(rules, groups, list.iter().copied(), patterns, program);
        Ok(Arc::new(engine.map_err(|error| Failure::invalid(error.0))?))
    })
}

/// Finds all matches in a text.
///
/// `from` is where to begin, in UTF-16 units: what is before is context only. `last` is 0 where the text
/// may go on. `since` is from where on headings of tables are looked for; the table that this place is in
/// has a row that begins at `row`, the signs and the number of columns of `form` (0 for no table), and bits of
/// columns with passwords, tokens and what may be either. Result, all u32: up to which unit everything is
/// decided, and from which on the text is context of what follows; whether there was a table, and the five
/// numbers of the one that the first of these units is in; then for each match, in order, its rule id (literals, then patterns, then
/// built-in rules), where it begins and where it ends, in UTF-16 units.
///
/// @flag last
/// @result u32s
/// @expect 1024 + text_len / 16
#[unsafe(no_mangle)]
pub unsafe extern "C" fn agent_core_redact_scan(
    handle: f64,
    text: *const u8,
    text_len: u32,
    from: u32,
    last: u32,
    since: u32,
    row: u32,
    form: u32,
    passwords: u32,
    tokens: u32,
    maybes: u32,
    out: *mut u8,
    out_cap: u32,
) -> i32 {
    // SAFETY: the caller keeps the contract of `Call`.
    let call = unsafe { Call::new() };
    call.answer(out, out_cap, |out| {
        let text = call.text(text, text_len)?;
        let mut units = Units::new(text);
        let from = units.byte_of(from as usize);
        let table = TableState {
            seen: false,
            at: units.byte_of(row as usize),
            form,
            passwords,
            tokens,
            maybes,
        };
        let since = units.byte_of(since as usize);
        let mut found: Vec<u32> = vec![0; HEAD];
        let (hold, keep, table) = handles::with(handle, |engine: &Engine| {
            engine.scan(text, from, last != 0, since, table, |rule, start, end| {
                found.extend([rule, units.at(start), units.at(end)]);
            })
        })?;
        found[2..HEAD].copy_from_slice(&[
            u32::from(table.seen),
            Units::new(text).at(table.at),
            table.form,
            table.passwords,
            table.tokens,
            table.maybes,
        ]);
        found[0] = units.at(hold);
        found[1] = match keep == hold {
            true => found[0],
            false => Units::new(text).at(keep),
        };
        out.u32s(found.into_iter());
        Ok(())
    })
}

/// So many numbers are before those of matches.
const HEAD: usize = 8;

/// Turns ascending places in UTF-8 into places in UTF-16.
struct Units<'t> {
    text: &'t str,
    ascii: bool,
    byte: usize,
    unit: usize,
}

impl<'t> Units<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
            byte: 0,
            unit: 0,
        }
    }

    /// The unit of a byte, which must not be before the last one asked for.
    fn at(&mut self, byte: usize) -> u32 {
        if self.ascii {
            return byte as u32;
        }
        // A unit for every byte that begins a character, another for those of four bytes.
        let more: usize = self.text.as_bytes()[self.byte..byte]
            .iter()
            .map(|&byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0))
            .sum();
        self.unit += more;
        self.byte = byte;
        self.unit as u32
    }

    /// The byte of a unit near the beginning; the next character's where it is within one.
    fn byte_of(&self, unit: usize) -> usize {
        if self.ascii {
            return unit.min(self.text.len());
        }
        let mut units = 0;
        for (byte, character) in self.text.char_indices() {
            if units >= unit {
                return byte;
            }
            units += character.len_utf16();
        }
        self.text.len()
    }
}
