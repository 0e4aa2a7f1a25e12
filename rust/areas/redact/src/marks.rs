//! Where the signs are that secrets stand behind. Part of `context.rs`, with the same twin.

use super::blocks::{BLOCK, bytes_at, those};
use super::names::NAME_MAX;

/// Where a mark is next, once sought.
#[derive(Clone, Copy)]
pub struct Mark(pub Option<usize>);

impl Mark {
    /// The first mark from `at` on, which never goes back.
    #[inline]
    pub fn from(
        &mut self,
        bytes: &[u8],
        at: usize,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> usize {
        match self.0 {
            Some(next) if next >= at => next,
            _ => *self
                .0
                .insert(find(&bytes[at..]).map_or(bytes.len(), |found| at + found)),
        }
    }
}

/// So far behind `-u` a colon may be that parts a user from a password: an option, a quotation mark and a name.
const USER_MAX: usize = NAME_MAX + 8;

/// The signs that assign (`=`, `:`, `>`), and options (`--`).
pub struct Marks {
    block: usize,
    found: u64,
    /// Whether an option for a user and a password may stand before what was found last.
    pub users: bool,
    /// Up to where one may, as far as it is known.
    user: usize,
}

impl Marks {
    /// Those of one text.
    pub fn new() -> Self {
        Self {
            block: usize::MAX,
            found: 0,
            users: false,
            user: 0,
        }
    }

    /// The first from `at` on; `most` where there is none before it.
    #[inline]
    pub fn next(&mut self, bytes: &[u8], at: usize, most: usize) -> usize {
        let mut block = at & !(BLOCK - 1);
        let mut from = u64::MAX << (at - block);
        while block < most {
            if self.block != block {
                self.read(bytes, block);
            }
            let found = self.found & from;
            if found != 0 {
                return most.min(block + found.trailing_zeros() as usize);
            }
            block += BLOCK;
            from = u64::MAX;
        }
        most
    }

    fn read(&mut self, bytes: &[u8], block: usize) {
        // What is before a block that is not the next one is not known.
        if self.block.wrapping_add(BLOCK) != block {
            self.user = block + USER_MAX;
        }
        self.block = block;
        let here = bytes_at(bytes, block);
        let behind = bytes.get(block + BLOCK).copied().unwrap_or(0);
        let last = |byte: u8| u64::from(behind == byte) << (BLOCK - 1);
        self.found = those(&here, |byte| {
            (byte == b'=') | (byte == b':') | (byte == b'>')
        });
        let dashes = those(&here, |byte| byte == b'-');
        if dashes != 0 {
            self.found |= dashes & (dashes >> 1 | last(b'-'));
            let users = those(&here, |byte| byte == b'u');
            if dashes & (users >> 1 | last(b'u')) != 0 {
                self.user = block + BLOCK + USER_MAX;
            }
        }
        self.users = block < self.user;
    }
}
