//! Who waits: first come, first served within a group, and groups in turn. Whoever stands first stays
//! first. Twin: `src/http/limiter/pure/line.ts`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::mailbox::Mailbox;

/// Somebody who waits.
pub struct Waiter {
    /// Through which view.
    pub view: u64,
    /// The view's own number for it.
    pub number: u64,
    /// How many tokens it wants.
    pub tokens: f64,
    /// Where what it waits for is put.
    pub mailbox: Arc<Mailbox>,
}

/// All that wait.
#[derive(Default)]
pub struct Line {
    groups: HashMap<Arc<str>, BTreeMap<u64, Waiter>>,
    /// The groups in the order of their turns. None is empty.
    turns: VecDeque<Arc<str>>,
    /// Where somebody stands, by view and number.
    places: HashMap<(u64, u64), (Arc<str>, u64)>,
    serial: u64,
}

impl Line {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Puts somebody in line, in place of one of the same view and number.
    pub fn add(&mut self, group: &str, waiter: Waiter) {
        self.remove(waiter.view, waiter.number);
        let name = match self.groups.get_key_value(group) {
            Some((name, _)) => name.clone(),
            None => {
                let name: Arc<str> = group.into();
                self.turns.push_back(name.clone());
                name
            }
        };
        self.serial += 1;
        let key = (waiter.view, waiter.number);
        self.places.insert(key, (name.clone(), self.serial));
        let line = self.groups.entry(name).or_default();
        line.insert(self.serial, waiter);
    }

    /// How many tokens that one wants whose turn it is.
    pub fn first(&self) -> Option<f64> {
        let line = self.groups.get(self.turns.front()?)?;
        line.values().next().map(|waiter| waiter.tokens)
    }

    /// Lets the first out of line; the turn goes to the next group.
    pub fn take_first(&mut self) -> Option<Waiter> {
        let name = self.turns.pop_front()?;
        let line = self.groups.get_mut(&name)?;
        let (_, waiter) = line.pop_first()?;
        if line.is_empty() {
            self.groups.remove(&name);
        } else {
            self.turns.push_back(name);
        }
        self.places.remove(&(waiter.view, waiter.number));
        Some(waiter)
    }

    /// Lets somebody out who gives up.
    pub fn remove(&mut self, view: u64, number: u64) -> Option<Waiter> {
        let (name, serial) = self.places.remove(&(view, number))?;
        let line = self.groups.get_mut(&name)?;
        let waiter = line.remove(&serial);
        if line.is_empty() {
            self.groups.remove(&name);
            self.turns.retain(|turn| *turn != name);
        }
        waiter
    }

    /// Lets all out who wait through a view.
    pub fn remove_view(&mut self, view: u64) {
        let numbers: Vec<u64> = self
            .places
            .keys()
            .filter(|(of, _)| *of == view)
            .map(|(_, number)| *number)
            .collect();
        for number in numbers {
            self.remove(view, number);
        }
    }
}
