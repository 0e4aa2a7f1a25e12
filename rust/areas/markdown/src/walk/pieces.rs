//! Pieces that are more than their text: pictures, code, exponents and indices, quotations. In TypeScript they
//! are in `walk.ts`.

use super::Walker;
use super::code::{code_of, language_of};
use crate::Error;
use crate::link::{one_line, push_destination, push_title};
use crate::scripts::script_marks;
use crate::tags::{Q, RT, SUP};
use crate::text::{is_dot, longest_run};
use crate::tree::{ALT, DATA_ORIGINAL, DATA_SRC, HEIGHT, SRC, TITLE, WIDTH};

impl Walker<'_> {
    /// Begins an inline element that is more than its text.
    pub(super) fn begin_inline(&mut self, node: usize, kind: u8) {
        let tree = self.tree;
        let style = self.styled(tree.nodes[node].style);
        match kind {
            Q => {
                let mark = if self.quotes.is_multiple_of(2) {
                    "“"
                } else {
                    "‘"
                };
                self.quotes += 1;
                self.inline.text(mark, style);
            }
            RT => self.inline.text("(", style),
            _ => {
                let marks = script_marks(tree, node, kind == SUP, self.inline.beside());
                if marks.before == " " {
                    self.inline.space();
                } else {
                    self.inline.glue(marks.before, style);
                }
                self.scripts.push(marks.after);
            }
        }
    }

    pub(super) fn end_inline(&mut self, node: usize, kind: u8) {
        let style = self.styled(self.tree.nodes[node].style);
        match kind {
            Q => {
                self.quotes -= 1;
                let mark = if self.quotes.is_multiple_of(2) {
                    "”"
                } else {
                    "’"
                };
                self.inline.text(mark, style);
            }
            RT => self.inline.text(")", style),
            _ => {
                let after = self.scripts.pop().unwrap_or_default();
                self.inline.text(after, style);
            }
        }
    }

    /// Preformatted text: a fenced block of code with its language.
    pub(super) fn pre(&mut self, node: usize) -> Result<(), Error> {
        let text = code_of(self.tree, node);
        if text.is_empty() {
            return Ok(());
        }
        self.border()?;
        if self.cell.is_some() {
            for line in text.split('\n') {
                self.inline.line_break();
                if !line.is_empty() {
                    self.inline.markdown(&code_span(line), 0);
                }
            }
            self.inline.line_break();
            return Ok(());
        }
        self.end_heading();
        let fence = "`".repeat(3.max(longest_run(&text) + 1));
        let language = language_of(self.tree, node);
        self.blocks
            .markdown(&format!("{fence}{language}\n{text}\n{fence}"))
    }

    pub(super) fn image(&mut self, node: usize) {
        let tree = self.tree;
        let style = self.styled(tree.nodes[node].style);
        let alt = tree.value(node, ALT).unwrap_or_default();
        let url = [SRC, DATA_SRC, DATA_ORIGINAL]
            .iter()
            .map(|&name| {
                self.inline
                    .links
                    .target(&tree.value(node, name).unwrap_or_default())
            })
            .find(|url| !url.is_empty());
        let Some(url) = url else {
            if !alt.is_empty() {
                self.inline.text(&alt, style);
            }
            return;
        };
        if is_dot(tree.value(node, WIDTH).as_deref()) || is_dot(tree.value(node, HEIGHT).as_deref())
        {
            return;
        }
        let mut piece = String::from("![");
        let is_white = |character: char| character <= ' ' || matches!(character, '\x7f' | '\u{a0}');
        for character in one_line(&alt, is_white).chars() {
            if "\\`*_[]<&~!".contains(character) {
                piece.push('\\');
            }
            piece.push(character);
        }
        piece.push_str("](");
        push_destination(&mut piece, &url);
        push_title(&mut piece, &tree.value(node, TITLE).unwrap_or_default());
        piece.push(')');
        self.inline.markdown(&piece, style);
    }
}

/// A line of code within a cell.
fn code_span(line: &str) -> String {
    let fence = "`".repeat(longest_run(line) + 1);
    let ends = |mark| line.starts_with(mark) || line.ends_with(mark);
    let is_padded =
        line.starts_with(' ') && line.ends_with(' ') && line.bytes().any(|byte| byte != b' ');
    let pad = if ends('`') || is_padded { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}
