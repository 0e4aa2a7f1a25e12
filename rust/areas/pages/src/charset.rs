//! Which encoding a page is in, in the order of the HTML standard (section 13.2.3.2): a byte order mark, what
//! the server declared, what the page declares in its first 1,024 bytes; then UTF-8 if it is that, else
//! windows-1252. Twin: `src/http/pages/charset.ts`.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::{memchr, memmem};

/// What the HTML standard looks at for a declaration.
const PRESCAN: usize = 1024;
/// No label is longer.
const LONGEST: usize = 64;

type Found = &'static Encoding;

/// Finds the encoding of a body, and how many bytes its byte order mark has.
pub(super) fn find(body: &[u8], label: &str, is_markup: bool) -> (Found, usize) {
    if let Some(found) = Encoding::for_bom(body) {
        return found;
    }
    let declared = || {
        is_markup
            .then(|| Prescan::new(&body[..body.len().min(PRESCAN)]).find())
            .flatten()
    };
    let found = encoding_of(label.as_bytes()).or_else(declared);
    (found.unwrap_or_else(|| guess(body)), 0)
}

fn guess(body: &[u8]) -> Found {
    if std::str::from_utf8(body).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

fn encoding_of(label: &[u8]) -> Option<Found> {
    if label.len() > LONGEST {
        return None;
    }
    Encoding::for_label(label)
}

fn is_utf16(encoding: Found) -> bool {
    encoding == UTF_16BE || encoding == UTF_16LE
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r')
}

struct Attribute {
    name: Vec<u8>,
    value: Vec<u8>,
}

/// "Prescan a byte stream to determine its encoding".
struct Prescan<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Whether the bytes ended in the middle of a tag, so that nothing in it counts.
    ended: bool,
}

impl<'b> Prescan<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            ended: false,
        }
    }

    fn find(&mut self) -> Option<Found> {
        if self.bytes.starts_with(b"<\0?\0x\0") {
            return Some(UTF_16LE);
        }
        if self.bytes.starts_with(b"\0<\0?\0x") {
            return Some(UTF_16BE);
        }
        while self.at < self.bytes.len() {
            if self.byte(0) == Some(b'<') {
                let next = self.byte(1);
                let is_letter =
                    |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic());
                if self.starts_with(b"<!--") {
                    // The dashes of the end may be those of the beginning.
                    match memmem::find(&self.bytes[self.at + 2..], b"-->") {
                        Some(distance) => self.at += distance + 4,
                        None => break,
                    }
                } else if self.starts_with(b"<meta")
                    && self
                        .byte(5)
                        .is_some_and(|byte| is_space(byte) || byte == b'/')
                {
                    self.at += 5;
                    if let Some(found) = self.meta() {
                        return Some(found);
                    }
                } else if is_letter(next) || (next == Some(b'/') && is_letter(self.byte(2))) {
                    while self
                        .byte(0)
                        .is_some_and(|byte| !is_space(byte) && byte != b'>')
                    {
                        self.at += 1;
                    }
                    while self.attribute().is_some() {}
                } else if matches!(next, Some(b'!' | b'/' | b'?')) {
                    match memchr(b'>', &self.bytes[self.at + 1..]) {
                        Some(distance) => self.at += distance + 1,
                        None => break,
                    }
                }
            }
            self.at += 1;
        }
        self.xml()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Whether an ASCII text comes next, in whatever case.
    fn starts_with(&self, text: &[u8]) -> bool {
        let next = self.bytes.get(self.at..self.at + text.len());
        next.is_some_and(|next| next.eq_ignore_ascii_case(text))
    }

    fn meta(&mut self) -> Option<Found> {
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let (mut got_pragma, mut need_pragma, mut charset) = (false, None, None);
        while let Some(Attribute { name, value }) = self.attribute() {
            if seen.contains(&name) {
                continue;
            }
            match &name[..] {
                b"http-equiv" => got_pragma |= value == b"content-type",
                b"content" if charset.is_none() => {
                    if let Some(found) = encoding_of(charset_in_content(&value)) {
                        charset = Some(found);
                        need_pragma = Some(true);
                    }
                }
                b"charset" => {
                    charset = encoding_of(&value);
                    need_pragma = Some(false);
                }
                _ => {}
            }
            seen.push(name);
        }
        if self.ended || (need_pragma? && !got_pragma) {
            return None;
        }
        charset.map(declared)
    }

    /// "Get an attribute".
    fn attribute(&mut self) -> Option<Attribute> {
        while self
            .byte(0)
            .is_some_and(|byte| is_space(byte) || byte == b'/')
        {
            self.at += 1;
        }
        if self.more()? == b'>' {
            return None;
        }
        let from = self.at;
        while let Some(byte) = self.byte(0) {
            if (byte == b'=' && self.at > from) || matches!(byte, b'/' | b'>') || is_space(byte) {
                break;
            }
            self.at += 1;
        }
        let name = self.bytes[from..self.at].to_ascii_lowercase();
        self.skip_spaces();
        if self.more()? != b'=' {
            return Some(Attribute {
                name,
                value: Vec::new(),
            });
        }
        self.at += 1;
        self.skip_spaces();
        let quote = self.more()?;
        let is_quoted = quote == b'"' || quote == b'\'';
        self.at += usize::from(is_quoted);
        let from = self.at;
        while self.byte(0).is_some_and(|byte| {
            if is_quoted {
                byte != quote
            } else {
                byte != b'>' && !is_space(byte)
            }
        }) {
            self.at += 1;
        }
        self.more()?;
        let value = self.bytes[from..self.at].to_ascii_lowercase();
        self.at += usize::from(is_quoted);
        Some(Attribute { name, value })
    }

    fn skip_spaces(&mut self) {
        while self.byte(0).is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// The next byte; none, which is remembered, at the end.
    fn more(&mut self) -> Option<u8> {
        let byte = self.byte(0);
        self.ended |= byte.is_none();
        byte
    }

    /// "Get an XML encoding".
    fn xml(&self) -> Option<Found> {
        if !self.bytes.starts_with(b"<?xml") {
            return None;
        }
        let text = &self.bytes[..5 + memchr(b'>', &self.bytes[5..])?];
        let rest = &text[memmem::find(text, b"encoding")? + 8..];
        let rest = past_controls(past_controls(rest).strip_prefix(b"=")?);
        let (&quote, rest) = rest.split_first()?;
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let label = &rest[..memchr(quote, rest)?];
        if label.iter().any(|&byte| byte <= b' ') {
            return None;
        }
        encoding_of(label).map(|found| if is_utf16(found) { UTF_8 } else { found })
    }
}

fn past_controls(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&byte| byte > b' ');
    &bytes[end.unwrap_or(bytes.len())..]
}

/// A declaration that could be read is not in UTF-16; and nobody means x-user-defined.
fn declared(found: Found) -> Found {
    if is_utf16(found) {
        UTF_8
    } else if found == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        found
    }
}

/// "Extracting a character encoding from a meta element": the label, empty if there is none. The text is in
/// lower case.
fn charset_in_content(content: &[u8]) -> &[u8] {
    let skip = |bytes: &'_ [u8]| bytes.iter().take_while(|&&byte| is_space(byte)).count();
    let mut rest = content;
    while let Some(found) = memmem::find(rest, b"charset") {
        rest = &rest[found + 7..];
        let after = &rest[skip(rest)..];
        let Some(value) = after.strip_prefix(b"=") else {
            continue;
        };
        let value = &value[skip(value)..];
        if let Some(&quote @ (b'"' | b'\'')) = value.first() {
            let end = memchr(quote, &value[1..]);
            return end.map_or(&[], |end| &value[1..=end]);
        }
        let end = value
            .iter()
            .position(|&byte| is_space(byte) || byte == b';');
        return &value[..end.unwrap_or(value.len())];
    }
    &[]
}
