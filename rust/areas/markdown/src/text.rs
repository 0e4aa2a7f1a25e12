//! Small questions about attribute values; in TypeScript they are regular expressions.

/// White space of HTML's attributes, in a value with line feeds only.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c)
}

/// Whether a value is a word, whatever its case.
pub(super) fn is_word(value: &str, word: &str) -> bool {
    value.eq_ignore_ascii_case(word)
}

fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && is_space(bytes[at]) {
        at += 1;
    }
    at
}

fn starts_with(bytes: &[u8], word: &str) -> bool {
    bytes
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Which of some values the first declaration of a property with one of them has.
pub(super) fn contains_declaration<'w>(
    style: &str,
    property: &str,
    values: &[&'w str],
) -> Option<&'w str> {
    let bytes = style.as_bytes();
    for at in 0..bytes.len() {
        if !starts_with(&bytes[at..], property) {
            continue;
        }
        let colon = skip_spaces(bytes, at + property.len());
        if bytes.get(colon) != Some(&b':') {
            continue;
        }
        let from = skip_spaces(bytes, colon + 1);
        if let Some(value) = values
            .iter()
            .find(|value| starts_with(&bytes[from..], value))
        {
            return Some(value);
        }
    }
    None
}

/// A whole number of up to nine digits at the beginning of a value.
pub(super) fn number_from(value: Option<&str>) -> Option<u32> {
    let bytes = value?.as_bytes();
    let mut at = skip_spaces(bytes, 0);
    if bytes.get(at) == Some(&b'+') {
        at += 1;
    }
    let digits = bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if !(1..=9).contains(&digits) {
        return None;
    }
    value?.get(at..at + digits)?.parse().ok()
}

/// Whether a size is that of a picture of one pixel, which is no picture.
pub(super) fn is_dot(size: Option<&str>) -> bool {
    let Some(size) = size else { return false };
    let size = size.trim_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
    let digits = size
        .get(size.len().saturating_sub(2)..)
        .filter(|end| is_word(end, "px"));
    let digits = digits.map_or(size, |_| &size[..size.len() - 2]);
    digits == "0" || digits == "1"
}

/// How many grave accents stand together at most.
pub(super) fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The length in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.bytes()
        .map(|byte| usize::from(byte as i8 >= -64) + usize::from(byte >= 0xf0))
        .sum()
}
