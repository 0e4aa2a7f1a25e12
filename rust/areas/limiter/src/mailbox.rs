//! What was given to those who wait through a view, until the isolate fetches it. It fetches after each
//! of its own calls that gave something; what others gave it is told of by a bell.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rung once; dropped, if it never will be.
pub type Bell = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Mail {
    /// The waiter's number and the reservation's.
    given: Vec<(u64, f64)>,
    bell: Option<Bell>,
}

/// A view's mailbox.
#[derive(Default)]
pub struct Mailbox {
    mail: Mutex<Mail>,
    /// How much is in it, for a look without the lock.
    count: AtomicUsize,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much is in it.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Puts something in; its bell, if it is to be rung, is added to `bells`.
    pub fn put(&self, number: u64, id: f64, ring: bool, bells: &mut Vec<Bell>) {
        let mut mail = self.lock();
        mail.given.push((number, id));
        self.count.store(mail.given.len(), Ordering::Release);
        if ring {
            bells.extend(mail.bell.take());
        }
    }

    /// Takes out the first so many.
    pub fn fetch(&self, most: usize) -> Vec<(u64, f64)> {
        let mut mail = self.lock();
        let most = most.min(mail.given.len());
        let fetched = mail.given.drain(..most).collect();
        self.count.store(mail.given.len(), Ordering::Release);
        fetched
    }

    /// Takes out what is for one who gave up.
    pub fn discard(&self, number: u64) {
        let mut mail = self.lock();
        mail.given.retain(|(of, _)| *of != number);
        self.count.store(mail.given.len(), Ordering::Release);
    }

    /// Hangs up the bell in place of another. Gives the one that is to be rung at once: this one if
    /// something is there, else the other.
    pub fn hang(&self, bell: Bell) -> Option<Bell> {
        let mut mail = self.lock();
        if mail.given.is_empty() {
            mail.bell.replace(bell)
        } else {
            Some(bell)
        }
    }

    /// Takes the bell down.
    pub fn hush(&self) -> Option<Bell> {
        self.lock().bell.take()
    }
}
