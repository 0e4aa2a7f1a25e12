//! Goes through the tree and has every node written: which elements begin and end blocks, which are left
//! out, what becomes of tables, lists and code. No recursion: depth costs nothing. Twin: `walk.ts`.

pub(super) mod code;
pub(super) mod languages;
mod pieces;

use std::borrow::Cow;

use agent_shared::{Control, check};

use super::Error;
use super::blocks::{Blocks, List};
use super::inline::{Inline, LineBreak};
use super::link::BaseUrl;
use super::links::Links;
use super::math::{math_text, tex_of};
use super::references::decode;
use super::tables::{TableWriter, alignment};
use super::tags::{
    BLOCK, BR, CELL, DD, DEL, DL, H1, HEADING, HR, IMG, INLINE, INPUT, ITEM, LIST, MATH, MFRAC, OL,
    PRE, Q, QUOTE, ROW, RT, SKIP, SUB, SUP, TABLE, TBODY, TFOOT, TH, THEAD, Tags, tags,
};
use super::text::{is_word, number_from, units};
use super::tree::{
    ALIGN, ALTTEXT, AS_CODE, CHECKED, COLSPAN, DROPPED, HIDDEN, HREF, LAYOUT, LINK_SHIFT, ROWSPAN,
    START, STRIKE, STYLE, TYPE, Tree, VALUE,
};

/// Between two looks at the control as many nodes are written.
const NODES: u32 = 4096;

/// Writes one page.
pub(super) struct Walker<'t> {
    tree: &'t Tree<'t>,
    tags: &'static Tags,
    blocks: Blocks,
    inline: Inline<'t>,
    /// The open elements whose end matters.
    open: Vec<usize>,
    lists: Vec<List>,
    heading: u32,
    struck: u32,
    /// Lists that stand in lists without an item.
    reopened: Vec<usize>,
    /// Lists whose items are those of the list around them.
    shared: Vec<usize>,
    /// What ends the exponents and indices that are open.
    scripts: Vec<&'static str>,
    quotes: u32,
    /// The table of data that is being written, and the cell of it that is open.
    table: Option<TableWriter>,
    cell: Option<usize>,
    /// Cells of the row that is being written of a table in that cell.
    cells_in_row: u32,
}

impl<'t> Walker<'t> {
    /// Links are resolved against `base`.
    pub(super) fn new(tree: &'t Tree<'t>, base: Option<BaseUrl>) -> Self {
        Self {
            tree,
            tags: tags(),
            blocks: Blocks::default(),
            inline: Inline::new(Links::new(tree, base)),
            open: Vec::new(),
            lists: Vec::new(),
            heading: 0,
            struck: 0,
            reopened: Vec::new(),
            shared: Vec::new(),
            scripts: Vec::new(),
            quotes: 0,
            table: None,
            cell: None,
            cells_in_row: 0,
        }
    }

    /// Writes the nodes between two.
    pub(super) fn walk(
        &mut self,
        from: usize,
        to: usize,
        control: &dyn Control,
    ) -> Result<(), Error> {
        let tree = self.tree;
        let mut next = usize::MAX;
        let mut node = from;
        let mut steps = 0u32;
        while node < to {
            steps += 1;
            if steps.is_multiple_of(NODES) {
                check(control)?;
            }
            while next <= node {
                self.leave_last()?;
                next = self
                    .open
                    .last()
                    .map_or(usize::MAX, |&node| tree.nodes[node].end as usize);
            }
            let current = &tree.nodes[node];
            if current.flags & (HIDDEN | DROPPED) != 0 {
                node = current.end as usize;
                continue;
            }
            if current.tag == 0 {
                self.text(node);
                node += 1;
                continue;
            }
            let kind = self.tags.kind(current.tag);
            match kind {
                INLINE => node += 1,
                SKIP => node = current.end as usize,
                _ if kind == PRE || current.flags & AS_CODE != 0 => {
                    self.pre(node)?;
                    node = current.end as usize;
                }
                MATH => node = self.math(node),
                MFRAC.. => node += 1,
                _ => {
                    if self.enter(node, current.tag, kind)? {
                        self.open.push(node);
                        next = current.end as usize;
                    }
                    node += 1;
                }
            }
        }
        while !self.open.is_empty() {
            self.leave_last()?;
        }
        self.flush()
    }

    /// Where the links lead that were written, in order, each as often as it was.
    pub(super) fn links(&mut self) -> Vec<String> {
        let links = &mut self.inline.links;
        let written = std::mem::take(&mut links.written);
        written
            .into_iter()
            .map(|link| links.url(link).to_owned())
            .collect()
    }

    /// The Markdown.
    pub(super) fn take(self) -> Result<String, Error> {
        self.blocks.take()
    }

    fn text(&mut self, node: usize) {
        let tree = self.tree;
        let style = tree.nodes[node].style;
        let raw = tree.text(node);
        if style >> LINK_SHIFT != 0 && raw.len() <= 60 && self.is_permalink(style, raw) {
            return;
        }
        let style = self.styled(style);
        self.inline.text(&plain(raw), style);
    }

    /// Whether a link is a mark that what is before it has an address.
    fn is_permalink(&self, style: u32, raw: &str) -> bool {
        let tree = self.tree;
        is_anchor(raw)
            && tree
                .find(tree.links[(style >> LINK_SHIFT) as usize - 1], HREF)
                .is_some_and(|at| tree.value_at(at).contains('#'))
    }

    /// A style without a link that leads nowhere, with what elements around it say.
    #[inline]
    fn styled(&mut self, mut style: u32) -> u32 {
        let link = style >> LINK_SHIFT;
        if link != 0 && self.inline.links.url(link).is_empty() {
            style &= (1 << LINK_SHIFT) - 1;
        }
        if self.struck > 0 {
            style | STRIKE
        } else {
            style
        }
    }

    /// Ends the paragraph or heading that is being written.
    fn flush(&mut self) -> Result<(), Error> {
        if self.inline.is_empty() {
            self.inline.end();
            return Ok(());
        }
        let text = self.inline.end();
        let broken = std::mem::take(&mut self.inline.broken);
        if self.heading > 0 {
            self.blocks.heading(self.heading as usize, &text)?;
            self.end_heading();
            Ok(())
        } else {
            self.blocks.paragraph(&text, broken)
        }
    }

    fn end_heading(&mut self) {
        self.heading = 0;
        self.inline.line_break = LineBreak::Hard;
    }

    /// A block begins or ends here.
    fn border(&mut self) -> Result<(), Error> {
        if self.cell.is_some() {
            self.inline.line_break();
            Ok(())
        } else {
            self.flush()
        }
    }

    /// Whether the element must be left again.
    fn enter(&mut self, node: usize, tag: u32, kind: u8) -> Result<bool, Error> {
        let tree = self.tree;
        match kind {
            BR => {
                self.line_break()?;
                return Ok(false);
            }
            HR => {
                self.border()?;
                if self.cell.is_none() {
                    self.end_heading();
                    self.blocks.rule()?;
                }
                return Ok(false);
            }
            IMG => {
                self.image(node);
                return Ok(false);
            }
            INPUT => {
                self.checkbox(node);
                return Ok(false);
            }
            DEL => {
                self.struck += 1;
                return Ok(true);
            }
            SUP | SUB | Q | RT => {
                self.begin_inline(node, kind);
                return Ok(true);
            }
            HEADING => {
                self.border()?;
                if self.cell.is_none() {
                    self.heading = tag - H1 + 1;
                    self.inline.line_break = LineBreak::Space;
                }
                return Ok(true);
            }
            BLOCK => {
                self.border()?;
                if tag == DL && self.cell.is_none() {
                    self.lists.push(self.blocks.list(false, 1, false));
                }
                let is_part = self.cell.is_none() && (TBODY..=TFOOT).contains(&tag);
                if let Some(table) = self.table.as_mut().filter(|_| is_part) {
                    table.part(tag == THEAD);
                }
                return Ok(true);
            }
            _ => {}
        }
        if kind != CELL || self.cell.is_none() {
            self.border()?;
        }
        if self.cell.is_some() {
            // A table in a cell is its rows, one below the other.
            if kind == ROW {
                self.cells_in_row = 0;
            } else if kind == CELL {
                if self.cells_in_row > 0 {
                    self.inline.text(" | ", 0);
                }
                self.cells_in_row += 1;
            }
            return Ok(kind == LIST);
        }
        self.end_heading();
        match kind {
            LIST => {
                let is_nested = self
                    .open
                    .last()
                    .is_some_and(|&outer| self.tags.kind(tree.nodes[outer].tag) == LIST);
                let ordered = tag == OL;
                let around = self.lists.last().copied().filter(|_| is_nested);
                if let Some(list) = around
                    && !ordered
                    && !list.ordered
                    && list.is_empty()
                {
                    // Bullets before the first item are no level of their own.
                    self.lists.push(list);
                    self.shared.push(node);
                    return Ok(true);
                }
                let goes_on = around.is_some_and(|list| self.blocks.reopen(&list));
                self.reopened.extend(goes_on.then_some(node));
                let start = || number_from(tree.value(node, START).as_deref());
                let start = if ordered { start().unwrap_or(1) } else { 1 };
                self.lists.push(self.blocks.list(ordered, start, goes_on));
            }
            ITEM => {
                let mut loose = self.blocks.list(false, 1, false);
                let list = self.lists.last_mut().unwrap_or(&mut loose);
                if list.ordered
                    && let Some(number) = number_from(tree.value(node, VALUE).as_deref())
                {
                    list.number = number;
                }
                self.blocks.item(list);
            }
            DD => {
                let loose = self.blocks.list(false, 1, false);
                self.blocks.definition(self.lists.last().unwrap_or(&loose));
            }
            QUOTE => self.blocks.quote(),
            TABLE if tree.nodes[node].flags & LAYOUT == 0 => self.table = Some(TableWriter::new()),
            ROW => {
                if let Some(table) = &mut self.table {
                    table.row();
                }
            }
            CELL if self.table.is_some() => {
                self.cell = Some(node);
                self.cells_in_row = 0;
                self.inline.line_break = LineBreak::Cell;
            }
            _ => {}
        }
        Ok(true)
    }

    fn leave_last(&mut self) -> Result<(), Error> {
        let Some(node) = self.open.pop() else {
            return Ok(());
        };
        let current = self.tree.nodes[node];
        let kind = self.tags.kind(current.tag);
        if kind == DEL {
            self.struck -= 1;
            return Ok(());
        }
        if kind >= SUP {
            self.end_inline(node, kind);
            return Ok(());
        }
        if self.cell == Some(node) {
            self.end_cell(node, current.tag);
            return Ok(());
        }
        self.border()?;
        if self.cell.is_some() {
            return Ok(());
        }
        match kind {
            HEADING => self.end_heading(),
            LIST => {
                let list = self.end_list();
                if self.shared.last() == Some(&node) {
                    self.shared.pop();
                    if let (Some(list), Some(around)) = (list, self.lists.last_mut()) {
                        *around = list;
                    }
                }
                if self.reopened.last() == Some(&node) {
                    self.reopened.pop();
                    self.blocks.leave(None);
                }
            }
            BLOCK if current.tag == DL => {
                self.end_list();
            }
            ITEM | DD | QUOTE => self.blocks.leave(self.lists.last_mut()),
            TABLE if current.flags & LAYOUT == 0 => {
                let text = self.table.take().map(TableWriter::end).unwrap_or_default();
                if !text.is_empty() {
                    self.blocks.markdown(&text)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_list(&mut self) -> Option<List> {
        let list = self.lists.pop()?;
        self.blocks.end_list(list);
        Some(list)
    }

    fn end_cell(&mut self, node: usize, tag: u32) {
        let tree = self.tree;
        self.cell = None;
        let text = self.inline.end();
        self.inline.broken = false;
        self.inline.line_break = LineBreak::Hard;
        let text = if text.contains('|') {
            text.replace('|', "\\|")
        } else {
            text
        };
        let span = |name| number_from(tree.value(node, name).as_deref()).unwrap_or(1);
        let mark = alignment(
            tree.value(node, ALIGN).as_deref(),
            tree.value(node, STYLE).as_deref(),
        );
        if let Some(table) = &mut self.table {
            table.cell(&text, tag == TH, (span(COLSPAN), span(ROWSPAN)), mark);
        }
    }

    fn line_break(&mut self) -> Result<(), Error> {
        if !self.inline.is_breaking() || self.cell.is_some() {
            self.inline.line_break();
        } else if !self.inline.is_empty() {
            self.flush()?;
        }
        Ok(())
    }

    /// The box of a task: only where an item begins.
    fn checkbox(&mut self, node: usize) {
        let tree = self.tree;
        if !self.blocks.is_marked() || !self.inline.is_empty() || self.cell.is_some() {
            return;
        }
        if !tree
            .value(node, TYPE)
            .is_some_and(|kind| is_word(&kind, "checkbox"))
        {
            return;
        }
        let checked = tree.find(tree.range(node), CHECKED).is_some();
        self.inline.markdown(if checked { "[x]" } else { "[ ]" }, 0);
        self.inline.space();
    }

    /// A formula: its text in the attribute if there is one, the TeX it was made of, or its
    /// content. The next node to look at.
    fn math(&mut self, node: usize) -> usize {
        let tree = self.tree;
        let text = tree.value(node, ALTTEXT).map(Cow::into_owned);
        let text = text
            .or_else(|| tex_of(tree, node))
            .unwrap_or_else(|| math_text(tree, node));
        let style = self.styled(tree.nodes[node].style);
        self.inline.text(&text, style);
        tree.nodes[node].end as usize
    }
}

/// A text of the source, decoded, without U+0000.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(0, raw.as_bytes()).is_none() {
        return decode(raw, false);
    }
    Cow::Owned(decode(&raw.replace('\0', ""), false).into_owned())
}

/// Marks that headings carry as links to themselves.
const ANCHORS: [&str; 7] = [
    "#",
    "¶",
    "§",
    "🔗",
    "\u{1f517}\u{fe0f}",
    "⚓",
    "\u{2693}\u{fe0f}",
];

/// Whether there is nothing to see of a character.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether a piece of the source is such a mark.
pub(super) fn is_anchor(raw: &str) -> bool {
    if units(raw) > 20 {
        return false;
    }
    let whole = plain(raw);
    let text = whole.trim_matches(|character| {
        character <= ' ' || character == '\u{a0}' || is_invisible(character)
    });
    if text.is_empty() {
        return whole.chars().any(is_invisible);
    }
    ANCHORS.contains(&text)
}
