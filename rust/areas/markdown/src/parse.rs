//! Reads HTML after the tokenization rules of the WHATWG standard, tag by tag, in linear time whatever the
//! input. `build.rs` makes the tree of it. Twin: `parse.ts`.

use agent_shared::{Control, check};
use memchr::{memchr, memchr2, memmem};

use super::Error;
use super::build::TreeBuilder;
use super::names::Names;
use super::tags::{LISTING, PLAINTEXT, PRE_TAG, RAW, SCRIPT, tags};
use super::tree::{TYPE, Tree, attributes};

/// Between two looks at the control as many tags are read.
const TAGS: u32 = 4096;

/// White space within tags; a carriage return would be a line feed by now.
#[inline]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r')
}

/// Whether a tag's name may end before this.
#[inline]
fn ends_name(byte: u8) -> bool {
    byte == b'>' || byte == b'/' || is_space(byte)
}

/// Reads a page.
pub(super) fn parse<'s>(source: &'s str, control: &dyn Control) -> Result<Tree<'s>, Error> {
    let mut parser = Parser {
        bytes: source.as_bytes(),
        builder: TreeBuilder::new(source),
        attributes: attributes(),
        self_closing: false,
    };
    parser.parse(source, control)?;
    Ok(parser.builder.finish())
}

struct Parser<'s> {
    bytes: &'s [u8],
    builder: TreeBuilder<'s>,
    attributes: &'static Names,
    self_closing: bool,
}

impl Parser<'_> {
    fn parse(&mut self, source: &str, control: &dyn Control) -> Result<(), Error> {
        let bytes = self.bytes;
        let length = bytes.len();
        let mut at = if source.starts_with('\u{feff}') { 3 } else { 0 };
        let mut from = at;
        let mut tags = 0u32;
        while at < length {
            let Some(distance) = memchr(b'<', &bytes[at..]) else {
                break;
            };
            let open = at + distance;
            let Some(&code) = bytes.get(open + 1) else {
                break;
            };
            tags += 1;
            if tags.is_multiple_of(TAGS) {
                check(control)?;
            }
            if code.is_ascii_alphabetic() {
                self.builder.text(from, open)?;
                at = self.start_tag(open + 1)?;
            } else if code == b'/' {
                let Some(&third) = bytes.get(open + 2) else {
                    break;
                };
                self.builder.text(from, open)?;
                at = if third.is_ascii_alphabetic() {
                    self.end_tag(open + 2)?
                } else if third == b'>' {
                    open + 3
                } else {
                    self.past(b">", open + 2)
                };
            } else if code == b'!' {
                self.builder.text(from, open)?;
                at = self.declaration(open + 2)?;
            } else if code == b'?' {
                self.builder.text(from, open)?;
                at = self.past(b">", open + 1);
            } else {
                at = open + 1;
                continue;
            }
            from = at;
        }
        self.builder.text(from, length)
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts_with(&self, what: &[u8], at: usize) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(what))
    }

    fn find(&self, what: &[u8], at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let found = match what {
            [byte] => memchr(*byte, rest),
            _ => memmem::find(rest, what),
        };
        found.map(|distance| at + distance)
    }

    fn past(&self, what: &[u8], at: usize) -> usize {
        self.find(what, at)
            .map_or(self.bytes.len(), |found| found + what.len())
    }

    /// Comments, doctypes, CDATA: what begins with `<!`.
    fn declaration(&mut self, at: usize) -> Result<usize, Error> {
        if self.starts_with(b"--", at) {
            return Ok(self.comment(at + 2));
        }
        if self.builder.is_foreign() && self.starts_with(b"[CDATA[", at) {
            let end = self.find(b"]]>", at + 7).unwrap_or(self.bytes.len());
            self.builder.text(at + 7, end)?;
            return Ok(self.bytes.len().min(end + 3));
        }
        Ok(self.past(b">", at))
    }

    fn comment(&self, mut at: usize) -> usize {
        if self.starts_with(b">", at) {
            return at + 1;
        }
        if self.starts_with(b"->", at) {
            return at + 2;
        }
        while let Some(found) = self.find(b"--", at) {
            at = found + 2;
            while self.byte(at) == b'-' {
                at += 1;
            }
            if self.byte(at) == b'>' {
                return at + 1;
            }
            if self.starts_with(b"!>", at) {
                return at + 2;
            }
        }
        self.bytes.len()
    }

    fn name_end(&self, from: usize) -> usize {
        let rest = &self.bytes[from..];
        from + rest
            .iter()
            .position(|&byte| ends_name(byte))
            .unwrap_or(rest.len())
    }

    fn start_tag(&mut self, from: usize) -> Result<usize, Error> {
        let bytes = self.bytes;
        let to = self.name_end(from + 1);
        let first = self.builder.tree.attributes.len();
        let mut at = if self.byte(to) == b'>' {
            self.self_closing = false;
            to + 1
        } else if let Some(at) = self.read_attributes(to, true)? {
            at
        } else {
            self.builder.tree.attributes.truncate(first);
            return Ok(bytes.len());
        };
        let name = &bytes[from..to];
        let mut tag = tags().names.find(name);
        if tag == 0 {
            tag = self.builder.unknown(name);
        } else if !self.builder.is_foreign() {
            if tags().rules(tag) & RAW != 0 {
                let is_tex = tag == SCRIPT && self.is_tex(first);
                self.builder.tree.attributes.truncate(first);
                if tag != SCRIPT {
                    return self.after_raw(at, name);
                }
                let after = self.script(at)?;
                if is_tex {
                    self.formula(at, after)?;
                }
                return Ok(after);
            }
            if tag == PRE_TAG || tag == LISTING {
                self.builder.start(tag, first, self.self_closing)?;
                if self.byte(at) == b'\r' {
                    at += 1;
                }
                return Ok(if self.byte(at) == b'\n' { at + 1 } else { at });
            }
            if tag == PLAINTEXT {
                self.builder.start(tag, first, self.self_closing)?;
                self.builder.text(at, bytes.len())?;
                return Ok(bytes.len());
            }
        }
        self.builder.start(tag, first, self.self_closing)?;
        Ok(at)
    }

    fn end_tag(&mut self, from: usize) -> Result<usize, Error> {
        let to = self.name_end(from + 1);
        let at = if self.byte(to) == b'>' {
            to + 1
        } else if let Some(at) = self.read_attributes(to, false)? {
            at
        } else {
            return Ok(self.bytes.len());
        };
        let name = &self.bytes[from..to];
        let tag = match tags().names.find(name) {
            0 => self.builder.unknown(name),
            tag => tag,
        };
        self.builder.end(tag)?;
        Ok(at)
    }

    /// Reads attributes up to the end of the tag; what is after it, or none if the tag does not end.
    fn read_attributes(&mut self, mut at: usize, keep: bool) -> Result<Option<usize>, Error> {
        let bytes = self.bytes;
        let length = bytes.len();
        self.self_closing = false;
        while at < length {
            let code = bytes[at];
            if code == b'>' {
                return Ok(Some(at + 1));
            }
            if code == b'/' {
                at += 1;
                if self.byte(at) == b'>' {
                    self.self_closing = true;
                    return Ok(Some(at + 1));
                }
                continue;
            }
            if is_space(code) {
                at += 1;
                continue;
            }
            let from = at;
            at += 1;
            while at < length && bytes[at] != b'=' && !ends_name(bytes[at]) {
                at += 1;
            }
            let to = at;
            while at < length && is_space(bytes[at]) {
                at += 1;
            }
            let (mut value_from, mut value_to) = (at, at);
            if self.byte(at) == b'=' {
                at += 1;
                while at < length && is_space(bytes[at]) {
                    at += 1;
                }
                let quote = self.byte(at);
                if quote == b'"' || quote == b'\'' {
                    value_from = at + 1;
                    let Some(found) = self.find(&[quote], value_from) else {
                        return Ok(None);
                    };
                    value_to = found;
                    at = found + 1;
                } else {
                    value_from = at;
                    while at < length && bytes[at] != b'>' && !is_space(bytes[at]) {
                        at += 1;
                    }
                    value_to = at;
                }
            }
            if keep {
                let name = self.attributes.find(&bytes[from..to]);
                if name != 0 {
                    self.builder
                        .tree
                        .add_attribute(name, value_from, value_to)?;
                }
            }
        }
        Ok(None)
    }

    /// Whether the end or start tag of a name is at a place that is behind its `<` or `</`.
    fn names(&self, at: usize, name: &[u8]) -> bool {
        let end = at + name.len();
        self.bytes.get(end).is_some_and(|&byte| ends_name(byte))
            && self.bytes[at..end].eq_ignore_ascii_case(name)
    }

    /// What is after the end tag of a name; the end if there is none.
    fn after_raw(&mut self, mut at: usize, name: &[u8]) -> Result<usize, Error> {
        loop {
            at = self.past(b"</", at);
            if at >= self.bytes.len() {
                return Ok(at);
            }
            if self.names(at, name) {
                return self.after_end_tag(at + name.len());
            }
        }
    }

    fn after_end_tag(&mut self, at: usize) -> Result<usize, Error> {
        Ok(self.read_attributes(at, false)?.unwrap_or(self.bytes.len()))
    }

    /// Whether the attributes of a script, from one on, say that it is a formula.
    fn is_tex(&self, first: usize) -> bool {
        const TYPE_OF_TEX: &[u8] = b"math/tex";
        let tree = &self.builder.tree;
        let range = (first as u32, tree.attributes.len() as u32);
        tree.find(range, TYPE).is_some_and(|at| {
            let value = tree.raw_value(at).as_bytes();
            let from = value.iter().take_while(|&&byte| is_space(byte)).count();
            value[from..]
                .get(..TYPE_OF_TEX.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(TYPE_OF_TEX))
        })
    }

    /// The TeX of a script that ends before a place, without what hides it from parsers of XML.
    fn formula(&mut self, from: usize, after: usize) -> Result<(), Error> {
        let bytes = self.bytes;
        let Some(distance) = memmem::rfind(&bytes[from.min(after)..after], b"</") else {
            return Ok(());
        };
        let mut to = from + distance;
        if !self.names(to + 2, b"script") {
            return Ok(());
        }
        let spaces = |at: usize, is: fn(u8) -> bool| {
            bytes[at..to].iter().take_while(|&&byte| is(byte)).count()
        };
        let mut start = from + spaces(from, is_space);
        let mark = start + usize::from(start < to && bytes[start] == b'%');
        let mark = mark + spaces(mark, |byte| matches!(byte, b' ' | b'\t'));
        if bytes[mark..to].starts_with(b"<![CDATA[") {
            start = mark + 9;
            start += spaces(start, is_space);
        }
        let trim = |mut to: usize| {
            while to > start && is_space(bytes[to - 1]) {
                to -= 1;
            }
            to
        };
        to = trim(to);
        if bytes[start..to].ends_with(b"]]>") {
            to = trim(to - 3);
            to = trim(to - usize::from(to > start && bytes[to - 1] == b'%'));
        }
        if to > start {
            self.builder.formula(start, to)?;
        }
        Ok(())
    }

    /// What is after a script, with its escaped and double escaped states.
    fn script(&mut self, mut at: usize) -> Result<usize, Error> {
        const NAME: &[u8] = b"script";
        let (mut escaped, mut twice) = (false, false);
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let found = if escaped {
                memchr2(b'<', b'-', rest)
            } else {
                memchr(b'<', rest)
            };
            let Some(distance) = found else {
                return Ok(self.bytes.len());
            };
            at += distance + 1;
            if self.bytes[at - 1] == b'-' {
                if self.starts_with(b"->", at) {
                    escaped = false;
                    twice = false;
                    at += 2;
                }
            } else if !escaped && self.starts_with(b"!--", at) {
                escaped = true;
                at += 1;
            } else if self.byte(at) == b'/' {
                if !self.names(at + 1, NAME) {
                    continue;
                }
                if !twice {
                    return self.after_end_tag(at + 7);
                }
                twice = false;
            } else if escaped && !twice && self.names(at, NAME) {
                twice = true;
            }
        }
    }
}
