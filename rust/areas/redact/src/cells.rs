//! The cells of a row: of a line that a sign parts, or of `VALUES` in SQL. Part of `table.rs`. Twin:
//! `src/text/redact/scan/cells.ts`.

use super::around::{Scene, is_line_end, is_quote, units_of};
use super::chars::Answer;

/// So much white space begins a row at most.
const INDENT_MAX: usize = 120;
/// The longest row.
pub const ROW_MAX: usize = 4000;
/// So many cells are noted.
pub const COLUMNS_MAX: usize = 32;

/// What is behind a row.
#[derive(Clone, Copy)]
pub enum Behind {
    /// Another row.
    Row(usize),
    /// The end of the table.
    End(usize),
}

impl Behind {
    /// Where the row ends.
    pub fn place(self) -> usize {
        match self {
            Self::Row(at) | Self::End(at) => at,
        }
    }
}

/// What reading a row came to.
pub enum Read {
    /// It is none.
    None,
    /// It is not all there.
    More,
    /// What is behind it; its cells are noted.
    Row(Behind),
}

/// The cells of the row that was read last.
pub struct Cells {
    /// Where they begin and end.
    pub at: Vec<(usize, usize)>,
    /// How many there are.
    pub count: usize,
}

impl Cells {
    /// None yet.
    pub fn new() -> Self {
        Self {
            at: Vec::new(),
            count: 0,
        }
    }

    fn note(&mut self, s: usize, e: usize) {
        if self.count == 0 {
            self.at.clear();
        }
        if self.count < COLUMNS_MAX {
            self.at.push((s, e));
        }
        self.count += 1;
    }

    /// The cells of the line at a place.
    pub fn line(
        &mut self,
        scene: Scene<'_, '_>,
        at: usize,
        sign: u8,
        close: u8,
        most: usize,
    ) -> Read {
        let text = scene.text;
        let n = text.len();
        let blank = |byte: u8| byte == b' ' || (byte == b'\t' && sign != b'\t');
        let mut units = 0;
        let mut p = at;
        self.count = 0;
        while blank(text.byte(p)) {
            p += 1;
            if p - at > INDENT_MAX {
                return Read::None;
            }
        }
        if text.open(p) {
            return Read::More;
        }
        if p >= n || is_line_end(text.byte(p)) {
            return Read::None;
        }
        if sign == b'|' && text.byte(p) == b'|' {
            p += 1;
        }
        loop {
            while blank(text.byte(p)) {
                p += 1;
                units += 1;
                if units > most {
                    return Read::None;
                }
            }
            let mut s = p;
            let mut quoted = None;
            if text.byte(p) == b'"' && close != b'"' {
                // A quotation mark in it is said twice.
                p += 1;
                while p < n && (text.byte(p) != b'"' || text.byte(p + 1) == b'"') && units <= most {
                    if text.byte(p) == b'"' {
                        p += 1;
                    }
                    units += units_of(text.byte(p));
                    p += 1;
                }
                if text.open(p) || text.open(p + 1) {
                    return Read::More;
                }
                if p >= n || units > most {
                    return Read::None;
                }
                s += 1;
                quoted = Some(p);
                p += 1;
            }
            while p < n {
                let byte = text.byte(p);
                if byte == sign || byte == b'\n' || (byte == close && close != 0) {
                    break;
                }
                units += units_of(byte);
                if units > most || (quoted.is_some() && byte > b' ') {
                    return Read::None;
                }
                p += 1;
            }
            if text.open(p) {
                return match units > most {
                    true => Read::None,
                    false => Read::More,
                };
            }
            let e = quoted.unwrap_or_else(|| {
                let mut e = p;
                while e > s && text.before(e) <= b' ' {
                    e -= 1;
                }
                e
            });
            let ends = p >= n || text.byte(p) != sign;
            // Nothing is behind the last sign of a line of Markdown.
            if ends && sign == b'|' && e == s && self.count > 0 {
                break;
            }
            self.note(s, e);
            if ends {
                break;
            }
            p += 1;
            units += 1;
        }
        Read::Row(match text.byte(p) == b'\n' {
            true => Behind::Row(p + 1),
            false => Behind::End(p),
        })
    }

    /// The values of the row of SQL at a place.
    pub fn values(&mut self, scene: Scene<'_, '_>, at: usize) -> Read {
        let text = scene.text;
        self.count = 0;
        let mut p = at + 1;
        loop {
            p = scene.skip_line(scene.skip(p));
            if text.open(p) {
                return Read::More;
            }
            let (mut s, mut e) = (p, p);
            let mut depth = 0i32;
            let mut left = ROW_MAX;
            while left > 0 {
                if text.open(p) {
                    return Read::More;
                }
                let byte = text.byte(p);
                match byte {
                    b',' | b')' if depth == 0 => break,
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ if is_quote(byte) => {
                        let end = match scene.quote_end(p) {
                            Answer::More => return Read::More,
                            Answer::None if text.byte(p + 1) != byte => return Read::None,
                            Answer::None => None,
                            Answer::End(end) => Some(end),
                        };
                        // N'...', or all of it; a quotation mark in it is said twice.
                        if depth == 0 && p < s + 2 {
                            s = p + 1;
                            e = end.unwrap_or(s);
                        } else if depth == 0 && p == e + 1 {
                            e = end.unwrap_or(e);
                        }
                        p = end.unwrap_or(p + 1);
                    }
                    127.. => return Read::None,
                    _ if byte < b' ' && !is_line_end(byte) && byte != b'\t' => return Read::None,
                    _ => {}
                }
                p += 1;
                left -= 1;
            }
            if left == 0 {
                return Read::None;
            }
            self.note(s, e);
            p += 1;
            if text.before(p) == b')' {
                break;
            }
        }
        let mut q = scene.skip(p);
        if scene.is_cut(q) {
            return Read::More;
        }
        q = scene.skip_line(q);
        if text.open(q) {
            return Read::More;
        }
        if text.byte(q) != b',' {
            return Read::Row(Behind::End(p));
        }
        q = scene.skip(q + 1);
        if scene.is_cut(q) {
            return Read::More;
        }
        q = scene.skip_line(q);
        if text.open(q) {
            return Read::More;
        }
        Read::Row(match text.byte(q) == b'(' {
            true => Behind::Row(q),
            false => Behind::End(p),
        })
    }
}

/// Whether a row is a line that parts rows.
pub fn is_rule(row: &[u8]) -> bool {
    let hyphens = row.iter().filter(|&&byte| byte == b'-').count();
    hyphens > 2
        && row
            .iter()
            .all(|&byte| byte <= b' ' || matches!(byte, b'-' | b'|' | b'+' | b':'))
}
