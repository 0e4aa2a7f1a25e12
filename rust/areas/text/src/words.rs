//! Words and CJK runs of a text, as keywords are made of.

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// What a character is to [`Tokens`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    /// A mark or a number.
    Other,
    /// A letter, mark or number of a script that is written without spaces.
    Cjk,
    Separator,
}

fn class(character: char) -> Class {
    if character.is_ascii() {
        return match character {
            'a'..='z' | 'A'..='Z' => Class::Letter,
            '0'..='9' => Class::Other,
            _ => Class::Separator,
        };
    }
    let class = match get_general_category(character) {
        Category::UppercaseLetter
        | Category::LowercaseLetter
        | Category::TitlecaseLetter
        | Category::ModifierLetter
        | Category::OtherLetter => Class::Letter,
        Category::NonspacingMark
        | Category::SpacingMark
        | Category::EnclosingMark
        | Category::DecimalNumber
        | Category::LetterNumber
        | Category::OtherNumber => Class::Other,
        _ => return Class::Separator,
    };
    match character {
        // Hiragana is mostly endings and particles: it parts the words of Japanese text.
        '\u{3040}'..='\u{309f}' => Class::Separator,
        '\u{3005}'..='\u{3007}'
        | '\u{30a0}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}' => Class::Cjk,
        _ => class,
    }
}

/// A word, or a run of characters that no spaces part into words.
pub(super) enum Word<'a> {
    /// As written, with at least one letter and at most 64 characters.
    Spaced(&'a str),
    /// Characters of scripts without spaces.
    Cjk(&'a str),
}

/// The longest word. Code points, apostrophes included.
const LONGEST: usize = 64;

/// The words and runs of a text in order.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Byte after the last one read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn class_at(&self, at: usize) -> Option<(char, Class)> {
        let character = self.text[at..].chars().next()?;
        Some((character, class(character)))
    }

    /// The word that begins here, unless it is one that is dropped.
    fn word(&mut self) -> Option<Word<'a>> {
        let start = self.at;
        let (mut count, mut letters) = (0, false);
        while let Some((character, class)) = self.class_at(self.at) {
            match class {
                Class::Letter | Class::Other => letters |= class == Class::Letter,
                // One apostrophe between two characters of a word belongs to it.
                Class::Separator if matches!(character, '\'' | '\u{2019}') => {
                    match self.class_at(self.at + character.len_utf8()) {
                        Some((_, Class::Letter | Class::Other)) => {}
                        _ => break,
                    }
                }
                Class::Separator | Class::Cjk => break,
            }
            count += 1;
            self.at += character.len_utf8();
        }
        (letters && count <= LONGEST).then(|| Word::Spaced(&self.text[start..self.at]))
    }

    fn run(&mut self) -> Word<'a> {
        let start = self.at;
        while let Some((character, Class::Cjk)) = self.class_at(self.at) {
            self.at += character.len_utf8();
        }
        Word::Cjk(&self.text[start..self.at])
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        loop {
            let (character, class) = self.class_at(self.at)?;
            match class {
                Class::Separator => self.at += character.len_utf8(),
                Class::Cjk => return Some(self.run()),
                Class::Letter | Class::Other => {
                    if let Some(word) = self.word() {
                        return Some(word);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        Words::new(text)
            .map(|token| match token {
                Word::Spaced(word) => word.to_owned(),
                Word::Cjk(run) => format!("<{run}>"),
            })
            .collect()
    }

    #[test]
    fn words_and_runs() {
        assert_eq!(
            tokens("Don't 'quote' it''s l\u{2019}eau x'"),
            ["Don't", "quote", "it", "s", "l\u{2019}eau", "x"]
        );
        assert_eq!(
            tokens("2024 is 3rd. e\u{301}té"),
            ["is", "3rd", "e\u{301}té"]
        );
        assert_eq!(
            tokens("GPU是什么abcカタカナー、漢'字"),
            ["GPU", "<是什么>", "abc", "<カタカナー>", "<漢>", "<字>"]
        );
        let long = "a".repeat(65);
        assert_eq!(
            tokens(&format!("{long} {} b", &long[1..])),
            [&long[1..], "b"]
        );
        assert!(tokens("").is_empty());
        assert_eq!(tokens("한국어 텍스트"), ["한국어", "텍스트"]);
    }
}
