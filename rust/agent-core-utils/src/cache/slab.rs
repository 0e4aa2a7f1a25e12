//! Items by number, in blocks of doubling size that are never moved: growing is no pause.

use super::Error;
use super::slots::NONE;
use super::validity::{BLOCK, BLOCKS, place};

/// What a slab holds: says where it keeps the number of the next free item while it is free.
pub trait Item: Default {
    /// The place for it.
    fn next_free(&mut self) -> &mut u32;
}

/// Items by number.
pub struct Slab<T> {
    blocks: Vec<Vec<T>>,
    free: u32,
    used: u32,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            free: NONE,
            used: 0,
        }
    }
}

impl<T: Item> Slab<T> {
    #[inline]
    pub fn get(&self, number: u32) -> &T {
        let (block, at) = place(number);
        &self.blocks[block][at]
    }

    #[inline]
    pub fn get_mut(&mut self, number: u32) -> &mut T {
        let (block, at) = place(number);
        &mut self.blocks[block][at]
    }

    /// A fresh item.
    pub fn take(&mut self) -> Result<u32, Error> {
        if self.free != NONE {
            let number = self.free;
            let item = self.get_mut(number);
            let next = *item.next_free();
            *item = T::default();
            self.free = next;
            return Ok(number);
        }
        let (block, _) = place(self.used);
        if block >= BLOCKS {
            return Err(Error::OutOfMemory);
        }
        if block == self.blocks.len() {
            let mut items = Vec::new();
            items.try_reserve_exact(BLOCK << block)?;
            self.blocks.push(items);
        }
        self.blocks[block].push(T::default());
        self.used += 1;
        Ok(self.used - 1)
    }

    /// Gives an item back; what it owned is dropped.
    pub fn give(&mut self, number: u32) {
        let free = self.free;
        let item = self.get_mut(number);
        *item = T::default();
        *item.next_free() = free;
        self.free = number;
    }
}
