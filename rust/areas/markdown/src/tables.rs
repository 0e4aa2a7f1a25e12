//! Which tables are tables: those of data become tables of Markdown, those that only lay out a page are
//! read cell by cell. And the writing of the former. Twin: `tables.ts`.

use super::tags::{CELL, HEADING, HR, P, PRE, QUOTE, ROW, SKIP, TABLE, TH, THEAD, tags};
use super::text::{contains_declaration, is_word};
use super::tree::{DROPPED, HIDDEN, LAYOUT, ROLE, Tree};

/// Up to so many columns rows are filled up and cells may reach into later rows.
const FEW_COLUMNS: usize = 32;
/// A cell is at most so many columns wide.
const WIDEST: u32 = 20;

/// A table that is being looked at.
#[derive(Default)]
struct Open {
    node: usize,
    end: usize,
    rows: u32,
    cells: u32,
    in_row: u32,
    columns: u32,
    paragraphs: u32,
    header: bool,
    /// Blocks that a cell of Markdown cannot have: code, headings, quotes, tables.
    blocks: u32,
}

impl Open {
    fn is_layout(&self, tree: &Tree<'_>) -> bool {
        let most = self.columns.max(self.in_row);
        let is_row = self.rows >= 2 || (self.rows >= 1 && self.header);
        // A block in one cell of many does not make it layout.
        let is_blocks = if self.header {
            self.blocks > self.cells
        } else {
            self.blocks * 4 > self.cells
        };
        is_blocks
            || most < 2
            || !is_row
            || self.paragraphs > 2 * self.cells
            || is_presentation(tree, self.node)
    }
}

/// Marks the tables between two nodes that are layout.
pub(super) fn mark_layout(tree: &mut Tree<'_>, from: usize, to: usize) {
    let tags = tags();
    let mut open: Vec<Open> = Vec::new();
    let mut node = from;
    loop {
        while open
            .last()
            .is_some_and(|table| node >= to || table.end <= node)
        {
            if let Some(table) = open.pop()
                && table.is_layout(tree)
            {
                tree.nodes[table.node].flags |= LAYOUT;
            }
        }
        if node >= to {
            return;
        }
        let current = tree.nodes[node];
        let kind = tags.kind(current.tag);
        if current.tag != 0 && (kind == SKIP || current.flags & (HIDDEN | DROPPED) != 0) {
            node = current.end as usize;
            continue;
        }
        if kind == TABLE {
            if let Some(table) = open.last_mut() {
                table.blocks += 1;
            }
            open.push(Open {
                node,
                end: current.end as usize,
                ..Open::default()
            });
        } else if let Some(table) = open.last_mut() {
            match kind {
                ROW => {
                    table.columns = table.columns.max(table.in_row);
                    table.in_row = 0;
                    table.rows += 1;
                }
                CELL => {
                    table.rows = table.rows.max(1);
                    table.cells += 1;
                    table.in_row += 1;
                    table.header |= current.tag == TH;
                }
                PRE | HEADING | QUOTE | HR => table.blocks += 1,
                _ if current.tag == THEAD => table.header = true,
                _ if current.tag == P => table.paragraphs += 1,
                _ => {}
            }
        }
        node += 1;
    }
}

fn is_presentation(tree: &Tree<'_>, node: usize) -> bool {
    tree.value(node, ROLE)
        .is_some_and(|role| is_word(&role, "presentation") || is_word(&role, "none"))
}

/// The mark of a column from the attributes of its first cell.
pub(super) fn alignment(align: Option<&str>, style: Option<&str>) -> &'static str {
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

/// A table in the making.
pub(super) struct TableWriter {
    rows: Vec<Vec<String>>,
    row: Option<Vec<String>>,
    /// Of each column, how many more rows a cell of an earlier one takes.
    taken: [u32; FEW_COLUMNS],
    /// And what stands in it.
    repeated: Vec<String>,
    marks: Vec<&'static str>,
    columns: usize,
    /// Cells with text that the row has itself.
    own: u32,
    /// Whether the first row is in a head, and whether it has headings only.
    in_head: bool,
    headings: bool,
}

impl TableWriter {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            row: None,
            taken: [0; FEW_COLUMNS],
            repeated: vec![String::new(); FEW_COLUMNS],
            own: 0,
            marks: Vec::new(),
            columns: 0,
            in_head: false,
            headings: true,
        }
    }

    /// A row begins.
    pub(super) fn row(&mut self) {
        self.end_row();
        self.own = 0;
        if self.rows.is_empty() {
            self.headings = true;
        }
        let mut row = Vec::new();
        self.fill(&mut row);
        self.row = Some(row);
    }

    /// A part of the table begins; its head, or another.
    pub(super) fn part(&mut self, head: bool) {
        self.end_row();
        self.taken = [0; FEW_COLUMNS];
        if head && self.rows.is_empty() {
            self.in_head = true;
        }
    }

    /// A cell of the row, by its text.
    pub(super) fn cell(
        &mut self,
        text: &str,
        heading: bool,
        (columns, rows): (u32, u32),
        mark: &'static str,
    ) {
        if self.row.is_none() {
            self.row();
        }
        let mut row = self.row.take().unwrap_or_default();
        if self.rows.is_empty() && !heading {
            self.headings = false;
        }
        self.own += u32::from(!text.is_empty());
        // A cell of several rows is in each of them, a heading over each of its columns.
        let repeats = heading && self.rows.is_empty();
        for left in 0..columns.clamp(1, WIDEST) {
            let here = if left == 0 || repeats { text } else { "" };
            if row.len() < FEW_COLUMNS && rows != 1 {
                self.taken[row.len()] = if rows == 0 { u32::MAX } else { rows - 1 };
                here.clone_into(&mut self.repeated[row.len()]);
            }
            if self.rows.is_empty() {
                if self.marks.len() <= row.len() {
                    self.marks.resize(row.len() + 1, "---");
                }
                self.marks[row.len()] = mark;
            }
            row.push(here.to_owned());
        }
        self.fill(&mut row);
        self.row = Some(row);
    }

    fn fill(&mut self, row: &mut Vec<String>) {
        while let Some(taken) = self.taken.get_mut(row.len()).filter(|taken| **taken > 0) {
            *taken -= 1;
            row.push(self.repeated[row.len()].clone());
        }
    }

    fn end_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        if self.own > 0 {
            self.columns = self.columns.max(row.len());
            self.rows.push(row);
        }
    }

    /// The table as Markdown; "" if nothing is in it.
    pub(super) fn end(mut self) -> String {
        self.end_row();
        let mut text = String::new();
        if self.rows.is_empty() {
            return text;
        }
        let has_head = self.in_head || self.headings;
        let (head, body) = self.rows.split_at(usize::from(has_head));
        push_row(
            &mut text,
            head.first().map_or(&[], Vec::as_slice),
            self.columns,
        );
        text.push_str("\n|");
        for at in 0..self.columns {
            text.push(' ');
            text.push_str(self.marks.get(at).copied().unwrap_or("---"));
            text.push_str(" |");
        }
        let fill = if self.columns <= FEW_COLUMNS {
            self.columns
        } else {
            0
        };
        for row in body {
            text.push('\n');
            push_row(&mut text, row, fill);
        }
        text
    }
}

fn push_row(text: &mut String, cells: &[String], columns: usize) {
    text.push('|');
    for at in 0..cells.len().max(columns) {
        if let Some(cell) = cells.get(at).filter(|cell| !cell.is_empty()) {
            text.push(' ');
            text.push_str(cell);
        }
        text.push_str(" |");
    }
}
