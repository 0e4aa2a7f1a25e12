//! Preformatted text: its lines without the numbers, buttons and the like that highlighters put into it, and
//! the language that the page names. Twin: `code.ts`.

use super::languages::is_known;
use super::plain;
use crate::tags::{
    BR, BUTTON, CELL, CODE_TAG, DEL, IMG, INLINE, PRE, ROW, SKIP, SUB, SUP, TABLE_TAG, Tags, tags,
};
use crate::text::is_space;
use crate::tree::{
    ALT, AS_CODE, CLASS, DATA_CODE_WRAP, DATA_ENLIGHTER_LANGUAGE, DATA_LANG, DATA_LANGUAGE,
    DATA_SYNTAXHIGHLIGHTER_PARAMS, DROPPED, HIDDEN, LANG, Tree, lines,
};

/// How classes of line numbers end, and what they are.
const NUMBERS: [&str; 21] = [
    "lineno",
    "linenos",
    "linenodiv",
    "line-no",
    "line-nos",
    "linenum",
    "linenums",
    "line-num",
    "line-nums",
    "linenumber",
    "linenumbers",
    "line-number",
    "line-numbers",
    "line-numbers-rows",
    "lines-num",
    "gutter",
    "blob-num",
    "crayon-num",
    "crayon-nums",
    "hljs-ln-numbers",
    "hljs-ln-n",
];
const SHORT_NUMBERS: [&str; 3] = ["ln", "lnt", "lnum"];
/// Words of classes of what copies the code or says what it is.
pub(crate) const TOOLS: [&str; 5] = ["copy", "clipboard", "copybtn", "copybutton", "toolbar"];
/// Tools have no more text.
pub(crate) const TOOL: usize = 24;
/// What says that there is none.
const NONE: [&str; 9] = [
    "none",
    "default",
    "text",
    "plain",
    "plaintext",
    "nohighlight",
    "auto",
    "hljs",
    "notranslate",
];
/// What begins a class that names a language; after the first ones any name is one.
const PREFIXES: [&str; 11] = [
    "language-",
    "lang-",
    "highlight-source-",
    "highlight-text-",
    "highlight-",
    "source-",
    "src-",
    "syntax-",
    "code-",
    "brush-",
    "sh_",
];
const SURE: usize = 4;

/// Whether classes name a line of code.
fn names_line(classes: &str) -> bool {
    classes.split(is_class_space).any(|word| {
        word.strip_suffix("line").is_some_and(|start| {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            start.is_empty() || (start.ends_with(['-', '_']) && start.bytes().all(is_part))
        })
    })
}

fn is_line(tree: &Tree<'_>, node: usize) -> bool {
    tree.value(node, CLASS)
        .is_some_and(|classes| names_line(&classes))
}

/// The text of a preformatted element, or of a table or editor that holds code; "" if there is nothing to
/// read.
pub(super) fn code_of(tree: &Tree<'_>, node: usize) -> String {
    let tags = tags();
    let end = tree.nodes[node].end as usize;
    let mut text = String::new();
    let end_line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    let is_table = tree.nodes[node].tag == TABLE_TAG;
    let is_editor = tree.nodes[node].flags & AS_CODE != 0;
    // The ends of blocks within, where a line ends too, with how much there was before a line; the ends of the
    // last piece of code, line and cell.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let (mut code, mut line, mut line_before, mut cell) = (0, 0, 0, node);
    let mut at = node + 1;
    while at < end {
        while let Some((_, before)) = open.pop_if(|&mut (end, _)| end <= at) {
            if before == Some(text.len()) {
                text.push('\n');
            } else {
                end_line(&mut text);
            }
        }
        let current = tree.nodes[at];
        let kind = tags.kind(current.tag);
        let is_hidden = current.flags & (HIDDEN | DROPPED) != 0;
        if kind == SKIP
            || current.tag == BUTTON
            || is_hidden
            || (current.tag != 0 && is_tool(tree, at))
        {
            at = current.end as usize;
            continue;
        }
        match kind {
            // Between the cells of a table is nothing.
            _ if current.tag == 0 && is_table && at >= cell => {}
            _ if current.tag == 0 && is_editor => {
                let piece = lines(&plain(tree.text(at))).replace('\u{200b}', "");
                text.push_str(&piece.replace('\u{a0}', " "));
            }
            _ if current.tag == 0 => text.push_str(&lines(&plain(tree.text(at)))),
            BR => text.push('\n'),
            IMG => text.push_str(&tree.value(at, ALT).unwrap_or_default()),
            SUP | SUB => {
                if text.ends_with(|last: char| last.is_ascii_alphanumeric() || last == ')') {
                    text.push(if kind == SUP { '^' } else { '_' });
                }
            }
            _ if current.tag == CODE_TAG => {
                // Each line is a piece of code of its own.
                if code == at && at >= line {
                    end_line(&mut text);
                }
                code = current.end as usize;
            }
            INLINE | DEL.. => {
                if current.tag < tags.known && is_line(tree, at) {
                    // Nothing says where lines end that are one beside the other.
                    if line == at {
                        if text.len() == line_before {
                            text.push('\n');
                        } else {
                            end_line(&mut text);
                        }
                    }
                    line = current.end as usize;
                    line_before = text.len();
                }
            }
            _ => {
                end_line(&mut text);
                let end = current.end as usize;
                let is_line = is_line(tree, at);
                open.push((end, is_line.then_some(text.len())));
                if is_line {
                    line = end;
                }
                if kind == CELL {
                    cell = end;
                }
            }
        }
        at += 1;
    }
    text.truncate(text.trim_end_matches('\n').len());
    let is_white = |character| matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\u{a0}');
    if text.chars().all(is_white) || is_gutter(tree, tags, node, &text) {
        text.clear();
    }
    text
}

/// Whether an element within code is none of it: line numbers, a button.
fn is_tool(tree: &Tree<'_>, node: usize) -> bool {
    let Some(classes) = tree.value(node, CLASS) else {
        return false;
    };
    let is_numbers = names_numbers(&classes);
    let names_tools = || {
        classes
            .split(|character: char| !character.is_ascii_alphabetic())
            .any(|word| TOOLS.iter().any(|tool| word.eq_ignore_ascii_case(tool)))
    };
    if !is_numbers && !names_tools() {
        return false;
    }
    let mut length = 0;
    for at in node + 1..tree.nodes[node].end as usize {
        if tree.nodes[at].tag != 0 {
            continue;
        }
        let text = plain(tree.text(at));
        let is_number =
            |character: char| is_white(character) || character.is_ascii_digit() || character == '|';
        if is_numbers && !text.chars().all(is_number) {
            return false;
        }
        length += crate::text::units(&text);
        if !is_numbers && length > TOOL {
            return false;
        }
    }
    true
}

fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\r' | '\u{a0}')
}

/// Whether classes name the numbers of lines.
pub(crate) fn names_numbers(classes: &str) -> bool {
    classes.split(is_class_space).any(|word| {
        let lower = word.to_ascii_lowercase().replace('_', "-");
        SHORT_NUMBERS.contains(&lower.as_str()) || NUMBERS.iter().any(|name| lower.ends_with(name))
    })
}

fn is_class_space(character: char) -> bool {
    u8::try_from(character).is_ok_and(is_space)
}

/// Whether a preformatted text is the numbers of the lines of another.
fn is_gutter(tree: &Tree<'_>, tags: &Tags, node: usize, text: &str) -> bool {
    if !text
        .chars()
        .all(|character| is_white(character) || character.is_ascii_digit())
    {
        return false;
    }
    let mut numbers = text.split(is_white).filter(|number| !number.is_empty());
    let mut expected = None;
    let ascends = numbers.all(|number| {
        let value = Some(number).filter(|number| number.len() <= 9);
        let value = value.and_then(|number| number.parse::<u64>().ok());
        let fits = value.is_some() && (expected.is_none() || expected == value);
        expected = value.map(|value| value + 1);
        fits
    });
    if !ascends {
        return false;
    }
    let is_numbers = |at: usize| {
        tree.value(at, CLASS)
            .is_some_and(|classes| names_numbers(&classes))
    };
    if is_numbers(node) {
        return true;
    }
    let end = tree.nodes[node].end;
    let (mut row, mut cell) = (None, None);
    for at in (node.saturating_sub(6)..node).rev() {
        let current = tree.nodes[at];
        if current.tag == 0 || current.end < end {
            continue;
        }
        if is_numbers(at) {
            return true;
        }
        let kind = tags.kind(current.tag);
        if cell.is_none() && kind == CELL {
            cell = Some(current.end as usize);
        } else if row.is_none() && kind == ROW {
            row = Some(current.end as usize);
        }
    }
    let (Some(row), Some(cell)) = (row, cell) else {
        return false;
    };
    (cell..row.min(cell + 8)).any(|at| tags.kind(tree.nodes[at].tag) == PRE)
}

/// The language of a preformatted element, or "".
pub(crate) fn language_of(tree: &Tree<'_>, node: usize) -> String {
    let end = tree.nodes[node].end as usize;
    // Itself, what is in it at once, then what it is in.
    let within = node..end.min(node + 3);
    let around = (node.saturating_sub(4)..node)
        .rev()
        .filter(|&at| tree.nodes[at].end as usize >= end);
    let places: Vec<usize> = within
        .chain(around)
        .filter(|&at| tree.nodes[at].tag != 0)
        .collect();
    for &at in &places {
        for name in [
            DATA_LANG,
            DATA_LANGUAGE,
            DATA_ENLIGHTER_LANGUAGE,
            DATA_CODE_WRAP,
        ] {
            let found = tree.value(at, name);
            if let Some(found) = found.filter(|found| is_named(found)) {
                return found.into_owned();
            }
        }
        if let Some(found) = of_classes(&tree.value(at, CLASS).unwrap_or_default()) {
            return found;
        }
        let params = tree.value(at, DATA_SYNTAXHIGHLIGHTER_PARAMS);
        if let Some(found) = brush(&params.unwrap_or_default()) {
            return if is_none(found) { "" } else { found }.to_owned();
        }
    }
    for &at in places.iter().take_while(|&&at| at >= node) {
        let found = tree
            .value(at, LANG)
            .unwrap_or_default()
            .to_ascii_lowercase();
        if is_known(&found) {
            return found;
        }
    }
    // A bare word counts on the code and what is right around it.
    for &at in places.iter().take(4) {
        for word in tree
            .value(at, CLASS)
            .unwrap_or_default()
            .split(is_class_space)
        {
            let found = word.to_ascii_lowercase();
            if found.len() > 1 && is_known(&found) {
                return found;
            }
        }
    }
    String::new()
}

fn is_none(name: &str) -> bool {
    NONE.iter().any(|none| name.eq_ignore_ascii_case(none))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+#.-".contains(&byte)
}

fn is_name(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(is_part)
}

fn is_named(value: &str) -> bool {
    is_name(value) && !is_none(value)
}

/// The language that classes name; "" if they say that there is none, nothing if they say nothing.
fn of_classes(classes: &str) -> Option<String> {
    if let Some(name) = brush(classes) {
        return Some(if is_none(name) { "" } else { name }.to_owned());
    }
    for word in classes.split(is_class_space) {
        // A longer prefix is tried where a shorter one leaves no name.
        let found = PREFIXES.iter().enumerate().find_map(|(place, prefix)| {
            let name = word.strip_prefix(prefix)?;
            is_name(name).then_some((place, name))
        });
        let Some((place, name)) = found else { continue };
        let is_sure = place < SURE;
        if is_none(name) {
            if is_sure {
                return Some(String::new());
            }
        } else if is_sure || is_known(&name.to_ascii_lowercase()) {
            return Some(name.to_owned());
        }
    }
    None
}

/// The name behind `brush:`.
fn brush(classes: &str) -> Option<&str> {
    const MARK: &str = "brush:";
    let bytes = classes.as_bytes();
    let places = classes.match_indices(MARK).map(|(at, _)| at);
    places
        .filter(|&at| at == 0 || bytes[at - 1] == b';' || is_space(bytes[at - 1]))
        .find_map(|at| {
            let rest = classes[at + MARK.len()..].trim_start_matches(is_class_space);
            let length = rest.bytes().take_while(|&byte| is_part(byte)).count();
            (length > 0).then_some(&rest[..length])
        })
}
