//! Upper and lower case as the engine has them.
//!
//! Rust's tables are of Unicode 17, the engine's of 16. Code points that are new in 17 may differ; of
//! those that both know, 17 changed three, and these are put back here: the two Latin letters that got
//! upper-case partners which the engine does not know, and U+0295, which is no longer a cased letter
//! and so no longer makes a sigma after it final.

const NEW_PARTNERS: [char; 2] = ['\u{a7d3}', '\u{a7d5}'];
const UNCASED: char = '\u{295}';
const SIGMA: char = 'Σ';
/// Letters with the property that U+0295 had: cased, and their own lower case.
const STAND_INS: std::ops::RangeInclusive<char> = '\u{250}'..='\u{293}';

/// ECMAScript's `toLowerCase`.
pub fn lowercase(text: &str) -> String {
    if text.contains(UNCASED)
        && text.contains(SIGMA)
        && let Some(letter) = STAND_INS.into_iter().find(|&letter| !text.contains(letter))
    {
        let mut buffer = [0; 4];
        let stand_in: &str = letter.encode_utf8(&mut buffer);
        let lower = text.replace(UNCASED, stand_in).to_lowercase();
        return lower.replace(letter, "\u{295}");
    }
    text.to_lowercase()
}

/// ECMAScript's `toUpperCase`.
pub fn uppercase(text: &str) -> String {
    if !text.contains(NEW_PARTNERS) {
        return text.to_uppercase();
    }
    let mut upper = String::with_capacity(text.len());
    for piece in text.split_inclusive(NEW_PARTNERS) {
        let (rest, kept) = match piece.char_indices().next_back() {
            Some((at, last)) if NEW_PARTNERS.contains(&last) => piece.split_at(at),
            _ => (piece, ""),
        };
        upper.push_str(&rest.to_uppercase());
        upper.push_str(kept);
    }
    upper
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_back_what_the_newer_version_changed() {
        assert_eq!(uppercase("a\u{a7d3}ß\u{a7d5}"), "A\u{a7d3}SS\u{a7d5}");
        assert_eq!(uppercase("aß"), "ASS");
        assert_eq!(lowercase("\u{295}Σ"), "\u{295}ς");
        assert_eq!(
            lowercase("AΣ\u{295} \u{250}\u{251}"),
            "aσ\u{295} \u{250}\u{251}"
        );
        assert_eq!(lowercase("\u{295}ΑΣ Σ"), "\u{295}ας σ");
    }
}
