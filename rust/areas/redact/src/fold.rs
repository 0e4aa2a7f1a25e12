//! Letters in either case, each by one for both. Twin: `src/text/redact/fold.ts`, which says which.

/// How the case of literals counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// As it is.
    Exact,
    /// That of ASCII letters does not.
    Ascii,
    /// That of letters does not.
    Letters,
}

fn fold_char(character: char) -> char {
    if !matches!(character, '\u{b5}'..='\u{58f}' | '\u{1e00}'..='\u{1fff}' | '\u{ff21}'..='\u{ff5a}')
    {
        return character.to_ascii_lowercase();
    }
    let upper = single(character.to_uppercase(), character);
    let lower = single(upper.to_lowercase(), upper);
    match lower.len_utf8() == character.len_utf8() {
        true => lower,
        false => character,
    }
}

fn single(mut characters: impl Iterator<Item = char>, other: char) -> char {
    match (characters.next(), characters.next()) {
        (Some(one), None) => one,
        _ => other,
    }
}

/// A text, whatever its case; as many bytes.
pub fn fold_text(text: &[u8], fold: Fold) -> Vec<u8> {
    let mut folded = text.to_ascii_lowercase();
    match fold {
        Fold::Exact => return text.to_vec(),
        Fold::Ascii => return folded,
        Fold::Letters => {}
    }
    if text.is_ascii() {
        return folded;
    }
    let Ok(characters) = std::str::from_utf8(text) else {
        return folded;
    };
    for (at, character) in characters.char_indices().filter(|(_, c)| !c.is_ascii()) {
        fold_char(character).encode_utf8(&mut folded[at..at + character.len_utf8()]);
    }
    folded
}
