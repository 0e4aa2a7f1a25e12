//! Literals that are found as whole words only. Twin: `src/text/redact/whole.ts`, which says how.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use super::chars::{CLASS, Script, Text, WORD, char_at, char_before, script_of};
use super::finder::{Finder, Found};
use super::fold::{Fold, fold_text};

fn is_word(character: Option<char>) -> bool {
    character.is_some_and(|character| match character.is_ascii() {
        true => CLASS[character as usize] & WORD != 0,
        false => script_of(character) == Script::Letter,
    })
}

/// The end of what is looked up at a place, a word or one character, and how many characters it has.
fn head_end(text: &[u8], p: usize, most: usize) -> (usize, usize) {
    let first = char_at(text, p);
    let mut e = p + first.map_or(1, char::len_utf8);
    let mut count = first.map_or(1, char::len_utf16);
    if is_word(first) {
        while count <= most {
            let next = char_at(text, e);
            if !is_word(next) {
                break;
            }
            e += next.map_or(1, char::len_utf8);
            count += 1;
        }
    }
    (e, count)
}

/// Literals of whole words, which texts share.
pub struct Whole {
    /// By first word: the literals that begin with it, longest first, with their ids.
    by_head: HashMap<Vec<u8>, Vec<(Vec<u8>, u32)>>,
    fold: Fold,
    longest: usize,
}

impl Whole {
    /// Prepares literals; the first of them has rule id `base`.
    pub fn new<'a>(literals: impl Iterator<Item = &'a str>, base: u32, fold: Fold) -> Self {
        let mut by_head: HashMap<Vec<u8>, Vec<(Vec<u8>, u32)>> = HashMap::new();
        let mut longest = 1;
        for (id, literal) in (base..).zip(literals) {
            let folded = fold_text(literal.as_bytes(), fold);
            let (end, count) = head_end(&folded, 0, folded.len());
            longest = longest.max(count);
            let list = by_head.entry(folded[..end].to_vec()).or_default();
            list.push((folded, id));
        }
        for list in by_head.values_mut() {
            list.sort_by_key(|(literal, _)| Reverse(literal.len()));
        }
        Self {
            by_head,
            fold,
            longest,
        }
    }
}

/// Finds whole words in one text.
pub struct WholeFinder<'l, 't> {
    whole: &'l Whole,
    folded: Cow<'t, [u8]>,
}

impl<'l, 't> WholeFinder<'l, 't> {
    /// A finder for one text.
    pub fn new(whole: &'l Whole, text: &'t [u8]) -> Self {
        Self {
            whole,
            folded: match whole.fold {
                Fold::Exact => Cow::Borrowed(text),
                fold => Cow::Owned(fold_text(text, fold)),
            },
        }
    }

    /// The longest literal of some at `p`, or that there may be one.
    fn take(&self, list: &[(Vec<u8>, u32)], text: Text<'_>, p: usize) -> Option<Found> {
        let n = text.len();
        for (literal, id) in list {
            let end = p + literal.len();
            if !text.last && end >= n && literal.starts_with(&self.folded[p..]) {
                return Some(Found::none(p));
            }
            if !self.folded[p..].starts_with(literal) {
                continue;
            }
            if is_word(char_before(text.bytes, end)) && is_word(char_at(text.bytes, end)) {
                continue;
            }
            return Some(Found {
                start: p,
                end,
                rule: *id,
            });
        }
        None
    }
}

impl Finder for WholeFinder<'_, '_> {
    fn seek(&mut self, text: Text<'_>, from: usize) -> Found {
        let n = text.len();
        let longest = self.whole.longest;
        let mut p = from;
        while p < n {
            let first = char_at(text.bytes, p);
            let word = is_word(first);
            if word && is_word(char_before(text.bytes, p)) {
                p += first.map_or(1, char::len_utf8);
                continue;
            }
            let (e, count) = head_end(text.bytes, p, longest);
            if count <= longest {
                if word && text.open(e) {
                    return Found::none(p);
                }
                if let Some(list) = self.whole.by_head.get(&self.folded[p..e])
                    && let Some(found) = self.take(list, text, p)
                {
                    return found;
                }
            }
            p = e;
        }
        Found::none(n)
    }
}
