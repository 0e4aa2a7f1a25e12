//! Preformatted text: a fenced block of code with its language.

use super::{Walker, plain};
use crate::Error;
use crate::tags::{BR, DEL, IMG, INLINE, INPUT, MATH, SKIP};
use crate::text::{is_space, longest_run};
use crate::tree::{ALT, CLASS, DATA_LANG, DATA_LANGUAGE, DROPPED, HIDDEN, lines};

impl Walker<'_> {
    pub(super) fn pre(&mut self, node: usize) -> Result<(), Error> {
        let tree = self.tree;
        let end = tree.nodes[node].end as usize;
        let mut text = String::new();
        let end_line = |text: &mut String| {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
        };
        // The ends of blocks within, where a line ends too.
        let mut open: Vec<usize> = Vec::new();
        let mut at = node + 1;
        while at < end {
            while open.last().is_some_and(|&end| end <= at) {
                open.pop();
                end_line(&mut text);
            }
            let current = tree.nodes[at];
            let kind = self.tags.kind(current.tag);
            if kind == SKIP || current.flags & (HIDDEN | DROPPED) != 0 {
                at = current.end as usize;
                continue;
            }
            match kind {
                _ if current.tag == 0 => text.push_str(&lines(&plain(tree.text(at)))),
                BR => text.push('\n'),
                IMG => text.push_str(&tree.value(at, ALT).unwrap_or_default()),
                INLINE | DEL | INPUT | MATH => {}
                _ => {
                    end_line(&mut text);
                    open.push(current.end as usize);
                }
            }
            at += 1;
        }
        let text = text.trim_end_matches('\n');
        let is_white = |character| matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\u{a0}');
        if text.chars().all(is_white) {
            return Ok(());
        }
        self.border()?;
        self.end_heading();
        if self.in_cell {
            self.inline.text(text, 0);
            return Ok(());
        }
        let fence = "`".repeat(3.max(longest_run(text) + 1));
        let language = self.language(node);
        self.blocks
            .markdown(&format!("{fence}{language}\n{text}\n{fence}"))
    }

    fn language(&self, node: usize) -> String {
        let tree = self.tree;
        let end = tree.nodes[node].end as usize;
        for name in [DATA_LANG, DATA_LANGUAGE] {
            let found = tree
                .value(node, name)
                .map(|value| language(&format!("lang-{value}")));
            if let Some(found) = found.filter(|found| !found.is_empty()) {
                return found;
            }
        }
        // Itself, what is in it at once, then what it is in.
        let within = node..end.min(node + 3);
        let around = (node.saturating_sub(4)..node)
            .rev()
            .filter(|&at| tree.nodes[at].end as usize >= end);
        within
            .chain(around)
            .filter(|&at| tree.nodes[at].tag != 0)
            .filter_map(|at| tree.value(at, CLASS))
            .map(|classes| language(&classes))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }
}

/// The language that a class names.
fn language(classes: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_+#.-".contains(&byte);
    for word in classes.split(|character: char| u8::try_from(character).is_ok_and(is_space)) {
        let name = ["language-", "lang-", "highlight-source-"]
            .iter()
            .find_map(|prefix| word.strip_prefix(prefix));
        if let Some(name) = name.filter(|name| !name.is_empty() && name.bytes().all(is_part)) {
            return if name == "none" {
                String::new()
            } else {
                name.to_owned()
            };
        }
    }
    String::new()
}
