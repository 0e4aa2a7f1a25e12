//! A parsed page: elements and texts in the order of the source, each with where its content ends. What
//! comes after `end` of an element is outside of it. Twin: `tree.ts`.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::Error;
use super::names::Names;
use super::references::decode;

/// The most elements and texts, and the most attributes, of one page.
pub(super) const MAX_NODES: usize = 1 << 23;

// Style bits of a text; from bit 5 on, the number of its link.
pub(super) const STRONG: u32 = 1;
pub(super) const EM: u32 = 2;
pub(super) const STRIKE: u32 = 4;
pub(super) const CODE: u32 = 8;
/// Of strong and emphasised text: the emphasis began first.
pub(super) const EM_OUTSIDE: u32 = 16;
pub(super) const LINK_SHIFT: u32 = 5;

// Flags of a node.
pub(super) const HIDDEN: u8 = 1;
pub(super) const DROPPED: u8 = 2;
pub(super) const LAYOUT: u8 = 4;
/// Written as code, whatever element it is.
pub(super) const AS_CODE: u8 = 8;

/// The attributes that are kept, numbered from 1 on in this order.
const ATTRIBUTES: [&str; 30] = [
    "href",
    "src",
    "alt",
    "title",
    "class",
    "id",
    "role",
    "hidden",
    "aria-hidden",
    "style",
    "start",
    "value",
    "type",
    "checked",
    "colspan",
    "rowspan",
    "align",
    "width",
    "height",
    "data-src",
    "data-original",
    "alttext",
    "open",
    "data-lang",
    "data-language",
    "encoding",
    "lang",
    "data-enlighter-language",
    "data-syntaxhighlighter-params",
    "data-code-wrap",
];
pub(super) const HREF: u32 = 1;
pub(super) const SRC: u32 = 2;
pub(super) const ALT: u32 = 3;
pub(super) const TITLE: u32 = 4;
pub(super) const CLASS: u32 = 5;
pub(super) const ID: u32 = 6;
pub(super) const ROLE: u32 = 7;
pub(super) const HIDDEN_ATTRIBUTE: u32 = 8;
pub(super) const ARIA_HIDDEN: u32 = 9;
pub(super) const STYLE: u32 = 10;
pub(super) const START: u32 = 11;
pub(super) const VALUE: u32 = 12;
pub(super) const TYPE: u32 = 13;
pub(super) const CHECKED: u32 = 14;
pub(super) const COLSPAN: u32 = 15;
pub(super) const ROWSPAN: u32 = 16;
pub(super) const ALIGN: u32 = 17;
pub(super) const WIDTH: u32 = 18;
pub(super) const HEIGHT: u32 = 19;
pub(super) const DATA_SRC: u32 = 20;
pub(super) const DATA_ORIGINAL: u32 = 21;
pub(super) const ALTTEXT: u32 = 22;
pub(super) const OPEN: u32 = 23;
pub(super) const DATA_LANG: u32 = 24;
pub(super) const DATA_LANGUAGE: u32 = 25;
pub(super) const ENCODING: u32 = 26;
pub(super) const LANG: u32 = 27;
pub(super) const DATA_ENLIGHTER_LANGUAGE: u32 = 28;
pub(super) const DATA_SYNTAXHIGHLIGHTER_PARAMS: u32 = 29;
pub(super) const DATA_CODE_WRAP: u32 = 30;

/// The numbers of the attributes' names.
pub(super) fn attributes() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| Names::new(&ATTRIBUTES))
}

/// An element or a text.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// Of an element its number, of a text 0.
    pub(super) tag: u32,
    /// Of an element the node after its last one.
    pub(super) end: u32,
    /// Of a text where it begins, of an element its first attribute.
    pub(super) from: u32,
    /// Of a text where it ends, of an element what is after its last attribute.
    pub(super) to: u32,
    pub(super) style: u32,
    pub(super) flags: u8,
}

/// An attribute that is kept.
#[derive(Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: u32,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// A page.
pub(super) struct Tree<'s> {
    pub(super) source: &'s str,
    pub(super) nodes: Vec<Node>,
    pub(super) attributes: Vec<Attribute>,
    /// The attributes of each link: the first, and what is after the last.
    pub(super) links: Vec<(u32, u32)>,
    /// The same of `<base>`.
    pub(super) base: (u32, u32),
    pub(super) tables: u32,
    /// Formulas whose TeX a script has.
    pub(super) formulas: Vec<usize>,
}

impl<'s> Tree<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            nodes: Vec::new(),
            attributes: Vec::new(),
            links: Vec::new(),
            base: (0, 0),
            tables: 0,
            formulas: Vec::new(),
        }
    }

    /// How many nodes there are.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Appends a node; its number is returned.
    #[inline]
    pub(super) fn add(
        &mut self,
        tag: u32,
        from: usize,
        to: usize,
        style: u32,
    ) -> Result<usize, Error> {
        let node = self.nodes.len();
        if node == self.nodes.capacity() {
            if node >= MAX_NODES {
                return Err(Error::TooMany);
            }
            self.nodes.try_reserve(node.max(64))?;
        }
        if node >= MAX_NODES {
            return Err(Error::TooMany);
        }
        self.nodes.push(Node {
            tag,
            end: node as u32 + 1,
            from: from as u32,
            to: to as u32,
            style,
            flags: 0,
        });
        Ok(node)
    }

    /// Appends an attribute.
    pub(super) fn add_attribute(&mut self, name: u32, from: usize, to: usize) -> Result<(), Error> {
        let at = self.attributes.len();
        if at >= MAX_NODES {
            return Err(Error::TooMany);
        }
        if at == self.attributes.capacity() {
            self.attributes.try_reserve(at.max(64))?;
        }
        self.attributes.push(Attribute {
            name,
            from: from as u32,
            to: to as u32,
        });
        Ok(())
    }

    /// The place of an attribute among some. Of two with the same name the first counts.
    pub(super) fn find(&self, (from, to): (u32, u32), name: u32) -> Option<usize> {
        (from as usize..to as usize).find(|&at| self.attributes[at].name == name)
    }

    /// The value of an attribute as it stands in the source.
    pub(super) fn raw_value(&self, at: usize) -> &'s str {
        let Attribute { from, to, .. } = self.attributes[at];
        &self.source[from as usize..to as usize]
    }

    /// The value of an attribute, decoded.
    pub(super) fn value_at(&self, at: usize) -> Cow<'s, str> {
        clean(decode(self.raw_value(at), true))
    }

    /// The attributes of an element.
    #[inline]
    pub(super) fn range(&self, node: usize) -> (u32, u32) {
        (self.nodes[node].from, self.nodes[node].to)
    }

    /// The value of an element's attribute, decoded.
    pub(super) fn value(&self, node: usize, name: u32) -> Option<Cow<'s, str>> {
        self.find(self.range(node), name)
            .map(|at| self.value_at(at))
    }

    /// A text as it stands in the source.
    #[inline]
    pub(super) fn text(&self, node: usize) -> &'s str {
        let Node { from, to, .. } = self.nodes[node];
        &self.source[from as usize..to as usize]
    }
}

/// What the standard makes of U+0000 and line ends in values.
fn clean(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.bytes().any(|byte| byte == 0 || byte == b'\r') {
        return value;
    }
    Cow::Owned(lines(&value.replace('\0', "\u{fffd}")).into_owned())
}

/// A text with line feeds for carriage returns.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}
