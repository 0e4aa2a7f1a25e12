//! A set of strings prepared for many queries.
//!
//! Results are those of ranking the strings one by one with [`super::metrics`]; only the way differs:
//! strings of equal length are compared 64 at a time, and what cannot reach the result is left out.
//! A `Matcher` is cheap to share and copied when it changes while a ranking of it is under way.

mod alphabet;
mod arena;
mod group;
mod search;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use agent_shared::{Error, Packed};

use super::metrics::sorted_tokens;
use arena::Arena;

/// Prepared choices, numbered from 0 in the order of adding; a number is never used again.
#[derive(Clone)]
pub struct Matcher {
    base: Arena,
    /// The choices as sorted tokens, under the same numbers; made when token-sort first asks.
    sorted: OnceLock<Arena>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Matcher {
    /// Without choices.
    pub fn new() -> Self {
        Self {
            base: Arena::new(),
            sorted: OnceLock::new(),
        }
    }

    /// How many choices there are.
    pub fn len(&self) -> usize {
        self.base.live()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds choices and gives the number of the first.
    pub fn add(&mut self, choices: &Packed<'_>) -> Result<usize, Error> {
        let first = self.base.next();
        self.base.reserve(choices.len())?;
        self.sorted.take();
        let (mut codes, mut numbers) = (Vec::new(), Vec::new());
        for choice in choices.iter() {
            if choice.is_ascii() {
                self.base
                    .add_ascii(choice.as_bytes(), &mut codes, &mut numbers);
            } else {
                codes.clear();
                codes.extend(choice.chars().map(u32::from));
                self.base.add(&codes, &mut numbers);
            }
        }
        Ok(first)
    }

    /// Removes a choice; false if it was not there.
    pub fn remove(&mut self, index: u32) -> bool {
        if let Some(sorted) = self.sorted.get_mut() {
            sorted.remove(index);
        }
        self.base.remove(index)
    }

    /// The choices as sorted tokens.
    fn sorted(&self) -> &Arena {
        self.sorted.get_or_init(|| {
            let mut sorted = Arena::new();
            let (mut codes, mut ranges, mut joined, mut numbers) =
                (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for index in 0..self.base.next() {
                if self.base.codes(index, &mut codes) {
                    sorted_tokens(&codes, &mut ranges, &mut joined);
                    sorted.add(&joined, &mut numbers);
                } else {
                    sorted.skip();
                }
            }
            sorted
        })
    }
}

pub use search::{ManyRanked, is_large};
