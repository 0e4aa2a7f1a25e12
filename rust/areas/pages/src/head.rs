//! What a page says of itself in its head: title, description, language. It is read tag by tag up to `<body>`,
//! in linear time. Twin: `src/http/pages/head.ts`.

use agent_markdown::decode_references;
use memchr::{memchr, memmem};

/// What was found; as it stands there, with references decoded; empty where there is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) og_title: String,
    pub(super) description: String,
    pub(super) language: String,
}

/// Elements whose content is none of the head's.
const SKIPPED: [&str; 6] = ["script", "style", "svg", "template", "noscript", "textarea"];
/// A longer name is none that counts.
const LONGEST: usize = 8;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r')
}

fn ends_name(byte: u8) -> bool {
    byte == b'>' || byte == b'/' || is_space(byte)
}

/// Reads the head of a page.
pub(super) fn read(html: &str) -> Head {
    let mut reader = Reader {
        html,
        bytes: html.as_bytes(),
        head: Head::default(),
        og_description: String::new(),
    };
    // Nothing says that the reading came to its end.
    let _ = reader.read();
    let Reader {
        mut head,
        og_description,
        ..
    } = reader;
    if head.description.is_empty() {
        head.description = og_description;
    }
    head
}

/// The attributes that count, each once.
#[derive(Default)]
struct Values<'h>(Vec<(String, &'h str)>);

impl Values<'_> {
    /// The value of a name, decoded; empty if it is not there.
    fn get(&self, name: &str) -> String {
        let value = self.0.iter().find(|(key, _)| key == name);
        value.map_or_else(String::new, |(_, value)| {
            decode_references(value, true).into_owned()
        })
    }
}

struct Reader<'h> {
    html: &'h str,
    bytes: &'h [u8],
    head: Head,
    og_description: String,
}

impl<'h> Reader<'h> {
    /// None where reading ends before the page does.
    fn read(&mut self) -> Option<()> {
        let mut at = 0;
        loop {
            at += memchr(b'<', &self.bytes[at..])?;
            if self.bytes[at + 1..].starts_with(b"!--") {
                at += 2 + memmem::find(&self.bytes[at + 2..], b"-->")? + 3;
            } else if self.bytes.get(at + 1)?.is_ascii_alphabetic() {
                at = self.tag(at + 1)?;
            } else {
                at += 1;
            }
        }
    }

    /// Reads a start tag whose name begins at a place. What is behind it and its content; none to end.
    fn tag(&mut self, from: usize) -> Option<usize> {
        let end = self.bytes[from..].iter().position(|&byte| ends_name(byte));
        let to = end.map_or(self.bytes.len(), |end| from + end);
        let name = if to - from > LONGEST {
            String::new()
        } else {
            self.html[from..to].to_ascii_lowercase()
        };
        if name == "body" {
            return None;
        }
        let mut values = Values::default();
        let is_wanted = name == "meta" || name == "html";
        let at = self.attributes(to, is_wanted.then_some(&mut values))?;
        if name == "meta" {
            self.meta(&values);
        } else if name == "html" {
            keep(&mut self.head.language, || values.get("lang"));
        } else if name == "title" || SKIPPED.contains(&&name[..]) {
            let end = self.end_tag(at, &name)?;
            if name == "title" {
                let text = &self.html[at..end];
                keep(&mut self.head.title, || {
                    decode_references(text, false).into_owned()
                });
            }
            return Some(end);
        }
        Some(at)
    }

    /// What is behind a tag whose name is read; none if it does not end.
    fn attributes(&self, mut at: usize, mut values: Option<&mut Values<'h>>) -> Option<usize> {
        let bytes = self.bytes;
        loop {
            let code = *bytes.get(at)?;
            if code == b'>' {
                return Some(at + 1);
            }
            if code == b'/' || is_space(code) {
                at += 1;
                continue;
            }
            let from = at;
            at += 1;
            while bytes
                .get(at)
                .is_some_and(|&byte| byte != b'=' && !ends_name(byte))
            {
                at += 1;
            }
            let to = at;
            at = self.past_spaces(at);
            let mut value = "";
            if bytes.get(at) == Some(&b'=') {
                at = self.past_spaces(at + 1);
                if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
                    let start = at + 1;
                    let end = start + memchr(quote, &bytes[start..])?;
                    value = &self.html[start..end];
                    at = end + 1;
                } else {
                    let start = at;
                    while bytes
                        .get(at)
                        .is_some_and(|&byte| byte != b'>' && !is_space(byte))
                    {
                        at += 1;
                    }
                    value = &self.html[start..at];
                }
            }
            if let Some(values) = values.as_deref_mut()
                && to - from <= LONGEST
            {
                let name = self.html[from..to].to_ascii_lowercase();
                if !values.0.iter().any(|(key, _)| *key == name) {
                    values.0.push((name, value));
                }
            }
        }
    }

    fn past_spaces(&self, mut at: usize) -> usize {
        while self.bytes.get(at).is_some_and(|&byte| is_space(byte)) {
            at += 1;
        }
        at
    }

    /// Where the end tag of a name begins.
    fn end_tag(&self, from: usize, name: &str) -> Option<usize> {
        let mut at = from;
        loop {
            at += memmem::find(&self.bytes[at..], b"</")?;
            let end = at + 2 + name.len();
            let ends = self.bytes.get(end).is_some_and(|&byte| ends_name(byte));
            if ends && self.bytes[at + 2..end].eq_ignore_ascii_case(name.as_bytes()) {
                return Some(at);
            }
            at += 2;
        }
    }

    fn meta(&mut self, values: &Values<'_>) {
        let name = values.get("name").to_ascii_lowercase();
        let property = values.get("property").to_ascii_lowercase();
        let content = || values.get("content");
        if name == "description" {
            keep(&mut self.head.description, content);
        }
        if property == "og:title" || name == "og:title" {
            keep(&mut self.head.og_title, content);
        }
        if property == "og:description" || name == "og:description" {
            keep(&mut self.og_description, content);
        }
    }
}

/// Fills a field that is empty.
fn keep(field: &mut String, value: impl FnOnce() -> String) {
    if field.is_empty() {
        *field = value();
    }
}
