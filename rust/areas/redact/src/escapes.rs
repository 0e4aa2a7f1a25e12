//! Escapes: of JSON, JavaScript, C and shells (backslashes, also several for strings in strings), of URLs,
//! of HTML, and the colours of terminals, plain or escaped themselves. Twin: `src/text/redact/escapes.ts`.

/// What a terminal's sequences begin with; also what stands for one.
pub const ESCAPE: char = '\u{1b}';

/// As many backslashes belong to one escape.
const RUN_MAX: usize = 16;
/// Strings in strings, so deep.
const DEPTH_MAX: usize = 4;
const SEQUENCE_MAX: usize = 64;
const ENTITY_MAX: usize = 12;
const REPLACEMENT: char = '\u{fffd}';

/// What an escape comes to: why there is none, or what it stands for and its length.
enum Stop {
    None,
    More,
}

type Read<T> = Result<T, Stop>;

/// The character references that stand for what rules look at.
fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"apos" => '\'',
        b"ast" => '*',
        b"bsol" => '\\',
        b"colon" => ':',
        b"comma" => ',',
        b"commat" => '@',
        b"dash" | b"hyphen" => '-',
        b"dollar" => '$',
        b"ensp" | b"nbsp" | b"thinsp" => ' ',
        b"equals" => '=',
        b"excl" => '!',
        b"gt" => '>',
        b"lbrace" | b"lcub" => '{',
        b"lbrack" | b"lsqb" => '[',
        b"lowbar" | b"UnderBar" => '_',
        b"lpar" => '(',
        b"lt" => '<',
        b"NewLine" => '\n',
        b"num" => '#',
        b"percnt" => '%',
        b"period" => '.',
        b"plus" => '+',
        b"quest" => '?',
        b"quot" => '"',
        b"rbrace" | b"rcub" => '}',
        b"rbrack" | b"rsqb" => ']',
        b"rpar" => ')',
        b"semi" => ';',
        b"sol" => '/',
        b"Tab" => '\t',
        b"vert" => '|',
        _ => return None,
    })
}

fn hex(byte: u8) -> Option<u32> {
    (byte as char).to_digit(16)
}

fn is_punctuation(byte: u8) -> bool {
    (32..127).contains(&byte) && !byte.is_ascii_alphanumeric()
}

fn character_of(code: u32) -> char {
    char::from_u32(code).unwrap_or(REPLACEMENT)
}

/// Reads escapes of one text.
#[derive(Clone, Copy)]
pub struct Decoder<'t> {
    /// The text.
    pub bytes: &'t [u8],
    /// Whether it ends where it does.
    pub ended: bool,
}

/// What stands at a place.
pub enum Escape {
    /// Nothing.
    None,
    /// The text ended before that could be said.
    More,
    /// A character (for a sequence of a terminal `ESCAPE`) and the length of what it is written as.
    Of(char, usize),
}

impl Decoder<'_> {
    /// The escape that begins at a backslash, a percent sign, an ampersand or an escape character.
    pub fn escape_at(self, p: usize) -> Escape {
        let (value, length) = match self.one_at(p) {
            Ok(read) => read,
            Err(Stop::More) if !self.ended => return Escape::More,
            Err(_) => return Escape::None,
        };
        if value != ESCAPE {
            return Escape::Of(value, length);
        }
        match self.sequence_at(p + length) {
            Ok(sequence) => Escape::Of(ESCAPE, length + sequence),
            Err(Stop::More) if !self.ended => Escape::More,
            Err(Stop::More) => Escape::Of(ESCAPE, length),
            // An escape character alone parts words and is no sequence.
            Err(Stop::None) if length == 1 => Escape::None,
            Err(Stop::None) => Escape::Of('\0', length),
        }
    }

    fn one_at(self, p: usize) -> Read<(char, usize)> {
        match self.bytes[p] {
            b'\\' => self.backslash_at(p),
            b'%' => self.percent_at(p),
            b'&' => self.entity_at(p),
            _ => Ok((ESCAPE, 1)),
        }
    }

    /// The byte at a place, which must not be the end.
    fn at(self, p: usize) -> Read<u8> {
        self.bytes.get(p).copied().ok_or(Stop::More)
    }

    /// What follows an escape character: `[`, parameters and a letter, or `(` and a letter.
    fn sequence_at(self, p: usize) -> Read<usize> {
        let mut first = self.at(p)?;
        let mut q = p + 1;
        if first == b'%' {
            let (code, length) = self.byte_at(p)?;
            first = code as u8;
            q = p + length;
        }
        if first == b'(' {
            return match self.at(q)?.is_ascii_alphabetic() {
                true => Ok(q + 1 - p),
                false => Err(Stop::None),
            };
        }
        if first != b'[' {
            return Err(Stop::None);
        }
        for q in q..q + SEQUENCE_MAX {
            match self.at(q)? {
                64..127 => return Ok(q + 1 - p),
                32..64 => {}
                _ => break,
            }
        }
        Err(Stop::None)
    }

    fn backslash_at(self, p: usize) -> Read<(char, usize)> {
        let bytes = self.bytes;
        let n = bytes.len();
        let mut q = p;
        while q < n && q - p < RUN_MAX && bytes[q] == b'\\' {
            q += 1;
        }
        let run = q - p;
        let alone = match run {
            1 => Err(Stop::None),
            _ => Ok(('\\', run)),
        };
        if run == RUN_MAX || (q == n && self.ended) {
            return alone;
        }
        let byte = self.at(q)?;
        let control = match byte {
            b'n' | b'\n' | b'\r' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            _ => '\0',
        };
        if control != '\0' {
            return Ok((control, run + 1));
        }
        match byte {
            b'u' | b'x' => match self.code_at(q, run) {
                Ok((value, length)) => Ok((value, run + length)),
                Err(Stop::None) => alone,
                more => more,
            },
            b'0' => {
                let (value, length) = self.octal_at(q)?;
                Ok((value, run + length))
            }
            b'e' if self.at(q + 1)? == b'[' => Ok((ESCAPE, run + 1)),
            _ if run % 2 == 1 && is_punctuation(byte) => self.punctuation_at(p, q),
            _ => alone,
        }
    }

    fn punctuation_at(self, p: usize, q: usize) -> Read<(char, usize)> {
        let length = q + 1 - p;
        let byte = self.bytes[q];
        // A shell's way to have an apostrophe in a quoted word: '\''
        if byte == b'\'' {
            let next = self.bytes.get(q + 1).copied();
            let behind = self.bytes.get(q + 2).copied();
            match (next, behind) {
                (None, _) | (Some(b'\''), None) if !self.ended => return Err(Stop::More),
                (Some(b'\''), Some(behind)) if behind.is_ascii_alphabetic() => {
                    return Ok(('\'', length + 1));
                }
                _ => {}
            }
        }
        Ok((byte as char, length))
    }

    /// Behind `\`, from `u` or `x` on: `u0040`, `u{40}`, `x40`.
    fn code_at(self, q: usize, run: usize) -> Read<(char, usize)> {
        let bytes = self.bytes;
        let is_u = bytes[q] == b'u';
        if is_u && bytes.get(q + 1) == Some(&b'{') {
            let mut code = 0;
            let mut r = q + 2;
            while r < q + 8 {
                let Some(digit) = hex(self.at(r)?) else { break };
                code = code * 16 + digit;
                r += 1;
            }
            if self.at(r)? != b'}' || r == q + 2 {
                return Err(Stop::None);
            }
            return Ok((character_of(code), r + 1 - q));
        }
        let digits = if is_u { 4 } else { 2 };
        let first = self.digits_at(q + 1, digits)?;
        let length = digits + 1;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok((character_of(first), length));
        }
        // The other half of a character follows, written alike.
        let half = Ok((REPLACEMENT, length));
        let end = q + length;
        for k in 0..=run {
            match bytes.get(end + k) {
                None if self.ended => return half,
                None => return Err(Stop::More),
                Some(&byte) if byte == (if k < run { b'\\' } else { b'u' }) => {}
                Some(_) => return half,
            }
        }
        match self.digits_at(end + run + 1, 4) {
            Ok(other) if (0xdc00..0xe000).contains(&other) => {
                let code = 0x10000 + ((first - 0xd800) << 10) + other - 0xdc00;
                Ok((character_of(code), end + run + 5 - q))
            }
            Err(Stop::More) if !self.ended => Err(Stop::More),
            _ => half,
        }
    }

    /// So many hexadecimal digits.
    fn digits_at(self, p: usize, count: usize) -> Read<u32> {
        let mut code = 0;
        for k in 0..count {
            code = code * 16 + hex(self.at(p + k)?).ok_or(Stop::None)?;
        }
        Ok(code)
    }

    /// `0`, and up to two octal digits.
    fn octal_at(self, q: usize) -> Read<(char, usize)> {
        let mut code = 0;
        let mut r = q + 1;
        while r < q + 3 {
            let Some(&byte) = self.bytes.get(r) else {
                if self.ended {
                    break;
                }
                return Err(Stop::More);
            };
            let Some(digit) = (byte as char).to_digit(8) else {
                break;
            };
            code = code * 8 + digit;
            r += 1;
        }
        Ok((character_of(code), r - q))
    }

    /// A percent sign and two digits, escaped again and again perhaps: the byte, and the length.
    fn byte_at(self, p: usize) -> Read<(u32, usize)> {
        let mut at = p + 1;
        let mut code = self.digits_at(at, 2)?;
        for _ in 1..DEPTH_MAX {
            if code != u32::from(b'%') {
                break;
            }
            at += 2;
            match self.digits_at(at, 2) {
                Ok(next) => code = next,
                Err(Stop::More) if !self.ended => return Err(Stop::More),
                Err(_) => return Ok((code, at - p)),
            }
        }
        Ok((code, at + 2 - p))
    }

    fn percent_at(self, p: usize) -> Read<(char, usize)> {
        let bytes = self.bytes;
        let (first, length) = match self.byte_at(p) {
            Err(Stop::None) if bytes.get(p + 1) == Some(&b'u') => {
                return Ok((character_of(self.digits_at(p + 2, 4)?), 6));
            }
            read => read?,
        };
        let more = match first {
            ..0x80 => return Ok((character_of(first), length)),
            0xc2..0xe0 => 1,
            0xe0..0xf0 => 2,
            0xf0..0xf5 => 3,
            _ => return Ok((REPLACEMENT, length)),
        };
        let broken = Ok((REPLACEMENT, length));
        let mut code = first & (0x3f >> more);
        let mut at = p + length;
        for _ in 0..more {
            if at == bytes.len() && !self.ended {
                return Err(Stop::More);
            }
            if bytes.get(at) != Some(&b'%') {
                return broken;
            }
            match self.byte_at(at) {
                Ok((next, length)) if next & 0xc0 == 0x80 => {
                    code = code << 6 | next & 0x3f;
                    at += length;
                }
                Err(Stop::More) if !self.ended => return Err(Stop::More),
                _ => return broken,
            }
        }
        let least = match more {
            1 => 0x80,
            2 => 0x800,
            _ => 0x10000,
        };
        match char::from_u32(code) {
            Some(value) if code >= least => Ok((value, at - p)),
            _ => broken,
        }
    }

    /// `&#64;`, `&#x40;` or `&commat;`, whose ampersand may be escaped itself.
    fn entity_at(self, p: usize) -> Read<(char, usize)> {
        let bytes = self.bytes;
        let n = bytes.len();
        let mut at = p;
        let mut amp = 0;
        for depth in 0.. {
            let start = at + 1;
            let mut q = start;
            while q < n
                && q - start < ENTITY_MAX
                && (bytes[q].is_ascii_alphanumeric() || bytes[q] == b'#')
            {
                q += 1;
            }
            if q == n && !self.ended {
                return Err(Stop::More);
            }
            let value = match bytes.get(q) {
                Some(b';') => reference_of(&bytes[start..q]),
                _ => None,
            };
            let Some(value) = value else { break };
            if value != '&' || depth == DEPTH_MAX {
                return Ok((value, q + 1 - p));
            }
            // What is behind it may be the rest of another.
            amp = q + 1 - p;
            at = q;
        }
        match amp {
            0 => Err(Stop::None),
            _ => Ok(('&', amp)),
        }
    }
}

fn reference_of(name: &[u8]) -> Option<char> {
    if let Some(value) = entity(name) {
        return Some(value);
    }
    let number = name.strip_prefix(b"#")?;
    let (radix, digits, most) = match number {
        [b'x' | b'X', digits @ ..] => (16, digits, 6),
        digits => (10, digits, 7),
    };
    if digits.is_empty() || digits.len() > most {
        return None;
    }
    let code = digits.iter().try_fold(0, |code, &byte| {
        (byte as char)
            .to_digit(radix)
            .map(|digit| code * radix + digit)
    })?;
    Some(character_of(code))
}
