//! Formulas in MathML as one line of text: fractions, exponents and indices with the signs that say so. Time
//! is linear in the formula. Twin: `math.ts`.

use std::borrow::Cow;

use super::tags::{
    ANNOTATION, INLINE, MFENCED, MFRAC, MROOT, MSQRT, MSUB, MSUBSUP, MSUP, MTABLE, MTR, SKIP, tags,
};
use super::text::is_word;
use super::tree::{DROPPED, ENCODING, HIDDEN, Tree};
use super::walk::plain;

/// An element of so many nodes is not looked into before it is written.
const NEAR: usize = 24;

struct Open {
    end: usize,
    kind: u8,
    /// How many children it had.
    children: u32,
    /// What is written at its end: its own mark, then that of its place.
    close: [&'static str; 2],
}

/// The TeX that a formula was made of, if the page says it.
pub(super) fn tex_of(tree: &Tree<'_>, node: usize) -> Option<String> {
    let end = tree.nodes[node].end as usize;
    let at = (node + 1..end).find(|&at| {
        tree.nodes[at].tag == ANNOTATION
            && tree
                .value(at, ENCODING)
                .is_some_and(|encoding| is_word(&encoding, "application/x-tex"))
    })?;
    let inner = at + 1..tree.nodes[at].end as usize;
    let texts = inner.filter(|&inner| tree.nodes[inner].tag == 0);
    Some(texts.map(|inner| plain(tree.text(inner))).collect())
}

/// A text of a formula without white space around it; what cannot be seen is a space or nothing.
fn token<'t>(tree: &Tree<'t>, node: usize) -> Cow<'t, str> {
    let text = plain(tree.text(node));
    let is_plain = |byte: u8| byte > b' ' && byte < 0x7f;
    if text.bytes().all(is_plain) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut spaced = false;
    for character in text.chars() {
        let is_space = matches!(
            character,
            '\t' | '\n' | '\x0c' | '\r' | ' ' | '\u{a0}' | '\u{2061}'
        );
        if is_space {
            if !spaced {
                out.push(' ');
            }
        } else if !matches!(character, '\u{2062}'..='\u{2064}' | '\u{200b}') {
            out.push(character);
        }
        spaced = is_space;
    }
    let out = out.strip_prefix(' ').map_or(out.as_str(), |rest| rest);
    Cow::Owned(out.strip_suffix(' ').unwrap_or(out).to_owned())
}

/// A line of text in the making.
#[derive(Default)]
struct Line {
    text: String,
    /// Where the last piece begins.
    last: usize,
}

impl Line {
    fn write(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.last = self.text.len();
            self.text.push_str(piece);
        }
    }

    fn close(&mut self, marks: [&str; 2]) {
        // Both are one piece.
        let last = self.text.len();
        for mark in marks {
            self.text.push_str(mark);
        }
        if self.text.len() > last {
            self.last = last;
        }
    }
}

/// The text of a formula.
pub(super) fn math_text(tree: &Tree<'_>, node: usize) -> String {
    let tags = tags();
    let end = tree.nodes[node].end as usize;
    let mut line = Line::default();
    let mut open = vec![Open {
        end,
        kind: INLINE,
        children: 0,
        close: [""; 2],
    }];
    let mut at = node + 1;
    while at < end {
        while open.last().is_some_and(|last| last.end <= at) {
            if let Some(last) = open.pop() {
                line.close(last.close);
            }
        }
        let current = tree.nodes[at];
        let kind = if current.tag == 0 {
            INLINE
        } else {
            tags.kind(current.tag)
        };
        if kind == SKIP || current.flags & (HIDDEN | DROPPED) != 0 {
            at = current.end as usize;
            continue;
        }
        let text = if current.tag == 0 {
            token(tree, at)
        } else {
            Cow::Borrowed("")
        };
        if current.tag == 0 && text.is_empty() {
            at += 1;
            continue;
        }
        let Some(parent) = open.last_mut() else { break };
        let child = parent.children;
        parent.children += 1;
        let mut close = "";
        match parent.kind {
            MFRAC | MSUP | MSUB | MSUBSUP | MROOT => {
                if child > 0 {
                    line.write(separator(parent.kind, child));
                }
                if parent.kind == MROOT && child == 1 {
                    close = ")";
                } else if is_compound(tree, at)
                    && (child > 0 || parent.kind == MFRAC || !is_fenced(tree, at))
                {
                    line.write("(");
                    close = ")";
                }
            }
            MTABLE if child > 0 => line.write("; "),
            MTR | MFENCED if child > 0 => line.write(", "),
            _ => {}
        }
        if current.tag == 0 {
            if runs_together(&line.text[line.last..], &text) {
                line.write(" ");
            }
            line.write(&text);
            line.write(close);
        } else {
            let (start, own) = match kind {
                MSQRT => ("√(", ")"),
                MTABLE => ("[", "]"),
                MFENCED => ("(", ")"),
                _ => ("", ""),
            };
            line.write(start);
            open.push(Open {
                end: current.end as usize,
                kind,
                children: 0,
                close: [own, close],
            });
        }
        at += 1;
    }
    while let Some(last) = open.pop() {
        line.close(last.close);
    }
    line.text
}

fn separator(kind: u8, child: u32) -> &'static str {
    match kind {
        MFRAC => "/",
        MSUP => "^",
        MSUB => "_",
        MROOT => "^(1/",
        _ if child == 1 => "_",
        _ => "^",
    }
}

/// Whether an element has several texts.
fn is_compound(tree: &Tree<'_>, node: usize) -> bool {
    let end = tree.nodes[node].end as usize;
    end > node + NEAR
        || (node..end)
            .filter(|&at| tree.nodes[at].tag == 0 && !token(tree, at).is_empty())
            .count()
            > 1
}

/// Whether it begins with a bracket.
fn is_fenced(tree: &Tree<'_>, node: usize) -> bool {
    let end = (tree.nodes[node].end as usize).min(node + NEAR);
    (node..end)
        .filter(|&at| tree.nodes[at].tag == 0)
        .map(|at| token(tree, at))
        .find(|text| !text.is_empty())
        .is_some_and(|text| text.starts_with(['(', '[', '{', '|']))
}

/// Whether two texts beside each other would be read as one number or name.
fn runs_together(before: &str, text: &str) -> bool {
    let (Some(&a), Some(&b)) = (before.as_bytes().last(), text.as_bytes().first()) else {
        return false;
    };
    if a.is_ascii_digit() {
        return b.is_ascii_digit();
    }
    a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && (before.len() > 1 || text.len() > 1)
}
