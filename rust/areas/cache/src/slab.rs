//! Items by number, in blocks of doubling size that are never moved: growing is no pause. And what only
//! some of them have besides.

use bytemuck::Zeroable;

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

    /// How many items there ever were at once; all numbers are below it.
    pub fn used(&self) -> u32 {
        self.used
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

/// What only some items have, by the item's number: blocks as the slab's, made when they are needed.
#[derive(Default)]
pub struct Extra<T> {
    blocks: Vec<Option<Box<[T]>>>,
}

impl<T: Zeroable + Copy + Default> Extra<T> {
    /// Sees to it that an item can have it.
    pub fn reserve(&mut self, number: u32) -> Result<(), Error> {
        let (block, _) = place(number);
        if self.blocks.len() <= block {
            self.blocks.resize_with(block + 1, || None);
        }
        if self.blocks[block].is_none() {
            // Zeroed memory is not touched until it is used.
            let made = bytemuck::allocation::try_zeroed_slice_box(BLOCK << block);
            self.blocks[block] = Some(made.map_err(|()| Error::OutOfMemory)?);
        }
        Ok(())
    }

    /// What an item has; the default where it never needed any.
    #[inline]
    pub fn get(&self, number: u32) -> T {
        let (block, at) = place(number);
        match self.blocks.get(block) {
            Some(Some(block)) => block[at],
            _ => T::default(),
        }
    }

    /// The same for changing it, where there is some.
    #[inline]
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let (block, at) = place(number);
        Some(&mut self.blocks.get_mut(block)?.as_mut()?[at])
    }
}
