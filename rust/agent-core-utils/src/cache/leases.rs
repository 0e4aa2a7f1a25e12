//! Who in the process is loading which key.
//!
//! A lease ends when its holder publishes or releases, when its key changes, when its time is over or
//! when its holder's isolate is gone; then everybody who waits for it is woken to look again.

use std::collections::HashMap;

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
}

/// The leases of a cache.
#[derive(Default)]
pub struct Leases {
    held: HashMap<Box<[u8]>, Lease>,
    tokens: u64,
}

impl Leases {
    /// Whether nobody loads anything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Asks for the lease of a key until `deadline`. One whose time is over is taken from its holder.
    pub fn acquire(
        &mut self,
        key: &[u8],
        owner: u64,
        deadline: u64,
        now: u64,
        woken: &mut Vec<Wake>,
    ) -> Acquired {
        if let Some(lease) = self.held.get(key)
            && lease.deadline > now
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
        };
        self.held.insert(key.into(), lease);
        Acquired::Mine(token)
    }

    /// Whether the lease stands.
    pub fn stands(&self, key: &[u8], token: u64) -> bool {
        self.held.get(key).is_some_and(|lease| lease.token == token)
    }

    /// Ends the lease of a key, whosever it is.
    pub fn end(&mut self, key: &[u8], woken: &mut Vec<Wake>) {
        if let Some(lease) = self.held.remove(key) {
            woken.extend(lease.waiters);
        }
    }

    /// Ends every lease for which `over` says so.
    fn end_where(&mut self, woken: &mut Vec<Wake>, over: impl Fn(&Lease) -> bool) {
        for (_, lease) in self.held.extract_if(|_, lease| over(lease)) {
            woken.extend(lease.waiters);
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
