//! What stands around formulas and code and is none of a page's text: the glyphs of a formula whose TeX
//! follows, buttons that copy code, labels that name its language. It is hidden, and tables and editors that
//! hold code are marked. Each piece of code is looked at for a bounded number of nodes. Twin: `around.ts`.

use super::tags::{BLOCK, CELL, DIV, INLINE, P, PRE, ROW, TABLE, TABLE_TAG, tags};
use super::text::units;
use super::tree::{AS_CODE, CLASS, HIDDEN, Tree};
use super::walk::code::{TOOL, TOOLS, language_of, names_numbers};
use super::walk::languages::is_known;
use super::walk::plain;

/// So many nodes before and behind code are looked at.
const AROUND: usize = 16;
/// Elements whose children are the lines of an editor.
const EDITORS: [&str; 5] = [
    "CodeMirror-code",
    "cm-content",
    "view-lines",
    "ace_text-layer",
    "react-code-lines",
];
/// What buttons at code say first.
const ACTIONS: [&str; 10] = [
    "copy",
    "copied",
    "copier",
    "copiar",
    "kopieren",
    "kopiera",
    "copia",
    "kopiuj",
    "コピー",
    "复制",
];
/// Words of classes of what names the language.
const LABELS: [&str; 3] = ["lang", "language", "label"];

/// Hides what is around formulas and code, and marks what is written as code.
pub(super) fn hide_around(tree: &mut Tree<'_>) {
    let formulas = std::mem::take(&mut tree.formulas);
    let mut before = None;
    for &formula in &formulas {
        hide_glyphs(tree, before, formula);
        before = Some(formula);
    }
    for &formula in &formulas {
        hide_next(tree, formula);
    }
    let tags = tags();
    let mut node = 0;
    while node < tree.count() {
        let tag = tree.nodes[node].tag;
        if tag != 0 && tag < tags.known {
            let is_pre = tags.kind(tag) == PRE;
            let is_code = is_pre
                || (tag == DIV && is_editor(tree, node))
                || (tag == TABLE_TAG && holds_code(tree, node));
            if is_code {
                if !is_pre {
                    tree.nodes[node].flags |= AS_CODE;
                }
                hide_tools(tree, node);
                if !is_pre {
                    node = end_of(tree, node);
                    continue;
                }
            }
        }
        node += 1;
    }
}

/// Hides what MathJax made of a formula, which stands right before it.
fn hide_glyphs(tree: &mut Tree<'_>, before: Option<usize>, formula: usize) {
    let mut edge = formula;
    // The last text that is in no element looked at so far.
    let mut loose = None;
    for at in (before.map_or(0, |before| before + 1)..formula).rev() {
        if tree.nodes[at].tag == 0 {
            if loose.is_none() && !is_blank(tree, at) {
                loose = Some(at);
            }
            continue;
        }
        let end = end_of(tree, at);
        if end > edge {
            return;
        }
        if loose.is_some_and(|loose| loose >= end) || !are_glyphs(tree, at) {
            continue;
        }
        tree.nodes[at].flags |= HIDDEN;
        edge = at;
        loose = None;
    }
}

/// The same where they stand right behind it, before no other formula.
fn hide_next(tree: &mut Tree<'_>, formula: usize) {
    let mut at = formula + 1;
    while at < tree.count() && tree.nodes[at].tag == 0 && is_blank(tree, at) {
        at += 1;
    }
    if at < tree.count() && tree.nodes[at].tag != 0 && are_glyphs(tree, at) {
        tree.nodes[at].flags |= HIDDEN;
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

/// Whether a word of an element's class, as it stands in the source, is one of some.
fn has_class(tree: &Tree<'_>, node: usize, is: impl Fn(&str) -> bool) -> bool {
    tree.find(tree.range(node), CLASS)
        .is_some_and(|at| tree.raw_value(at).split(is_space).any(is))
}

fn are_glyphs(tree: &Tree<'_>, node: usize) -> bool {
    has_class(tree, node, |word| {
        word.starts_with("MathJax") || word.starts_with("mjx-")
    })
}

fn is_editor(tree: &Tree<'_>, node: usize) -> bool {
    has_class(tree, node, |word| EDITORS.contains(&word))
}

/// Whether each row of a table begins with numbers of lines, and something stands beside.
fn holds_code(tree: &Tree<'_>, table: usize) -> bool {
    let tags = tags();
    let (mut cells, mut lines, mut in_row) = (0, 0, false);
    for at in table + 1..end_of(tree, table) {
        match tags.kind(tree.nodes[at].tag) {
            TABLE | PRE => return false,
            ROW => in_row = true,
            CELL if !in_row => lines += 1,
            CELL => {
                in_row = false;
                let classes = tree.value(at, CLASS).unwrap_or_default();
                if !names_numbers(&classes) {
                    return false;
                }
                let mut digits = false;
                for inner in at + 1..end_of(tree, at) {
                    if tree.nodes[inner].tag != 0 {
                        continue;
                    }
                    let text = plain(tree.text(inner));
                    let text = trimmed(&text);
                    if !text
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || byte == b'|')
                    {
                        return false;
                    }
                    digits |= !text.is_empty();
                }
                // A gutter may be any empty cell.
                if !digits && classes.to_ascii_lowercase().contains("gutter") {
                    return false;
                }
                cells += 1;
            }
            _ => {}
        }
    }
    cells > 0 && lines > 0
}

/// Hides the buttons and labels right before and behind code.
fn hide_tools(tree: &mut Tree<'_>, code: usize) {
    let language = language_of(tree, code).to_ascii_lowercase();
    let after = end_of(tree, code);
    let behind = tree.count().min(after + AROUND);
    let mut at = after;
    while at < behind {
        if tree.nodes[at].tag == 0 {
            if !is_blank(tree, at) {
                break;
            }
            at += 1;
        } else if !is_box(tree, at) {
            break;
        } else if is_tool(tree, at, &language) {
            tree.nodes[at].flags |= HIDDEN;
            at = end_of(tree, at);
        } else {
            at += 1;
        }
    }
    let mut loose = None;
    for at in (code.saturating_sub(AROUND)..code).rev() {
        if tree.nodes[at].tag == 0 {
            if loose.is_none() && !is_blank(tree, at) {
                loose = Some(at);
            }
            continue;
        }
        let end = end_of(tree, at);
        if end > code {
            if loose.is_some() {
                return;
            }
            continue;
        }
        if !is_box(tree, at) {
            return;
        }
        if loose.is_none_or(|loose| loose < end) && is_tool(tree, at, &language) {
            tree.nodes[at].flags |= HIDDEN;
            loose = None;
        }
    }
}

fn is_box(tree: &Tree<'_>, node: usize) -> bool {
    let tag = tree.nodes[node].tag;
    let kind = tags().kind(tag);
    kind == INLINE || (kind == BLOCK && tag != P)
}

/// Whether an element beside code copies it or names its language.
fn is_tool(tree: &Tree<'_>, node: usize, language: &str) -> bool {
    let end = end_of(tree, node);
    if end > node + AROUND {
        return false;
    }
    let mut raw = String::new();
    for at in node + 1..end {
        if tree.nodes[at].tag == 0 {
            raw.push_str(tree.text(at));
        }
        if units(&raw) > 2 * TOOL {
            return false;
        }
    }
    let text = trimmed(&plain(&raw)).to_ascii_lowercase();
    if text.is_empty() || units(&text) > TOOL {
        return false;
    }
    let first = text.split(|character| is_space(character) || matches!(character, '!' | '.'));
    if first.take(1).any(|word| ACTIONS.contains(&word)) || text == language {
        return true;
    }
    let classes = tree
        .value(node, CLASS)
        .unwrap_or_default()
        .to_ascii_lowercase();
    classes
        .split(|character: char| !character.is_ascii_lowercase())
        .any(|word| TOOLS.contains(&word) || (LABELS.contains(&word) && is_known(&text)))
}

fn end_of(tree: &Tree<'_>, node: usize) -> usize {
    tree.nodes[node].end as usize
}

fn is_blank(tree: &Tree<'_>, node: usize) -> bool {
    trimmed(&plain(tree.text(node))).is_empty()
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|character| is_space(character) || character == '\u{a0}')
}
