//! Who in the process is loading which key.
//!
//! A lease ends when its holder publishes or releases, when its key changes, when its time is over or
//! when its holder's isolate is gone; then everybody who waits for it is woken to look again. One whose
//! tag was deleted is over too, which is found out when it is next asked for: a tag remembers the
//! newest lease that it ended, for as long as any lease carries it. Twin: src/cache/leases.ts.

use std::collections::HashMap;
use std::sync::Arc;

/// Wakes one who waits. Called without any lock.
pub type Wake = Box<dyn FnOnce() + Send>;

/// The answer to "may I load this key?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// Yes, under this token.
    Mine(u64),
    /// No: somebody else does, under this token.
    Held(u64),
}

struct Lease {
    token: u64,
    owner: u64,
    deadline: u64,
    waiters: Vec<Wake>,
    /// What the value will carry.
    tags: LeaseTags,
}

/// The tags of a lease.
pub type LeaseTags = Arc<[Box<[u8]>]>;

/// A tag that some lease carries.
struct Carried {
    leases: u32,
    /// Leases up to this token are over.
    ended: u64,
}

/// The leases of a cache.
#[derive(Default)]
pub struct Leases {
    held: HashMap<Box<[u8]>, Lease>,
    carried: HashMap<Box<[u8]>, Carried>,
    tokens: u64,
}

fn is_over(carried: &HashMap<Box<[u8]>, Carried>, lease: &Lease) -> bool {
    let over = |tag: &Carried| lease.token <= tag.ended;
    lease
        .tags
        .iter()
        .any(|tag| carried.get(tag).is_some_and(over))
}

impl Lease {
    fn over(self, carried: &mut HashMap<Box<[u8]>, Carried>, woken: &mut Vec<Wake>) {
        woken.extend(self.waiters);
        for tag in self.tags.iter() {
            if let Some(tagged) = carried.get_mut(tag) {
                tagged.leases -= 1;
                if tagged.leases == 0 {
                    carried.remove(tag);
                }
            }
        }
    }
}

impl Leases {
    /// Whether nobody loads anything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The token of the latest lease.
    pub fn latest(&self) -> u64 {
        self.tokens
    }

    /// Asks for the lease of a key until `deadline`, for a value with these tags. One whose time is
    /// over is taken from its holder.
    pub fn acquire(
        &mut self,
        key: &[u8],
        tags: &LeaseTags,
        owner: u64,
        deadline: u64,
        now: u64,
        woken: &mut Vec<Wake>,
    ) -> Acquired {
        if let Some(lease) = self.held.get(key)
            && lease.deadline > now
            && !is_over(&self.carried, lease)
        {
            return Acquired::Held(lease.token);
        }
        self.end(key, woken);
        self.tokens += 1;
        let token = self.tokens;
        let lease = Lease {
            token,
            owner,
            deadline,
            waiters: Vec::new(),
            tags: tags.clone(),
        };
        self.held.insert(key.into(), lease);
        for tag in tags.iter() {
            let none = Carried {
                leases: 0,
                ended: 0,
            };
            self.carried.entry(tag.clone()).or_insert(none).leases += 1;
        }
        Acquired::Mine(token)
    }

    /// The tags of the lease if it stands.
    pub fn standing(&self, key: &[u8], token: u64) -> Option<&LeaseTags> {
        let lease = self.held.get(key)?;
        (lease.token == token && !is_over(&self.carried, lease)).then_some(&lease.tags)
    }

    /// Ends the lease of a key, whosever it is.
    pub fn end(&mut self, key: &[u8], woken: &mut Vec<Wake>) {
        if let Some(lease) = self.held.remove(key) {
            lease.over(&mut self.carried, woken);
        }
    }

    /// Gives a lease back, whether it stands or is over.
    pub fn release(&mut self, key: &[u8], token: u64, woken: &mut Vec<Wake>) {
        if self.held.get(key).is_some_and(|lease| lease.token == token) {
            self.end(key, woken);
        }
    }

    /// Ends the lease of a key if it is no later one than this.
    pub fn end_until(&mut self, key: &[u8], token: u64, woken: &mut Vec<Wake>) {
        if self.held.get(key).is_some_and(|lease| lease.token <= token) {
            self.end(key, woken);
        }
    }

    /// Ends every lease that carries a tag. Who waits for one is woken when it is asked for again.
    pub fn end_tagged(&mut self, tag: &[u8]) {
        if let Some(carried) = self.carried.get_mut(tag) {
            carried.ended = self.tokens;
        }
    }

    /// Ends every lease for which `over` says so.
    fn end_where(&mut self, woken: &mut Vec<Wake>, over: impl Fn(&Lease) -> bool) {
        for (_, lease) in self.held.extract_if(|_, lease| over(lease)) {
            lease.over(&mut self.carried, woken);
        }
    }

    /// Ends all leases.
    pub fn end_all(&mut self, woken: &mut Vec<Wake>) {
        self.end_where(woken, |_| true);
    }

    /// Ends the leases of a holder that is gone.
    pub fn end_of(&mut self, owner: u64, woken: &mut Vec<Wake>) {
        self.end_where(woken, |lease| lease.owner == owner);
    }

    /// Ends the leases whose time is over. When the next one's is, if anybody waits for it.
    pub fn expire(&mut self, now: u64, woken: &mut Vec<Wake>) -> u64 {
        self.end_where(woken, |lease| lease.deadline <= now);
        let waited = self.held.values().filter(|lease| !lease.waiters.is_empty());
        waited.map(|lease| lease.deadline).min().unwrap_or(u64::MAX)
    }

    /// Has `wake` called when the lease ends, which is at once if it does not stand. When its time
    /// is over.
    pub fn wait(&mut self, key: &[u8], token: u64, wake: Wake, woken: &mut Vec<Wake>) -> u64 {
        match self.held.get_mut(key) {
            Some(lease) if lease.token == token => {
                lease.waiters.push(wake);
                lease.deadline
            }
            _ => {
                woken.push(wake);
                u64::MAX
            }
        }
    }
}
