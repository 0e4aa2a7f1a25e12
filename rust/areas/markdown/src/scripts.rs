//! The signs that say of superscript and subscript text that it is: `10^6`, `H_2O`, `x^(a+b)`. None where the
//! page has a fraction, an ordinal, a reference or a trade mark. Twin: `scripts.ts`.

use super::characters::{Class, class_of};
use super::tree::{DROPPED, HIDDEN, LINK_SHIFT, Tree};
use super::walk::plain;

/// Of an element so many nodes are looked at.
const NEAR: usize = 8;
/// What stands high without being an exponent.
const ORDINALS: [&str; 14] = [
    "st", "nd", "rd", "th", "e", "er", "re", "ère", "ème", "eme", "nde", "a", "o", "tm",
];
const FRACTION: char = '\u{2044}';

/// What is written before and behind; " " before for a space.
pub(super) struct ScriptMarks {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

const NO_MARKS: ScriptMarks = ScriptMarks {
    before: "",
    after: "",
};

fn is_other(character: char) -> bool {
    matches!(class_of(character), Class::Other)
}

/// The signs for an element; `beside` is the character that its text would stand beside.
pub(super) fn script_marks(
    tree: &Tree<'_>,
    node: usize,
    high: bool,
    beside: Option<char>,
) -> ScriptMarks {
    let Some(beside) = beside.filter(|&beside| is_other(beside) || matches!(beside, ')' | ']'))
    else {
        return NO_MARKS;
    };
    let is_digit_before = beside.is_ascii_digit();
    let end = tree.nodes[node].end as usize;
    let mut text = String::new();
    for at in node + 1..end.min(node + NEAR + 1) {
        let current = tree.nodes[at];
        if current.tag != 0 || current.flags & (HIDDEN | DROPPED) != 0 {
            continue;
        }
        if current.style >> LINK_SHIFT != 0 {
            return NO_MARKS;
        }
        text.push_str(&plain(tree.text(at)));
    }
    let is_space = |character| matches!(character, '\t' | '\n' | '\x0c' | '\r' | ' ' | '\u{a0}');
    let text = text.trim_matches(is_space);
    let (Some(first), Some(last)) = (text.chars().next(), text.chars().next_back()) else {
        return NO_MARKS;
    };
    let next = following(tree, end);
    if high && matches!(next, Some('/' | FRACTION)) {
        return if is_digit_before {
            ScriptMarks {
                before: " ",
                after: "",
            }
        } else {
            NO_MARKS
        };
    }
    let lower = text.to_ascii_lowercase();
    let is_trade = lower == "tm" || lower == "sm";
    if high && (is_trade || (is_digit_before && ORDINALS.contains(&lower.as_str()))) {
        return NO_MARKS;
    }
    let is_signed = matches!(first, '+' | '-' | '\u{2212}');
    let mark = |before, after| ScriptMarks { before, after };
    if !is_signed && !is_other(first) {
        return match (first, high) {
            ('(', true) => mark("^", ""),
            ('(', false) => mark("_", ""),
            _ => NO_MARKS,
        };
    }
    let word = if is_signed {
        &text[first.len_utf8()..]
    } else {
        text
    };
    let is_word = end <= node + NEAR + 1 && word.chars().all(is_other);
    let runs_on =
        next.is_some_and(|next| is_other(next) && next.is_ascii_digit() == last.is_ascii_digit());
    match (is_word && !runs_on && (high || !is_signed), high) {
        (true, true) => mark("^", ""),
        (true, false) => mark("_", ""),
        (false, true) => mark("^(", ")"),
        (false, false) => mark("_(", ")"),
    }
}

/// The first character of the text after an element, if it is not far.
fn following(tree: &Tree<'_>, from: usize) -> Option<char> {
    let at = (from..tree.count().min(from + NEAR)).find(|&at| tree.nodes[at].tag == 0)?;
    plain(tree.text(at)).chars().next()
}
