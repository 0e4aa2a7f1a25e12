//! Words and CJK runs of a text, as keywords are made of. Names stay whole, what links point to has no words: the rules are
//! told at the twin, `src/text/keywords/scanner.ts`.

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

/// What the walk over a text finds.
#[derive(Clone, Copy)]
pub(super) enum Word<'a> {
    /// As written, with at least one letter and at most 64 characters.
    Spaced(&'a str),
    /// Characters of scripts without spaces.
    Cjk(&'a str),
    /// A number, or a word that is too long.
    Dropped,
}

/// The longest word. Code points, joiners included.
const LONGEST: usize = 64;
/// The longest target of a Markdown link that is left out. UTF-16 units.
const TARGET: usize = 2000;
/// The longest parts of a mail address that is left out. Code points.
const MAILBOX: usize = 64;
const HOST: usize = 255;
const SCHEMES: [&str; 5] = ["http://", "https://", "ftp://", "mailto:", "www."];

/// The words and runs of a text in order.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    apart: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            apart: true,
        }
    }

    /// Byte after the last one read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether more than blanks and one line end stand between the last word and the one before it.
    pub(super) fn apart(&self) -> bool {
        self.apart
    }

    fn class_at(&self, at: usize) -> Option<(char, Class)> {
        let character = self.text[at..].chars().next()?;
        Some((character, class(character)))
    }

    /// The ASCII byte at a place; 0 for none.
    fn byte(&self, at: usize) -> u8 {
        let byte = self.text.as_bytes().get(at).copied().unwrap_or(0);
        if byte < 128 { byte } else { 0 }
    }

    fn is_upper(&self, at: usize) -> bool {
        self.byte(at).is_ascii_uppercase()
    }

    /// Whether a character between two word characters belongs to the word.
    fn joins(&self, at: usize, character: char) -> bool {
        let behind = at + character.len_utf8();
        let before_is_upper = at > 0 && self.is_upper(at - 1);
        match character {
            '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}' | '_' | '\u{ad}' | '\u{200c}'
            | '\u{200d}' => true,
            '.' => match self.byte(behind) {
                b'a'..=b'z' | b'0'..=b'9' => true,
                byte => byte.is_ascii_uppercase() && before_is_upper,
            },
            '&' | '/' => before_is_upper && self.is_upper(behind),
            _ => false,
        }
    }

    /// Whether two capitals follow on a stop behind no word.
    fn names_from(&self, at: usize) -> bool {
        let before = if at == 0 { b' ' } else { self.byte(at - 1) };
        self.is_upper(at + 1)
            && self.is_upper(at + 2)
            && before != 0
            && before != b'.'
            && !before.is_ascii_alphanumeric()
    }

    /// The word that begins here, with a stop before it or not.
    fn word(&mut self) -> Word<'a> {
        let start = self.at;
        let (mut count, mut letters) = (0, false);
        if self.byte(start) == b'.' {
            self.at += 1;
            count += 1;
        }
        while let Some((character, class)) = self.class_at(self.at) {
            match class {
                Class::Letter | Class::Other => letters |= class == Class::Letter,
                Class::Separator if self.joins(self.at, character) => {
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
        count += self.take_signs(count);
        if letters && count <= LONGEST {
            Word::Spaced(&self.text[start..self.at])
        } else {
            Word::Dropped
        }
    }

    /// Takes the signs that belong to a name (C++, C#); how many they are.
    fn take_signs(&mut self, count: usize) -> usize {
        let signs = match (self.byte(self.at), self.byte(self.at + 1)) {
            (b'+', b'+') => 2,
            (b'#', _) if count == 1 => 1,
            _ => return 0,
        };
        match self.class_at(self.at + signs) {
            None | Some((_, Class::Separator)) => {
                self.at += signs;
                signs
            }
            _ => 0,
        }
    }

    fn run(&mut self) -> Word<'a> {
        let start = self.at;
        while let Some((character, Class::Cjk)) = self.class_at(self.at) {
            self.at += character.len_utf8();
        }
        Word::Cjk(&self.text[start..self.at])
    }

    /// Passes an address that begins here; whether one does.
    fn pass_address(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let begins = |scheme: &str| {
            let front = rest.get(..scheme.len());
            front.is_some_and(|front| front.eq_ignore_ascii_case(scheme.as_bytes()))
        };
        if !SCHEMES.iter().any(|scheme| begins(scheme)) {
            return false;
        }
        // Up to a blank, a bracket, a quotation mark, or another alphabet.
        let is_end = |byte: &u8| !(0x21..0x7f).contains(byte) || b"\"<>)]".contains(byte);
        self.at += rest.iter().position(is_end).unwrap_or(rest.len());
        true
    }

    /// Passes the rest of a mail address that the word that ends here begins; whether there is one.
    fn pass_mail(&mut self) -> bool {
        let bytes = &self.text.as_bytes()[self.at..];
        let is_of_mailbox = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-_+%".contains(byte);
        let length = bytes.iter().take(MAILBOX).take_while(is_of_mailbox).count();
        if bytes.get(length) != Some(&b'@') {
            return false;
        }
        let host = self.at + length + 1;
        let mut at = host;
        let mut has_tail = false;
        let mut left = HOST;
        while let Some((character, class)) = self.class_at(at) {
            if character == '.' {
                match self.class_at(at + 1) {
                    _ if at == host => break,
                    Some((_, Class::Letter)) => has_tail = true,
                    Some((_, Class::Other)) => has_tail = false,
                    _ => break,
                }
            } else if class == Class::Cjk || (class == Class::Separator && character != '-') {
                break;
            }
            if left == 0 {
                return false;
            }
            left -= 1;
            at += character.len_utf8();
        }
        // "logo@2x.png" is a picture.
        let name = self.text[host..].trim_start_matches(|c: char| c.is_ascii_digit());
        if !has_tail || name.starts_with("x.") {
            return false;
        }
        self.at = at;
        true
    }

    /// Passes the target of a Markdown link whose text ends here, but for its last bracket.
    fn pass_target(&mut self) {
        let mut units = 2;
        for (offset, character) in self.text[self.at + 2..].char_indices() {
            if units >= TARGET || character == '\n' {
                return;
            }
            if character == ')' {
                self.at += 2 + offset;
                return;
            }
            units += character.len_utf16();
        }
    }
}

impl Words<'_> {
    /// The last byte of an HTML tag that begins here.
    fn tag_end(&self) -> Option<usize> {
        let bytes = &self.text.as_bytes()[self.at..];
        let name = if self.byte(self.at + 1) == b'/' { 2 } else { 1 };
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric();
        let rest = bytes.get(name..)?;
        let length = rest.iter().take_while(is_part).count();
        if length == 0 {
            return None;
        }
        // Words between signs of less and more are no tag: it ends at once, or has an attribute with a value.
        let mut is_tag = matches!(rest.get(length), Some(b'>' | b'/'));
        let start = self.at + name + length;
        let mut units = name + length;
        for (offset, character) in self.text.get(start..)?.char_indices() {
            if units >= TARGET {
                return None;
            }
            match character {
                '>' => return is_tag.then_some(start + offset),
                '<' => return None,
                '=' => is_tag = true,
                _ => {}
            }
            units += character.len_utf16();
        }
        None
    }

    /// The last byte of an HTML entity that begins here.
    fn entity_end(&self) -> Option<usize> {
        for offset in 1..12 {
            match self.text.as_bytes().get(self.at + offset)? {
                b';' => return (offset > 2).then_some(self.at + offset),
                b'#' if offset == 1 => {}
                byte if byte.is_ascii_alphanumeric() => {}
                _ => return None,
            }
        }
        None
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let mut apart = false;
        loop {
            let word = self.take_word()?;
            if matches!(word, Word::Cjk(_)) || !self.pass_mail() {
                self.apart |= apart;
                return Some(word);
            }
            apart = true;
        }
    }
}

impl<'a> Words<'a> {
    /// The next word, be it the beginning of a mail address.
    fn take_word(&mut self) -> Option<Word<'a>> {
        let mut lines = 0;
        self.apart = self.at == 0;
        loop {
            let (character, class) = self.class_at(self.at)?;
            match class {
                Class::Separator => {
                    match character {
                        '\n' => {
                            lines += 1;
                            self.apart |= lines > 1;
                        }
                        ' ' | '\t' | '\r' => {}
                        _ => {
                            self.apart = true;
                            if character == '.' && self.names_from(self.at) {
                                return Some(self.word());
                            }
                            if character == ']' && self.byte(self.at + 1) == b'(' {
                                self.pass_target();
                                self.at += 1;
                                continue;
                            }
                            if matches!(character, '<' | '&') {
                                let end = match character {
                                    '<' => self.tag_end(),
                                    _ => self.entity_end(),
                                };
                                self.at = end.unwrap_or(self.at) + 1;
                                continue;
                            }
                        }
                    }
                    self.at += character.len_utf8();
                }
                Class::Cjk => return Some(self.run()),
                Class::Letter if self.pass_address() => self.apart = true,
                Class::Letter | Class::Other => return Some(self.word()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        Words::new(text)
            .filter_map(|token| match token {
                Word::Spaced(word) => Some(word.to_owned()),
                Word::Cjk(run) => Some(format!("<{run}>")),
                Word::Dropped => None,
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
        assert_eq!(
            tokens(
                "C++, C# .NET ASP.NET node.js. SARS-CoV-2 AT&T and/or x_y end.Next (a)[b](c d) www.e.f/g) h"
            ),
            [
                "C++",
                "C#",
                ".NET",
                "ASP.NET",
                "node.js",
                "SARS-CoV-2",
                "AT&T",
                "and",
                "or",
                "x_y",
                "end",
                "Next",
                "a",
                "b",
                "h"
            ]
        );
        assert_eq!(
            tokens("a bob@b.org c ann.lee+tag@x-y.example.org. d 12@q.com e@2x.png f@g h@i.1 j@"),
            ["a", "c", "d", "e", "2x.png", "f", "g", "h", "i.1", "j"]
        );
        assert!(tokens("").is_empty());
        assert_eq!(tokens("한국어 텍스트"), ["한국어", "텍스트"]);
    }
}
