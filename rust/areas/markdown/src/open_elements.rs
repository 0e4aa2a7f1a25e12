//! The parser's stack of open elements. For each entry it knows the nearest barriers below, and for each
//! name its topmost entry, so that no tag costs a search, however deep the nesting. Twin:
//! `open_elements.ts`.

use super::tags::{BUTTON, DIV, P, SCOPE, SPECIAL, TABLE_TAG, TEMPLATE};

/// An open element, with the nearest entries, itself included, that bound what end tags reach.
#[derive(Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) node: u32,
    pub(super) tag: u32,
    /// For blocks.
    pub(super) scope: u32,
    /// For list items.
    pub(super) item: u32,
    /// For parts of tables.
    pub(super) table: u32,
    /// For ordinary elements.
    pub(super) special: u32,
    before: u32,
}

/// The stack; its first entry is no element.
pub(super) struct OpenElements {
    entries: Vec<Entry>,
    last: Vec<u32>,
}

impl OpenElements {
    pub(super) fn new() -> Self {
        Self {
            entries: vec![Entry::default()],
            last: vec![0; 256],
        }
    }

    /// Number of the top entry.
    #[inline]
    pub(super) fn place(&self) -> u32 {
        self.entries.len() as u32 - 1
    }

    /// The top entry.
    #[inline]
    pub(super) fn top(&self) -> Entry {
        self.entries[self.entries.len() - 1]
    }

    /// The number of the topmost entry of a name, 0 if there is none.
    #[inline]
    pub(super) fn last(&self, tag: u32) -> u32 {
        self.last.get(tag as usize).copied().unwrap_or(0)
    }

    /// Whether there is an open paragraph that a block would end.
    #[inline]
    pub(super) fn paragraph(&self) -> bool {
        let place = self.last(P);
        place > self.top().scope && place > self.last(BUTTON)
    }

    /// Opens an element.
    pub(super) fn push(&mut self, tag: u32, node: usize, rules: u16) {
        let below = self.top();
        let place = self.place() + 1;
        if tag as usize >= self.last.len() {
            self.last.resize((tag as usize + 1).next_power_of_two(), 0);
        }
        let special = rules & SPECIAL != 0;
        let barrier = |is: bool, below: u32| if is { place } else { below };
        self.entries.push(Entry {
            node: node as u32,
            tag,
            scope: barrier(rules & SCOPE != 0, below.scope),
            item: barrier(special && tag != P && tag != DIV, below.item),
            table: barrier(tag == TABLE_TAG || tag == TEMPLATE, below.table),
            special: barrier(special, below.special),
            before: self.last[tag as usize],
        });
        self.last[tag as usize] = place;
    }

    /// Closes the top element, which is returned.
    pub(super) fn pop(&mut self) -> Entry {
        let entry = self.top();
        self.entries.truncate(self.entries.len() - 1);
        self.last[entry.tag as usize] = entry.before;
        entry
    }
}
