//! Goes through the tree and has every node written: which elements begin and end blocks, which are left
//! out, what becomes of tables, lists and code. No recursion: depth costs nothing. Twin: `walk.ts`.

mod code;

use std::borrow::Cow;

use agent_shared::{Control, check};

use super::Error;
use super::blocks::{Blocks, List};
use super::inline::{Inline, LineBreak};
use super::link::{BaseUrl, one_line, push_destination, push_title};
use super::links::Links;
use super::references::decode;
use super::tables::TableWriter;
use super::tags::{
    BLOCK, BR, CELL, DD, DEL, DL, H1, HEADING, HR, IMG, INLINE, INPUT, ITEM, LIST, MATH, OL, PRE,
    QUOTE, ROW, SKIP, TABLE, TH, THEAD, Tags, tags,
};
use super::text::{contains_declaration, is_dot, is_word, number_from};
use super::tree::{
    ALIGN, ALT, ALTTEXT, CHECKED, COLSPAN, DATA_ORIGINAL, DATA_SRC, DROPPED, HEIGHT, HIDDEN,
    LAYOUT, LINK_SHIFT, ROWSPAN, SRC, START, STRIKE, STYLE, TITLE, TYPE, Tree, VALUE, WIDTH,
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
    /// The table of data that is being written, and whether a cell of it is open.
    table: Option<TableWriter>,
    in_cell: bool,
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
            table: None,
            in_cell: false,
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
                PRE => {
                    self.pre(node)?;
                    node = current.end as usize;
                }
                MATH => node = self.math(node),
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
        let style = self.styled(tree.nodes[node].style);
        let text = plain(tree.text(node));
        self.inline.text(&text, style);
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
        if self.in_cell {
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
                if !self.in_cell {
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
            HEADING => {
                self.border()?;
                if !self.in_cell {
                    self.heading = tag - H1 + 1;
                    self.inline.line_break = LineBreak::Space;
                }
                return Ok(true);
            }
            BLOCK => {
                self.border()?;
                if tag == DL && !self.in_cell {
                    self.lists.push(self.blocks.list(false, 1));
                }
                if let Some(table) = self.table.as_mut().filter(|_| tag == THEAD) {
                    table.head();
                }
                return Ok(true);
            }
            _ => {}
        }
        self.border()?;
        if self.in_cell && kind != CELL && kind != ROW {
            return Ok(kind == LIST);
        }
        self.end_heading();
        match kind {
            LIST => {
                let ordered = tag == OL;
                let start = || number_from(tree.value(node, START).as_deref());
                let start = if ordered { start().unwrap_or(1) } else { 1 };
                self.lists.push(self.blocks.list(ordered, start));
            }
            ITEM => {
                let mut loose = self.blocks.list(false, 1);
                let list = self.lists.last_mut().unwrap_or(&mut loose);
                if list.ordered
                    && let Some(number) = number_from(tree.value(node, VALUE).as_deref())
                {
                    list.number = number;
                }
                self.blocks.item(list);
            }
            DD => {
                let loose = self.blocks.list(false, 1);
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
                self.in_cell = true;
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
        if kind == CELL && self.in_cell {
            self.end_cell(node, current.tag);
            return Ok(());
        }
        self.border()?;
        if self.in_cell {
            return Ok(());
        }
        match kind {
            HEADING => self.end_heading(),
            LIST => self.end_list(),
            BLOCK if current.tag == DL => self.end_list(),
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

    fn end_list(&mut self) {
        if let Some(list) = self.lists.pop() {
            self.blocks.end_list(list);
        }
    }

    fn end_cell(&mut self, node: usize, tag: u32) {
        let tree = self.tree;
        self.in_cell = false;
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
            table.cell(text, tag == TH, (span(COLSPAN), span(ROWSPAN)), mark);
        }
    }

    fn line_break(&mut self) -> Result<(), Error> {
        if !self.inline.is_breaking() || self.in_cell {
            self.inline.line_break();
        } else if !self.inline.is_empty() {
            self.flush()?;
        }
        Ok(())
    }

    fn image(&mut self, node: usize) {
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

    /// The box of a task: only where an item begins.
    fn checkbox(&mut self, node: usize) {
        let tree = self.tree;
        if !self.blocks.is_marked() || !self.inline.is_empty() || self.in_cell {
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

    /// A formula: its text in the attribute if there is one, else its content. The next node to look at.
    fn math(&mut self, node: usize) -> usize {
        let tree = self.tree;
        let Some(text) = tree.value(node, ALTTEXT) else {
            return node + 1;
        };
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

fn alignment(align: Option<&str>, style: Option<&str>) -> &'static str {
    let values = ["left", "center", "right"];
    let declared = contains_declaration(style.unwrap_or_default(), "text-align", &values);
    let word = declared.or(align).unwrap_or_default();
    match values.iter().position(|value| is_word(word, value)) {
        Some(0) => ":--",
        Some(1) => ":-:",
        Some(_) => "--:",
        None => "---",
    }
}
