//! Secrets in the columns of a table whose heading is the name of one. Part of `context.rs`. Twin:
//! `src/text/redact/scan/table.ts`, which says more.

use super::around::{Place, Scene, is_blank, is_closer, is_line_end, is_quote, judge};
use super::built_in::rule;
use super::cells::{Behind, COLUMNS_MAX, Cells, ROW_MAX, Read, is_rule};
use super::chars::Text;
use super::columns::{Columns, is_column, is_column_name};
use super::names::{Promise, is_name, may_promise};
use super::value::Manner;

/// So far before the sign behind a column's name its heading begins: streams keep so much.
const BACK_MAX: usize = 120;
/// The longest heading.
pub const HEAD_MAX: usize = 1000;
/// The longest words behind a list of columns.
const NAME_MAX: usize = 40;
/// The shortest password of letters alone.
const LEAST: usize = 4;

/// What goes on behind a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableState {
    /// Whether there was a table.
    pub seen: bool,
    /// Where a row begins.
    pub at: usize,
    /// What parts its cells, what ends the string that it is in, and how many columns it has; 0 for no table.
    pub form: u32,
    /// Which of the columns hold secrets, a bit a column.
    pub passwords: u32,
    /// The same of tokens.
    pub tokens: u32,
    /// The same of what may be anything.
    pub maybes: u32,
}

/// A table.
struct Table {
    columns: Columns,
    sign: u8,
    close: u8,
    /// The sign that its heading was known by; none where that was before the text.
    mark: Option<usize>,
    rows: Vec<usize>,
    end: usize,
}

/// Whether the sign at `p` may stand behind the name of a column.
pub fn may_be_column(bytes: &[u8], p: usize) -> bool {
    if bytes[p] == b'|' {
        return true;
    }
    let before = |e: usize| if e == 0 { 0 } else { bytes[e - 1] };
    let mut e = p;
    if before(e) == b'\r' {
        e -= 1;
    }
    if is_quote(before(e)) || before(e) == b']' {
        e -= 1;
    }
    is_name(before(e)) && may_promise(Text { bytes, last: true }, e)
}

/// Reads the tables of one text.
pub struct Tables {
    /// Where the next row begins; behind any place without one.
    pub next: usize,
    /// Where a row begins of which the end is not there yet.
    pub open: Option<usize>,
    since: usize,
    active: bool,
    tables: Vec<Table>,
    cells: Cells,
}

impl Tables {
    /// Those of a text whose headings before a place were looked at, and the table that this place is in.
    pub fn new(since: usize, state: TableState) -> Self {
        let mut made = Self {
            next: usize::MAX,
            open: None,
            since,
            active: false,
            tables: Vec::new(),
            cells: Cells::new(),
        };
        let TableState {
            at,
            form,
            passwords,
            tokens,
            maybes,
            ..
        } = state;
        if form != 0 {
            let columns = Columns {
                passwords,
                tokens,
                maybes,
                count: (form >> 16) as usize,
            };
            made.add(form as u8, (form >> 8) as u8, None, at, columns);
        }
        made
    }

    fn add(&mut self, sign: u8, close: u8, mark: Option<usize>, first: usize, columns: Columns) {
        self.tables.push(Table {
            columns,
            sign,
            close,
            mark,
            rows: vec![first],
            end: usize::MAX,
        });
        self.active = true;
        self.next = first;
    }

    /// What goes on behind a place.
    pub fn state_at(&self, place: usize) -> TableState {
        let on = self
            .tables
            .iter()
            .find(|table| table.mark.is_none_or(|mark| mark < place) && table.end > place);
        let Some(table) = on else {
            return TableState {
                seen: !self.tables.is_empty(),
                ..TableState::default()
            };
        };
        let row = table.rows.iter().rev().find(|&&row| row <= place);
        let Columns {
            passwords,
            tokens,
            maybes,
            count,
        } = table.columns;
        TableState {
            seen: true,
            at: row.copied().unwrap_or(table.rows[0]),
            form: u32::from(table.sign) | u32::from(table.close) << 8 | (count as u32) << 16,
            passwords,
            tokens,
            maybes,
        }
    }

    /// Looks whether the sign at `p` stands in a heading; gives an open place where that is not yet known.
    pub fn head_at(&mut self, scene: Scene<'_, '_>, p: usize) -> Place {
        if p < self.since || !scene.has(rule::ASSIGNED_SECRET) || (self.active && p < self.next) {
            return None;
        }
        let text = scene.text;
        let sign = text.byte(p);
        let mut e = p;
        if sign == b'|' {
            while p - e < BACK_MAX && text.before(e) == b' ' {
                e -= 1;
            }
            // The last of its line is behind the sign.
            if !is_column_name(text, e) {
                let mut q = p + 1;
                while q - p < NAME_MAX && (text.byte(q) == b' ' || is_name(text.byte(q))) {
                    q += 1;
                }
                if text.open(q) {
                    return Some((rule::ASSIGNED_SECRET, p, 0));
                }
                if !is_line_end(text.byte(q)) {
                    return None;
                }
                while q > p && text.before(q) == b' ' {
                    q -= 1;
                }
                if !is_column_name(text, q) {
                    return None;
                }
            }
        } else {
            if text.before(e) == b'\r' {
                e -= 1;
            }
            if is_closer(text.before(e)) {
                e -= 1;
            }
            if !is_column_name(text, e) {
                return None;
            }
        }
        if sign == b')' {
            return self.list_at(scene, p);
        }
        let place = self.line_at(scene, p);
        match place.is_none() && !self.active && sign == b',' {
            true => self.list_at(scene, p),
            false => place,
        }
    }

    /// A heading that is a line.
    fn line_at(&mut self, scene: Scene<'_, '_>, p: usize) -> Place {
        let text = scene.text;
        let mut start = p;
        let mut whole = true;
        let mut quote = None;
        while start > 0 && text.before(start) != b'\n' {
            start -= 1;
            let byte = text.byte(start);
            if p - start > BACK_MAX || byte > 126 {
                whole = false;
                break;
            }
            if quote.is_none() && is_quote(byte) && start + 1 < p {
                quote = Some(start);
            }
        }
        if whole {
            match self.head(scene, p, start, 0) {
                Head::Open => return Some((rule::ASSIGNED_SECRET, p, 0)),
                Head::None => {}
            }
            if self.active {
                return None;
            }
        }
        let quote = quote?;
        match self.head(scene, p, quote + 1, text.byte(quote)) {
            Head::Open => Some((rule::ASSIGNED_SECRET, p, 0)),
            Head::None => None,
        }
    }

    /// A heading that begins at a place, in a string perhaps that a quotation mark closes.
    fn head(&mut self, scene: Scene<'_, '_>, p: usize, start: usize, close: u8) -> Head {
        let text = scene.text;
        let sign = match text.byte(p) {
            b'\n' => {
                let line = &text.bytes[start..p];
                let sign = line
                    .iter()
                    .find(|byte| matches!(byte, b',' | b';' | b'\t' | b'|'));
                sign.copied().unwrap_or(0)
            }
            sign => sign,
        };
        if sign == 0 || (sign != b'|' && is_blank(text.byte(start))) {
            return Head::None;
        }
        let behind = match self.cells.line(scene, start, sign, close, HEAD_MAX) {
            Read::More => return Head::Open,
            Read::Row(Behind::Row(behind)) if self.cells.count > 1 => behind,
            _ => return Head::None,
        };
        let mut columns = Columns {
            count: self.cells.count,
            ..Columns::default()
        };
        for k in 0..self.cells.count {
            let cell = self.cells.at.get(k).copied();
            if !cell.is_some_and(|(s, e)| columns.note(text, k, s, e)) {
                return Head::None;
            }
        }
        if columns.passwords | columns.tokens != 0 {
            self.add(sign, close, Some(p), behind, columns);
        }
        Head::None
    }

    /// Columns in parentheses.
    fn list_at(&mut self, scene: Scene<'_, '_>, p: usize) -> Place {
        let text = scene.text;
        let open = Some((rule::ASSIGNED_SECRET, p, 0));
        let mut start = p;
        while text.byte(start) != b'(' {
            if start == 0 || p - start > BACK_MAX {
                return None;
            }
            if start < p && text.byte(start) != b',' && !is_column(text.byte(start)) {
                return None;
            }
            start -= 1;
        }
        let mut columns = Columns::default();
        let mut q = start + 1;
        let mut s = q;
        while q - start < HEAD_MAX {
            if text.open(q) {
                return open;
            }
            let byte = text.byte(q);
            if matches!(byte, b',' | b')') {
                let mut e = q;
                while s < e && !is_name(text.byte(s)) {
                    s += 1;
                }
                while e > s && !is_name(text.before(e)) {
                    e -= 1;
                }
                let k = columns.count;
                columns.count += 1;
                if !columns.note(text, k, s, e) {
                    return None;
                }
                s = q + 1;
                if byte == b')' {
                    break;
                }
            } else if !is_column(byte) {
                return None;
            }
            q += 1;
        }
        if text.byte(q) != b')' || columns.passwords | columns.tokens == 0 {
            return None;
        }
        q = scene.skip(q + 1);
        if scene.is_cut(q) {
            return open;
        }
        q = scene.skip_line(q);
        if q + 10 > text.len() && !text.last {
            return open;
        }
        if text.is_at(q, b"values") {
            q = scene.skip(q + 6);
            if scene.is_cut(q) {
                return open;
            }
            q = scene.skip_line(q);
            if text.open(q) {
                return open;
            }
            if text.byte(q) == b'(' {
                self.add(b'(', 0, Some(p), q, columns);
            }
        } else if text.is_at(q, b"from stdin") {
            let from = q;
            while q - from < NAME_MAX && text.byte(q) != b'\n' {
                if text.open(q) {
                    return open;
                }
                if text.byte(q) > 126 {
                    return None;
                }
                q += 1;
            }
            if text.byte(q) == b'\n' {
                self.add(b'\t', 0, Some(p), q + 1, columns);
            }
        }
        None
    }

    /// Reads the next row: gives each secret that it has.
    pub fn read(&mut self, scene: Scene<'_, '_>, mut give: impl FnMut(usize, usize)) {
        let at = self.next;
        let last = self.tables.len() - 1;
        let Table {
            columns,
            sign,
            close,
            ..
        } = self.tables[last];
        let list = sign == b'(';
        let read = match list {
            true => self.cells.values(scene, at),
            false => self.cells.line(scene, at, sign, close, ROW_MAX),
        };
        let behind = match read {
            Read::More => {
                self.open = Some(at);
                self.next = usize::MAX;
                return;
            }
            Read::None => return self.end(at),
            Read::Row(behind) => behind,
        };
        let rule = !list && is_rule(&scene.text.bytes[at..behind.place()]);
        if !rule && self.cells.count != columns.count {
            return self.end(at);
        }
        let manner = Manner {
            quoted: true,
            spaced: false,
            listed: list,
            least: LEAST,
        };
        let cells = match rule {
            true => &[],
            false => &self.cells.at[..columns.count.min(COLUMNS_MAX)],
        };
        for (&(s, e), k) in cells.iter().zip(0..) {
            let is = |bits: u32| bits >> k & 1 != 0;
            let promise = match () {
                () if is(columns.passwords) => Promise::Password,
                () if is(columns.tokens) => Promise::Token,
                () if is(columns.maybes) => Promise::Maybe,
                () => continue,
            };
            if judge(scene.text, promise, s, e, manner).is_some() {
                give(s, e);
            }
        }
        match behind {
            Behind::End(at) => self.end(at),
            Behind::Row(next) => {
                self.next = next;
                self.tables[last].rows.push(next);
            }
        }
    }

    fn end(&mut self, at: usize) {
        if let Some(table) = self.tables.last_mut() {
            table.end = at;
        }
        self.active = false;
        self.next = usize::MAX;
    }
}

/// What looking for a heading came to.
enum Head {
    /// Nothing more is to be said.
    None,
    /// It is not all there.
    Open,
}
