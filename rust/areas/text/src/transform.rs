//! Case, white space, order and normal form, with ECMAScript's results.
//!
//! Rust and V8 may know different versions of Unicode; the twins agree on the code points both know.

use agent_shared::{Error, Packed, Strings, lowercase, uppercase};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// What to do with each string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `toLowerCase`, final sigma included.
    Lowercase,
    /// `toUpperCase`, special casing included.
    Uppercase,
    /// `trim`: white space and line terminators of ECMAScript, U+FEFF included.
    Trim,
    /// Extended grapheme clusters in reverse order.
    Reverse,
    /// Normal form C.
    Nfc,
    /// Normal form KC.
    Nfkc,
}

impl TryFrom<u32> for Operation {
    type Error = Error;

    fn try_from(code: u32) -> Result<Self, Error> {
        Ok(match code {
            0 => Self::Lowercase,
            1 => Self::Uppercase,
            2 => Self::Trim,
            3 => Self::Reverse,
            4 => Self::Nfc,
            5 => Self::Nfkc,
            _ => return Err(Error::Invalid("There is no text operation of that number")),
        })
    }
}

/// Applies one operation to every string.
pub fn transform(operation: Operation, strings: &Packed<'_>) -> Result<Strings, Error> {
    let mut result = Strings::like(strings)?;
    if strings.is_ascii() {
        // The whole buffer at once: the separators are not touched by any of these.
        let whole: Option<fn(&mut str)> = match operation {
            Operation::Lowercase => Some(str::make_ascii_lowercase),
            Operation::Uppercase => Some(str::make_ascii_uppercase),
            Operation::Nfc | Operation::Nfkc => Some(|_| ()),
            Operation::Trim | Operation::Reverse => None,
        };
        if let Some(whole) = whole {
            result.text.push_str(strings.text());
            whole(&mut result.text);
            result
                .lengths
                .extend(strings.iter().map(|string| string.len() as u32));
            return Ok(result);
        }
    }
    if operation == Operation::Reverse && strings.is_ascii() && !strings.text().contains('\r') {
        return reverse_ascii(strings, result);
    }
    for string in strings.iter() {
        match operation {
            Operation::Lowercase => result.push(&lowercase(string))?,
            Operation::Uppercase => result.push(&uppercase(string))?,
            Operation::Trim => result.push(trim(string))?,
            Operation::Reverse => result.push(&reverse(string))?,
            Operation::Nfc if is_nfc_quick(string.chars()) == IsNormalized::Yes => {
                result.push(string)?;
            }
            Operation::Nfc => result.push(&string.nfc().collect::<String>())?,
            Operation::Nfkc if is_nfkc_quick(string.chars()) == IsNormalized::Yes => {
                result.push(string)?;
            }
            Operation::Nfkc => result.push(&string.nfkc().collect::<String>())?,
        }
    }
    Ok(result)
}

/// ECMAScript's `trim`.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// WhiteSpace or LineTerminator of ECMAScript.
fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '\u{feff}'
    )
}

/// Whether a character always begins and ends a cluster beside another such: common letters, digits,
/// punctuation and ideographs. No carriage return, mark, joiner, jamo or regional letter.
fn is_simple(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{c}'
            | '\u{e}'..='\u{2ff}'
            | '\u{370}'..='\u{482}'
            | '\u{48a}'..='\u{58f}'
            | '\u{2010}'..='\u{2027}'
            | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fe}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
    )
}

fn reverse(text: &str) -> String {
    if text.chars().all(is_simple) {
        return text.chars().rev().collect();
    }
    // Found from the front: from the back this version of the crate misses some Indic conjuncts.
    let clusters: Vec<&str> = text.graphemes(true).collect();
    clusters.into_iter().rev().collect()
}

/// ASCII without carriage returns: each byte is a cluster.
fn reverse_ascii(strings: &Packed<'_>, mut result: Strings) -> Result<Strings, Error> {
    let mut bytes = std::mem::take(&mut result.text).into_bytes();
    for string in strings.iter() {
        if !result.lengths.is_empty() {
            bytes.push(b'\n');
        }
        bytes.extend(string.bytes().rev());
        result.lengths.push(string.len() as u32);
    }
    result.text = String::from_utf8(bytes).map_err(|_| Error::Invalid("The text is not ASCII"))?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use agent_shared::utf16_len;

    use super::*;

    fn one(operation: Operation, text: &str) -> String {
        let lengths = [utf16_len(text)];
        let packed = Packed::new(text, &lengths).unwrap();
        transform(operation, &packed).unwrap().text
    }

    #[test]
    fn follows_ecmascript() {
        assert_eq!(one(Operation::Lowercase, "ΑΣ ΑΣΑ İ"), "ας ασα i\u{307}");
        assert_eq!(one(Operation::Uppercase, "straße ŉ ﬁ"), "STRASSE ʼN FI");
        assert_eq!(
            one(Operation::Trim, "\u{feff}\u{2003} a b \r\n\u{2029}"),
            "a b"
        );
        assert_eq!(one(Operation::Trim, "\u{85}a\u{200b}"), "\u{85}a\u{200b}");
        assert_eq!(one(Operation::Nfc, "e\u{301}\u{ac00}\u{11a8}"), "é각");
        assert_eq!(one(Operation::Nfkc, "ﬁ①Ａ"), "fi1A");
    }

    #[test]
    fn reverses_clusters() {
        assert_eq!(one(Operation::Reverse, "abc"), "cba");
        let packed = Packed::new("ab\n\ncd e", &[2, 0, 4]).unwrap();
        let strings = transform(Operation::Reverse, &packed).unwrap();
        assert_eq!(
            (strings.text.as_str(), &strings.lengths[..]),
            ("ba\n\ne dc", &[2, 0, 4][..])
        );
        assert_eq!(one(Operation::Reverse, "a\r\nb"), "b\r\na");
        assert_eq!(one(Operation::Reverse, "नमस्ते"), "स्तेमन");
        assert_eq!(one(Operation::Reverse, "e\u{301}x👨‍👩‍👧🇩🇪"), "🇩🇪👨‍👩‍👧xe\u{301}");
    }

    #[test]
    fn keeps_the_strings_apart() {
        let packed = Packed::new("Aé\n\nB", &[2, 0, 1]).unwrap();
        let lower = transform(Operation::Lowercase, &packed).unwrap();
        assert_eq!(lower.text, "aé\n\nb");
        assert_eq!(lower.lengths, [2, 0, 1]);
        let packed = Packed::new("Ab\n\n C", &[2, 0, 2]).unwrap();
        let upper = transform(Operation::Uppercase, &packed).unwrap();
        assert_eq!(
            (upper.text.as_str(), &upper.lengths[..]),
            ("AB\n\n C", &[2, 0, 2][..])
        );
    }
}
