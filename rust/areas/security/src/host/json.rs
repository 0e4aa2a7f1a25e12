//! JSON written by hand, field by field: rows are many and small, and a tree of values would cost more
//! than reading them from the system.

/// A JSON text that grows.
#[derive(Default)]
pub(super) struct Json {
    text: String,
}

impl Json {
    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// What another text holds, as further items.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        if other.text.is_empty() {
            return self;
        }
        self.next().raw(&other.text)
    }

    /// Another text as it is.
    pub(super) fn raw_of(&mut self, other: &Self) -> &mut Self {
        self.raw(&other.text)
    }

    /// Syntax as it is: brackets, and keys with their colon.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A comma, unless a bracket was opened just before.
    pub(super) fn next(&mut self) -> &mut Self {
        if !self.text.is_empty() && !self.text.ends_with(['[', '{']) {
            self.text.push(',');
        }
        self
    }

    /// A whole number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        // Digits are text: there is nothing to be refused.
        self.text
            .push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
        self
    }

    /// A whole number, or null.
    pub(super) fn maybe_number(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.number(number),
            None => self.raw("null"),
        }
    }

    /// A truth, or null.
    pub(super) fn maybe_flag(&mut self, flag: Option<bool>) -> &mut Self {
        self.raw(match flag {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        })
    }

    /// Bytes as a string; what is no UTF-8 becomes U+FFFD.
    pub(super) fn string(&mut self, bytes: &[u8]) -> &mut Self {
        let text = String::from_utf8_lossy(bytes);
        self.text.push('"');
        let mut begin = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.text.push_str(&text[begin..at]);
            begin = at + 1;
            match byte {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                _ => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    self.text.push_str("\\u00");
                    self.text.push(HEX[usize::from(byte >> 4)] as char);
                    self.text.push(HEX[usize::from(byte & 15)] as char);
                }
            }
        }
        self.text.push_str(&text[begin..]);
        self.text.push('"');
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_parser_reads_back() {
        let mut json = Json::default();
        json.raw("[").next().number(0).next().number(u64::MAX);
        json.next()
            .string(b"a\"\\\n\x01\xff\xe4\xbd\xa0")
            .next()
            .maybe_flag(None);
        json.next()
            .maybe_number(None)
            .next()
            .maybe_number(Some(7))
            .raw("]");
        let value: serde_json::Value = serde_json::from_slice(&json.into_bytes()).unwrap();
        let expected = serde_json::json!([0, u64::MAX, "a\"\\\n\u{1}\u{fffd}你", null, null, 7]);
        assert_eq!(value, expected);
    }
}
