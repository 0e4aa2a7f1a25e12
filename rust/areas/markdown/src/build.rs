//! Makes the tree from tags: which elements a tag ends beside its own, and which tags mean nothing. It
//! follows the standard's tree construction where that decides what text belongs to what; text is never
//! moved. Twin: `build.ts`.

use std::collections::HashMap;

use super::Error;
use super::formatting::Formatting;
use super::open_elements::OpenElements;
use super::tags::{
    A, BASE, BR_TAG, BREAKOUT, BUTTON, CAPTION, CLOSES_P, CODE_TAG, DD_TAG, DIALOG, DT,
    FOREIGN_OBJECT, FORM, FORMAT, H1, H6, IGNORED, IN_TABLE, LI, MARKER, MATH_TAG, OL, P, PRE_TAG,
    SCOPE, SPECIAL, SVG, TABLE_TAG, TBODY, TD, TFOOT, TH, THEAD, TR, Tags, UL, VOID, tags,
};
use super::text::{contains_declaration, is_word};
use super::tree::{ALTTEXT, ARIA_HIDDEN, HIDDEN, HIDDEN_ATTRIBUTE, HREF, OPEN, STYLE, Tree};

/// A tree in the making. The names above `known` are forgotten with the page.
pub(super) struct TreeBuilder<'s> {
    pub(super) tree: Tree<'s>,
    tags: &'static Tags,
    open: OpenElements,
    formatting: Formatting,
    unknown: HashMap<Vec<u8>, u32>,
    foreign: u32,
}

impl<'s> TreeBuilder<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            tree: Tree::new(source),
            tags: tags(),
            open: OpenElements::new(),
            formatting: Formatting::default(),
            unknown: HashMap::new(),
            foreign: 0,
        }
    }

    /// Ends the page.
    pub(super) fn finish(mut self) -> Tree<'s> {
        self.close_to(1);
        self.tree
    }

    /// Whether SVG's or MathML's rules hold here.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign > 0
            && self.open.last(SVG).max(self.open.last(MATH_TAG)) > self.open.last(FOREIGN_OBJECT)
    }

    /// The number of a name that is not in the table.
    pub(super) fn unknown(&mut self, name: &[u8]) -> u32 {
        let next = self.tags.known + self.unknown.len() as u32;
        *self
            .unknown
            .entry(name.to_ascii_lowercase())
            .or_insert(next)
    }

    /// Text between tags.
    #[inline]
    pub(super) fn text(&mut self, from: usize, to: usize) -> Result<(), Error> {
        if from < to {
            self.tree.add(0, from, to, self.formatting.style)?;
        }
        Ok(())
    }

    /// A formula of which a script has the TeX.
    pub(super) fn formula(&mut self, from: usize, to: usize) -> Result<(), Error> {
        let first = self.tree.attributes.len();
        self.tree.add_attribute(ALTTEXT, from, to)?;
        let node = self
            .tree
            .add(MATH_TAG, first, first + 1, self.formatting.style)?;
        self.tree.formulas.push(node);
        Ok(())
    }

    fn close_to(&mut self, place: u32) {
        while self.open.place() >= place {
            let entry = self.open.pop();
            self.tree.nodes[entry.node as usize].end = self.tree.nodes.len() as u32;
            if self.tags.rules(entry.tag) & MARKER != 0 {
                self.formatting.unmark();
            } else if entry.tag == SVG || entry.tag == MATH_TAG {
                self.foreign -= 1;
            }
        }
    }

    fn close_paragraph(&mut self) {
        if self.open.paragraph() {
            self.close_to(self.open.last(P));
        }
    }

    /// A start tag; its attributes are the last ones of the tree, from `first` on.
    pub(super) fn start(
        &mut self,
        tag: u32,
        first: usize,
        self_closing: bool,
    ) -> Result<(), Error> {
        let rules = self.tags.rules(tag);
        let count = self.tree.attributes.len();
        let range = (first as u32, count as u32);
        let hidden = count > first && self.is_hidden(first);
        let mut foreign = self.is_foreign();
        if foreign && rules & BREAKOUT != 0 {
            while self.is_foreign() {
                self.close_to(self.open.place());
            }
            foreign = false;
        }
        if foreign {
            let node = self.tree.add(tag, first, count, self.formatting.style)?;
            if hidden {
                self.tree.nodes[node].flags = HIDDEN;
            }
            if self_closing {
                return Ok(());
            }
            if tag == SVG || tag == MATH_TAG {
                self.foreign += 1;
            }
            self.push(tag, node, rules & !SPECIAL);
            return Ok(());
        }
        if rules & IGNORED != 0 {
            self.tree.attributes.truncate(first);
            return Ok(());
        }
        if rules & FORMAT != 0 {
            // In preformatted text the element tells the language; its style means nothing.
            let in_pre = tag == CODE_TAG && self.open.last(PRE_TAG) > 0;
            if !hidden && !in_pre {
                self.start_formatting(tag, range);
                return Ok(());
            }
        }
        if rules != 0 && !self.make_room(tag, rules) {
            self.tree.attributes.truncate(first);
            return Ok(());
        }
        if tag == BASE && self.tree.base.1 == 0 && self.tree.find(range, HREF).is_some() {
            self.tree.base = range;
        }
        let node = self.tree.add(tag, first, count, self.formatting.style)?;
        if hidden {
            self.tree.nodes[node].flags = HIDDEN;
        }
        if rules & VOID != 0 {
            return Ok(());
        }
        if tag == TABLE_TAG {
            self.tree.tables += 1;
        } else if tag == DIALOG && self.tree.find(range, OPEN).is_none() {
            self.tree.nodes[node].flags = HIDDEN;
        } else if tag == SVG || tag == MATH_TAG {
            if self_closing {
                return Ok(());
            }
            self.foreign += 1;
        }
        self.push(tag, node, rules);
        Ok(())
    }

    fn push(&mut self, tag: u32, node: usize, rules: u16) {
        self.open.push(tag, node, rules);
        if rules & MARKER != 0 {
            self.formatting.mark();
        }
    }

    fn start_formatting(&mut self, tag: u32, range: (u32, u32)) {
        let mut link = 0;
        if tag == A && self.tree.find(range, HREF).is_some() {
            self.tree.links.push(range);
            link = self.tree.links.len() as u32;
        } else {
            self.tree.attributes.truncate(range.0 as usize);
        }
        self.formatting.start(tag, link);
    }

    /// Ends what the element cannot be in; false if it cannot be here at all.
    fn make_room(&mut self, tag: u32, rules: u16) -> bool {
        let open = &self.open;
        let top = open.top();
        if rules & IN_TABLE != 0 || tag == CAPTION {
            return self.make_room_in_table(tag);
        }
        let mut place = 0;
        match tag {
            FORM if open.last(FORM) > 0 => return false,
            LI if open.last(LI) >= top.item => place = open.last(LI),
            DD_TAG | DT => {
                let last = open.last(DD_TAG).max(open.last(DT));
                if last >= top.item {
                    place = last;
                }
            }
            TABLE_TAG => {
                let last = open.last(TABLE_TAG);
                let inner = open.last(TD).max(open.last(TH)).max(open.last(CAPTION));
                if last > inner && last >= top.scope {
                    place = last;
                }
            }
            BUTTON if open.last(BUTTON) > top.scope => place = open.last(BUTTON),
            _ => {}
        }
        if place > 0 {
            self.close_to(place);
        }
        if rules & CLOSES_P != 0 {
            self.close_paragraph();
        }
        if (H1..=H6).contains(&tag) && (H1..=H6).contains(&self.open.top().tag) {
            self.close_to(self.open.place());
        }
        true
    }

    fn make_room_in_table(&mut self, tag: u32) -> bool {
        let open = &self.open;
        let table = open.last(TABLE_TAG);
        if table == 0 || table < open.top().table {
            return false;
        }
        let mut context = table;
        if tag == TR || tag == TD || tag == TH {
            context = context
                .max(open.last(TBODY))
                .max(open.last(THEAD))
                .max(open.last(TFOOT));
            if tag != TR {
                context = context.max(open.last(TR));
            }
        }
        self.close_to(context + 1);
        true
    }

    /// An end tag.
    pub(super) fn end(&mut self, tag: u32) -> Result<(), Error> {
        let rules = self.tags.rules(tag);
        if rules & IGNORED != 0 {
            return Ok(());
        }
        let open = &self.open;
        let top = open.top();
        let place = open.last(tag);
        if rules & FORMAT != 0 {
            if place > 0 && place > top.special {
                self.close_to(place);
            } else {
                self.formatting.finish(tag);
            }
        } else if tag == P {
            if !open.paragraph() {
                self.tree.add(P, 0, 0, 0)?;
            }
            self.close_paragraph();
        } else if tag == BR_TAG {
            self.tree.add(BR_TAG, 0, 0, self.formatting.style)?;
        } else if (H1..=H6).contains(&tag) {
            let heading = (H1..=H6).map(|other| open.last(other)).max().unwrap_or(0);
            if heading > top.scope {
                self.close_to(heading);
            }
        } else if place == 0 {
            return Ok(());
        } else {
            let closes = if tag == LI {
                place > top.scope && place > open.last(UL) && place > open.last(OL)
            } else if rules & IN_TABLE != 0 || tag == TABLE_TAG || tag == CAPTION {
                place >= top.table
            } else if tag == SVG || tag == MATH_TAG {
                true
            } else if rules & (SPECIAL | SCOPE) != 0 {
                place >= top.scope
            } else {
                place > top.special
            };
            if closes {
                self.close_to(place);
            }
        }
        Ok(())
    }

    fn is_hidden(&self, first: usize) -> bool {
        let attributes = &self.tree.attributes[first..];
        attributes.iter().enumerate().any(|(index, attribute)| {
            let value = || self.tree.value_at(first + index);
            match attribute.name {
                HIDDEN_ATTRIBUTE => !is_word(&value(), "until-found"),
                ARIA_HIDDEN => is_word(&value(), "true"),
                STYLE => {
                    let style = value();
                    contains_declaration(&style, "display", &["none"]).is_some()
                        || contains_declaration(&style, "visibility", &["hidden"]).is_some()
                }
                _ => false,
            }
        })
    }
}
