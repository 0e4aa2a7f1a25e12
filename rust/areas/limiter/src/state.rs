//! The limiter proper: what was given, what is left, who waits. It knows no clock: each call says when
//! it is made. Twin: `src/http/limiter/pure/state.ts`.

use std::collections::BTreeMap;

use crate::hold::{Hold, Left};
use crate::line::{Line, Waiter};
use crate::mailbox::Bell;
use crate::window::Window;

const MINUTE_US: f64 = 60e6;

/// What a limiter is made with; infinite where there is no limit. Microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Requests in `second_us`.
    pub second: f64,
    /// About a second.
    pub second_us: f64,
    /// Requests in a minute.
    pub requests: f64,
    /// Tokens in a minute.
    pub tokens: f64,
    /// Reservations that are neither settled nor released.
    pub concurrency: f64,
    /// How long one may be so.
    pub lease_us: f64,
}

/// What a server said of its own limits.
#[derive(Clone, Copy, Debug)]
pub struct Observed {
    /// Of requests.
    pub requests: Option<Left>,
    /// Of tokens.
    pub tokens: Option<Left>,
    /// How long it wants to be left alone.
    pub pause_us: f64,
}

/// What a limiter holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// Reservations that are neither settled nor released.
    pub active: f64,
    /// How many wait.
    pub waiting: f64,
    /// Requests that could be reserved now.
    pub requests_left: f64,
    /// Tokens that could be.
    pub tokens_left: f64,
    /// How long nothing is given.
    pub paused_ms: f64,
}

/// A reservation that is neither settled nor released.
struct Active {
    tokens: f64,
    at: f64,
    view: u64,
    /// The number of the waiter that it was given to, if it had to wait.
    waiter: Option<u64>,
}

/// All that a limiter holds. Times are whole microseconds of one clock; where it goes back, it stands
/// still.
pub struct State {
    second: Option<Window>,
    second_us: f64,
    requests: Option<Window>,
    tokens: Option<Window>,
    concurrency: f64,
    lease_us: f64,
    /// In the order in which they were given, so the first to end is the first.
    active: BTreeMap<u64, Active>,
    line: Line,
    requests_hold: Option<Hold>,
    tokens_hold: Option<Hold>,
    paused_until: f64,
    now: f64,
    id: u64,
}

impl State {
    /// An unused one.
    pub fn new(options: &Options) -> Self {
        Self {
            second: Window::new(options.second, options.second_us),
            second_us: options.second_us,
            requests: Window::new(options.requests, MINUTE_US),
            tokens: Window::new(options.tokens, MINUTE_US),
            concurrency: options.concurrency,
            lease_us: options.lease_us,
            active: BTreeMap::new(),
            line: Line::default(),
            requests_hold: None,
            tokens_hold: None,
            paused_until: 0.0,
            now: 0.0,
            id: 0,
        }
    }

    /// Whether anybody waits.
    pub fn has_waiters(&self) -> bool {
        !self.line.is_empty()
    }

    /// Reserves if that is within the limits and nobody waits: the reservation's number, or 0.
    pub fn take(&mut self, now: f64, view: u64, tokens: f64) -> f64 {
        self.advance(now);
        if self.has_waiters() || !self.fits(tokens) {
            0.0
        } else {
            self.give(view, None, tokens)
        }
    }

    /// Puts somebody in line. [`State::pump`] is to be called then.
    pub fn wait(&mut self, group: &str, waiter: Waiter) {
        self.line.add(group, waiter);
    }

    /// Lets somebody out of line, or takes back what it was given and has not seen.
    pub fn give_up(&mut self, view: u64, number: u64) {
        if self.line.remove(view, number).is_some() {
            return;
        }
        let given = self
            .active
            .iter()
            .find(|(_, active)| active.view == view && active.waiter == Some(number))
            .map(|(&id, _)| id);
        if let Some(id) = given {
            self.release(view, id);
        }
    }

    /// Ends a view: who waits through it, and its reservations, which count as they were estimated.
    pub fn end_view(&mut self, view: u64) {
        self.active.retain(|_, active| active.view != view);
        self.line.remove_view(view);
    }

    /// Gives to those who wait what they can have. The bells that are to be rung for it are added to
    /// `bells`, but for that of the view that asks, which looks by itself. Returns when to call it again
    /// if nothing else happens; infinite if nobody waits.
    pub fn pump(&mut self, now: f64, asking: u64, bells: &mut Vec<Bell>) -> f64 {
        self.advance(now);
        while let Some(tokens) = self.line.first() {
            if !self.fits(tokens) {
                return self.free_at(tokens).max(self.now + 1.0);
            }
            if let Some(waiter) = self.line.take_first() {
                let id = self.give(waiter.view, Some(waiter.number), tokens);
                waiter
                    .mailbox
                    .put(waiter.number, id, waiter.view != asking, bells);
            }
        }
        f64::INFINITY
    }

    /// A reservation's request was made and took so many tokens. Nothing happens if the reservation is
    /// over, or another view's. Returns how many it took beyond what was reserved, which
    /// [`State::take_more`] is to be told.
    pub fn settle(&mut self, view: u64, id: u64, actual: f64) -> f64 {
        let Some(Active { tokens, at, .. }) = self.end(view, id) else {
            return 0.0;
        };
        if actual < tokens {
            self.give_tokens_back(tokens - actual, at);
        }
        (actual - tokens).max(0.0)
    }

    /// Takes tokens whether they are there or not.
    pub fn take_more(&mut self, now: f64, count: f64) {
        self.advance(now);
        self.take_tokens(count);
    }

    /// A reservation's request was not made.
    pub fn release(&mut self, view: u64, id: u64) {
        if let Some(Active { tokens, at, .. }) = self.end(view, id) {
            for window in [&mut self.second, &mut self.requests].into_iter().flatten() {
                window.give_back(1.0, at);
            }
            if let Some(hold) = &mut self.requests_hold {
                hold.give_back(1.0, at);
            }
            self.give_tokens_back(tokens, at);
        }
    }

    /// A reservation was lost: it counts as it was estimated.
    pub fn forget(&mut self, view: u64, id: u64) {
        self.end(view, id);
    }

    fn end(&mut self, view: u64, id: u64) -> Option<Active> {
        if self.active.get(&id)?.view != view {
            return None;
        }
        self.active.remove(&id)
    }

    /// Takes over what a server said.
    pub fn observe(&mut self, now: f64, said: &Observed) {
        self.advance(now);
        if let Some(left) = said.requests {
            self.requests_hold = Some(Hold::new(left, self.now));
        }
        if let Some(left) = said.tokens {
            self.tokens_hold = Some(Hold::new(left, self.now));
        }
        if said.pause_us > 0.0 {
            self.paused_until = self.paused_until.max(self.now + said.pause_us);
        }
    }

    /// What it holds.
    pub fn stats(&mut self, now: f64) -> Stats {
        self.advance(now);
        let room = |window: &Option<Window>| window.as_ref().map_or(f64::INFINITY, Window::room);
        let left = |hold: &Option<Hold>| hold.as_ref().map_or(f64::INFINITY, Hold::left);
        Stats {
            active: self.active.len() as f64,
            waiting: self.line.len() as f64,
            requests_left: room(&self.second)
                .min(room(&self.requests))
                .min(left(&self.requests_hold))
                .floor(),
            tokens_left: room(&self.tokens).min(left(&self.tokens_hold)).floor(),
            paused_ms: (self.paused_until - self.now).max(0.0) / 1_000.0,
        }
    }

    /// Until when something of what happened still matters.
    pub fn matters_until(&self) -> f64 {
        let windows = self.now + MINUTE_US.max(self.second_us);
        let mut until = windows.max(self.paused_until);
        for hold in [&self.requests_hold, &self.tokens_hold]
            .into_iter()
            .flatten()
        {
            until = until.max(hold.until());
        }
        until
    }

    fn advance(&mut self, now: f64) {
        self.now = self.now.max(now);
        let now = self.now;
        for window in [&mut self.second, &mut self.requests, &mut self.tokens]
            .into_iter()
            .flatten()
        {
            window.advance(now);
        }
        for hold in [&mut self.requests_hold, &mut self.tokens_hold] {
            if hold.as_mut().is_some_and(|hold| !hold.advance(now)) {
                *hold = None;
            }
        }
        while let Some(first) = self.active.first_entry() {
            if first.get().at + self.lease_us > now {
                break;
            }
            first.remove();
        }
    }

    fn fits(&self, tokens: f64) -> bool {
        let room = |window: &Option<Window>, count: f64| {
            window.as_ref().is_none_or(|window| window.room() >= count)
        };
        let holds =
            |hold: &Option<Hold>, count: f64| hold.as_ref().is_none_or(|h| h.free_at(count) == 0.0);
        (self.active.len() as f64) < self.concurrency
            && self.paused_until <= self.now
            && room(&self.second, 1.0)
            && room(&self.requests, 1.0)
            && holds(&self.requests_hold, 1.0)
            && (tokens == 0.0 || room(&self.tokens, tokens) && holds(&self.tokens_hold, tokens))
    }

    /// From when on so many tokens may fit, if nothing is given back before; early is no harm.
    fn free_at(&self, tokens: f64) -> f64 {
        let mut at = self.paused_until;
        if self.active.len() as f64 >= self.concurrency
            && let Some(first) = self.active.values().next()
        {
            at = at.max(first.at + self.lease_us);
        }
        for window in [&self.second, &self.requests].into_iter().flatten() {
            at = at.max(window.free_at(1.0));
        }
        if let Some(hold) = &self.requests_hold {
            at = at.max(hold.free_at(1.0));
        }
        if tokens == 0.0 {
            return at;
        }
        let windows = self.tokens.as_ref().map_or(0.0, |w| w.free_at(tokens));
        let holds = self.tokens_hold.as_ref().map_or(0.0, |h| h.free_at(tokens));
        at.max(windows).max(holds)
    }

    fn give(&mut self, view: u64, waiter: Option<u64>, tokens: f64) -> f64 {
        for window in [&mut self.second, &mut self.requests].into_iter().flatten() {
            window.add(1.0);
        }
        if let Some(hold) = &mut self.requests_hold {
            hold.take(1.0);
        }
        if tokens > 0.0 {
            self.take_tokens(tokens);
        }
        self.id += 1;
        let at = self.now;
        self.active.insert(
            self.id,
            Active {
                tokens,
                at,
                view,
                waiter,
            },
        );
        self.id as f64
    }

    fn take_tokens(&mut self, count: f64) {
        if let Some(window) = &mut self.tokens {
            window.add(count);
        }
        if let Some(hold) = &mut self.tokens_hold {
            hold.take(count);
        }
    }

    fn give_tokens_back(&mut self, count: f64, taken_at: f64) {
        if let Some(window) = &mut self.tokens {
            window.give_back(count, taken_at);
        }
        if let Some(hold) = &mut self.tokens_hold {
            hold.give_back(count, taken_at);
        }
    }
}
