//! Targets of links and images: cleaned as browsers do, refused where they would run code, resolved against
//! a base by RFC 3986 (section 5.2), and written so that Markdown reads them back. Twin: `link.ts`.

use std::fmt::Write;

use super::text::is_word;

/// The parts of a base address.
#[derive(Clone)]
pub(super) struct BaseUrl {
    scheme: String,
    authority: String,
    path: String,
    query: String,
}

/// Takes an absolute address apart; none if it is not one with a host or a path.
pub(super) fn base_of(url: &str) -> Option<BaseUrl> {
    let colon = url.find([':', '/', '?', '#'])?;
    if colon == 0 || url.as_bytes()[colon] != b':' {
        return None;
    }
    let (scheme, rest) = url.split_at(colon + 1);
    let after = rest.strip_prefix("//")?;
    let end = 2 + after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = rest.split_at(end);
    let (path, rest) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let query = match rest.find('#') {
        Some(end) => &rest[..end],
        None => rest,
    };
    Some(BaseUrl {
        scheme: scheme.into(),
        authority: authority.into(),
        path: path.into(),
        query: query.into(),
    })
}

/// An attribute's value without what browsers ignore in addresses: line ends, tabs, and control characters
/// around it.
fn cleaned(value: &str) -> String {
    value
        .trim_matches(|character| character <= ' ')
        .replace(['\t', '\n', '\r'], "")
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    if !path.contains("/.") {
        return path.into();
    }
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    out.pop();
                }
                if last {
                    out.push("");
                }
            }
            _ => out.push(segment),
        }
    }
    format!("/{}", out.join("/"))
}

fn resolve(base: &BaseUrl, target: &str) -> String {
    let BaseUrl {
        scheme,
        authority,
        path,
        query,
    } = base;
    if target.starts_with("//") {
        return format!("{scheme}{target}");
    }
    if target.starts_with('#') {
        return format!("{scheme}{authority}{path}{query}{target}");
    }
    if target.starts_with('?') {
        return format!("{scheme}{authority}{path}{target}");
    }
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let (own, rest) = target.split_at(end);
    let whole = if own.starts_with('/') {
        own.to_owned()
    } else {
        let folder = path.rfind('/').map_or("/", |slash| &path[..=slash]);
        format!("{folder}{own}")
    };
    format!("{scheme}{authority}{}{rest}", without_dots(&whole))
}

/// The scheme that an address begins with, without its colon.
fn scheme_of(url: &str) -> Option<&str> {
    let end = url.find(|character: char| {
        !character.is_ascii_alphanumeric() && !matches!(character, '+' | '.' | '-')
    })?;
    let is_scheme = url.as_bytes()[0].is_ascii_alphabetic() && url.as_bytes()[end] == b':';
    is_scheme.then(|| &url[..end])
}

/// The address that a value stands for; "" if it is empty or must not be followed.
pub(super) fn target(value: &str, base: Option<&BaseUrl>) -> String {
    let url = cleaned(value);
    if url.is_empty() {
        return url;
    }
    if let Some(scheme) = scheme_of(&url) {
        let refused = ["javascript", "vbscript", "data"];
        return if refused.iter().any(|word| is_word(scheme, word)) {
            String::new()
        } else {
            url
        };
    }
    base.map_or_else(|| url.clone(), |base| resolve(base, &url))
}

/// Whether parentheses are in pairs, and not nested deeper than readers of Markdown follow.
fn is_balanced(url: &str) -> bool {
    let mut depth = 0;
    for byte in url.bytes() {
        match byte {
            b'(' => {
                depth += 1;
                if depth > 30 {
                    return false;
                }
            }
            b')' => {
                depth -= 1;
                if depth < 0 {
                    return false;
                }
            }
            _ => {}
        }
    }
    depth == 0
}

/// Appends an address as it stands between the parentheses of a link.
pub(super) fn push_destination(out: &mut String, url: &str) {
    let escape_parentheses = !is_balanced(url);
    for (at, character) in url.char_indices() {
        match character {
            '\0'..=' ' | '\x7f' | '<' | '>' | '\\' | '`' => {
                let _ = write!(out, "%{:02X}", character as u32);
                continue;
            }
            '&' if is_reference(url.as_bytes(), at, false) => out.push('\\'),
            '(' | ')' if escape_parentheses => out.push('\\'),
            _ => {}
        }
        out.push(character);
    }
}

/// Whether an ampersand could be taken for the beginning of a character reference; `goes_on` says whether
/// something may follow the text.
pub(super) fn is_reference(text: &[u8], at: usize, goes_on: bool) -> bool {
    let most = text.len().min(at + 34);
    let mut end = at + 1;
    if end < most && text[end] == b'#' {
        end += 1;
    }
    while end < most {
        if text[end] == b';' {
            return end > at + 1;
        }
        if !text[end].is_ascii_alphanumeric() {
            return false;
        }
        end += 1;
    }
    goes_on && end == text.len()
}

/// Whether an address may stand between angle brackets.
pub(super) fn is_autolink(url: &str) -> bool {
    scheme_of(url).is_some_and(|scheme| (2..=32).contains(&scheme.len()))
        && !url
            .bytes()
            .any(|byte| byte <= b' ' || matches!(byte, 0x7f | b'<' | b'>'))
}

/// A text with one space for each run of white space and control characters, none around it.
pub(super) fn one_line(text: &str, white: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if !white(character) {
            out.push(character);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    let trimmed = out.strip_prefix(' ').unwrap_or(&out);
    trimmed.strip_suffix(' ').unwrap_or(trimmed).to_owned()
}

/// Appends a title as it stands behind the address, quotes and the space before included.
pub(super) fn push_title(out: &mut String, title: &str) {
    let text = one_line(title, |character| character <= ' ' || character == '\x7f');
    if text.is_empty() {
        return;
    }
    out.push_str(" \"");
    for (at, character) in text.char_indices() {
        let escape = matches!(character, '"' | '\\')
            || (character == '&' && is_reference(text.as_bytes(), at, false));
        if escape {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}
