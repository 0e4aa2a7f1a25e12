//! The queue between the threads that finish operations and the isolate that takes the completions.
//!
//! Many push, one waits (on a thread of the host's, holding nothing but an `Arc`), one takes.
//! A wait returns when something is there, or for good when the queue is closed.

use std::collections::VecDeque;
use std::time::Duration;

use super::sync::{AtomicBool, Condvar, Mutex, MutexGuard, Ordering};
use crate::output::Out;
use crate::status::Failure;

/// What a completion tells.
pub(crate) enum Outcome {
    /// The operation is over; its result.
    Done(Vec<u8>),
    /// The operation is over; what went wrong.
    Failed(Failure),
    /// A piece of a stream, or progress; more will come.
    Stream(Vec<u8>),
}

/// One entry of the queue.
pub(crate) struct Completion {
    pub(crate) op: u32,
    pub(crate) outcome: Outcome,
}

/// How long a wait that wants many completions puts up with fewer...
const LINGER: Duration = Duration::from_micros(100);
/// ...and how long in addition where several came in that time, so that more can be expected soon: operations of some
/// ten microseconds each come in batches too, and not five at a time.
const LONGER: Duration = Duration::from_micros(400);

const DONE: u32 = 0;
const FAILED: u32 = 1;
const STREAM: u32 = 2;
/// op, kind, payload length, status: 4 bytes each. Payloads are padded to 8 bytes.
pub(crate) const RECORD_HEAD: usize = 16;

#[derive(Default)]
struct State {
    completions: VecDeque<Completion>,
    /// How many completions the wait that sleeps wants to see; 0 if none sleeps.
    wanted: usize,
    /// There may be something for the thread that sleeps to help with.
    nudged: bool,
    /// The wait is to end although there is nothing.
    released: bool,
    closed: bool,
}

/// The queue itself.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    /// Whether a thread sleeps in the wait, or is about to.
    sleeping: AtomicBool,
}

impl Queue {
    /// No panic happens while the lock is held, so a poisoned lock still guards a sound state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds a completion. After the close it is dropped: nobody is left to take it.
    pub(crate) fn push(&self, op: u32, outcome: Outcome) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            return;
        }
        state.completions.push_back(Completion { op, outcome });
        let wake = state.wanted != 0 && state.completions.len() >= state.wanted;
        if wake {
            state.wanted = 0;
        }
        drop(state);
        if wake {
            self.ready.notify_all();
        }
    }

    /// Blocks until something can be taken, and then for at most [`LINGER`] until `wanted` completions
    /// can: whoever has many operations under way is better off with few large batches. Meanwhile the
    /// waiting thread makes itself useful with `help`, which does a short piece of work and says
    /// whether there was any. False means closed.
    pub(crate) fn wait(&self, wanted: usize, help: impl Fn() -> bool) -> bool {
        let mut patience = LINGER;
        let mut longer = LONGER;
        loop {
            let mut state = self.lock();
            let there = state.completions.len();
            let released = std::mem::take(&mut state.released);
            if state.closed
                || released
                || there >= wanted.max(1)
                || (there > 0 && patience.is_zero())
            {
                return !state.closed;
            }
            drop(state);
            if !help() && self.sleep(if there > 0 { wanted } else { 1 }, patience, &help) {
                patience = expected(self.lock().completions.len(), wanted).min(longer);
                longer = Duration::ZERO;
            }
        }
    }

    /// Sleeps until so many completions are there, there is something to help with, or its patience is at
    /// an end; true in that last case.
    fn sleep(&self, wanted: usize, patience: Duration, help: impl Fn() -> bool) -> bool {
        self.sleeping.store(true, Ordering::SeqCst);
        // Looked at once more: who submits looks at `sleeping` only after the work is there to be seen.
        if help() {
            self.sleeping.store(false, Ordering::SeqCst);
            return false;
        }
        let mut state = self.lock();
        let mut timed_out = false;
        let awake = state.closed || state.nudged || state.released;
        if state.completions.len() < wanted && !awake {
            state.wanted = wanted;
            if state.completions.is_empty() {
                let woken = self.ready.wait(state);
                state = woken.unwrap_or_else(std::sync::PoisonError::into_inner);
            } else {
                let woken = self.ready.wait_timeout(state, patience);
                let timeout;
                (state, timeout) = woken.unwrap_or_else(std::sync::PoisonError::into_inner);
                timed_out = timeout.timed_out();
            }
        }
        state.wanted = 0;
        state.nudged = false;
        self.sleeping.store(false, Ordering::SeqCst);
        timed_out
    }

    /// Wakes the waiting thread, if it sleeps, to help with what was just submitted.
    pub(crate) fn nudge(&self) {
        if self.sleeping.load(Ordering::SeqCst) {
            self.lock().nudged = true;
            self.ready.notify_all();
        }
    }

    /// Ends the wait, or the next one where there is none, although nothing can be taken.
    pub(crate) fn release(&self) {
        self.lock().released = true;
        self.ready.notify_all();
    }

    /// Wakes every wait for good and drops what nobody took.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.wanted = 0;
        let left = std::mem::take(&mut state.completions);
        drop(state);
        self.ready.notify_all();
        drop(left);
    }

    /// Writes as many completions as fit and gives each to `taken`: operation, whether it is over, and
    /// the memory that its payload had. If not even the first fits, nothing is taken and its size is the answer's.
    pub(crate) fn take(
        &self,
        out: &mut Out<'_>,
        mut taken: impl FnMut(u32, bool, Option<Vec<u8>>),
    ) {
        let mut room = out.capacity();
        let mut batch = Vec::new();
        let mut state = self.lock();
        while let Some(next) = state.completions.front() {
            let size = RECORD_HEAD + payload_len(&next.outcome).next_multiple_of(8);
            if size > room {
                break;
            }
            room -= size;
            batch.extend(state.completions.pop_front());
        }
        let needed = state
            .completions
            .front()
            .map(|next| payload_len(&next.outcome));
        drop(state);
        if batch.is_empty()
            && let Some(payload) = needed
        {
            out.require(RECORD_HEAD + payload.next_multiple_of(8));
        }
        for Completion { op, outcome } in batch {
            write(out, op, &outcome);
            let over = !matches!(outcome, Outcome::Stream(_));
            let memory = match outcome {
                Outcome::Done(payload) | Outcome::Stream(payload) => Some(payload),
                Outcome::Failed(_) => None,
            };
            taken(op, over, memory);
        }
    }
}

/// How long the rest will take if it comes as fast as what came while the wait lingered. One is no sign of more.
fn expected(there: usize, wanted: usize) -> Duration {
    if there < 2 {
        return Duration::ZERO;
    }
    LINGER * (wanted.saturating_sub(there) / there + 1) as u32
}

/// A failure's detail is short, but made only once it is written; this is room enough for it.
const FAILURE_ROOM: usize = 2048;

fn payload_len(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Done(payload) | Outcome::Stream(payload) => payload.len(),
        Outcome::Failed(_) => FAILURE_ROOM,
    }
}

fn write(out: &mut Out<'_>, op: u32, outcome: &Outcome) {
    let detail;
    let (kind, status, payload) = match outcome {
        Outcome::Done(payload) => (DONE, 0, payload.as_slice()),
        Outcome::Stream(payload) => (STREAM, 0, payload.as_slice()),
        Outcome::Failed(failure) => {
            detail = short_json(failure);
            (FAILED, failure.status() as i32, detail.as_bytes())
        }
    };
    let head = [op, kind, payload.len() as u32, status as u32];
    for number in head {
        out.write_u32(number);
    }
    out.write(payload);
    out.pad(8);
}

/// The detail as JSON within its room: fields that would not fit go before the message does.
fn short_json(failure: &Failure) -> String {
    let full = failure.to_json();
    if full.len() <= FAILURE_ROOM {
        return full;
    }
    let message: String = failure.message().chars().take(FAILURE_ROOM / 8).collect();
    Failure::new(failure.status(), message).to_json()
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use crate::status::Status;

    fn take(queue: &Queue, room: usize) -> (i32, Vec<u8>, Vec<u32>) {
        let mut buffer = vec![0; room];
        let mut ops = Vec::new();
        let mut out = Out::new(&mut buffer);
        queue.take(&mut out, |op, over, _| {
            assert!(over);
            ops.push(op);
        });
        let written = out.finish();
        (written, buffer, ops)
    }

    #[test]
    fn takes_what_fits_in_order() {
        let queue = Queue::default();
        for op in 0..3 {
            queue.push(op, Outcome::Done(vec![op as u8; 9]));
        }
        let (written, buffer, ops) = take(&queue, 70);
        assert_eq!((written, ops.as_slice()), (64, [0, 1].as_slice()));
        assert_eq!(
            buffer[32..34],
            [1, 0],
            "the second record begins behind the padded first"
        );
        assert_eq!(take(&queue, 70).2, [2]);
        assert_eq!(take(&queue, 70).0, 0);
    }

    #[test]
    fn says_the_size_of_a_payload_that_does_not_fit() {
        let queue = Queue::default();
        queue.push(7, Outcome::Done(vec![1; 100]));
        let (written, buffer, _) = take(&queue, 64);
        assert_eq!(written, Status::TooSmall as i32);
        let needed = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
        assert_eq!(take(&queue, needed).2, [7]);
    }

    #[test]
    fn a_long_failure_still_fits_its_room() {
        let queue = Queue::default();
        let failure =
            Failure::new(Status::NotFound, "\u{1}".repeat(100_000)).field("path", "x".repeat(9000));
        queue.push(1, Outcome::Failed(failure));
        assert!(take(&queue, RECORD_HEAD + FAILURE_ROOM).0 > 0);
    }

    #[test]
    fn a_wait_for_more_than_comes_lingers_and_ends() {
        let queue = Queue::default();
        queue.push(1, Outcome::Done(Vec::new()));
        assert!(queue.wait(1000, || false));
        assert_eq!(take(&queue, 64).2, [1]);
    }

    #[test]
    fn release_ends_one_wait_whenever_it_comes() {
        let queue = std::sync::Arc::new(Queue::default());
        queue.release();
        assert!(queue.wait(1, || false));
        let waiter = std::thread::spawn({
            let queue = queue.clone();
            move || queue.wait(1, || false)
        });
        while !queue.sleeping.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        queue.release();
        assert!(waiter.join().unwrap());
    }

    #[test]
    fn close_wakes_a_wait_and_drops_what_comes_later() {
        let queue = std::sync::Arc::new(Queue::default());
        let waiter = std::thread::spawn({
            let queue = queue.clone();
            move || queue.wait(1, || false)
        });
        queue.close();
        assert!(!waiter.join().unwrap());
        queue.push(1, Outcome::Done(Vec::new()));
        assert_eq!(take(&queue, 64).0, 0);
        assert!(!queue.wait(9, || false));
    }
}

#[cfg(all(test, feature = "loom"))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    fn drain(queue: &Queue) -> Vec<u32> {
        let mut buffer = [0u8; 256];
        let mut out = Out::new(&mut buffer);
        let mut ops = Vec::new();
        queue.take(&mut out, |op, _, _| ops.push(op));
        ops
    }

    #[test]
    fn loom_no_completion_is_lost_and_no_wait_sleeps_for_ever() {
        loom::model(|| {
            let queue = Arc::new(Queue::default());
            let pushers: Vec<_> = (0..2)
                .map(|op| {
                    let queue = queue.clone();
                    thread::spawn(move || queue.push(op, Outcome::Done(Vec::new())))
                })
                .collect();
            let mut seen = Vec::new();
            while seen.len() < 2 {
                assert!(queue.wait(1, || false));
                seen.extend(drain(&queue));
            }
            seen.sort_unstable();
            assert_eq!(seen, [0, 1]);
            for pusher in pushers {
                pusher.join().unwrap();
            }
        });
    }

    #[test]
    fn loom_a_take_between_push_and_wait_loses_nothing() {
        loom::model(|| {
            let queue = Arc::new(Queue::default());
            let pusher = {
                let queue = queue.clone();
                thread::spawn(move || {
                    queue.push(1, Outcome::Stream(Vec::new()));
                    queue.push(1, Outcome::Done(Vec::new()));
                })
            };
            let waiter = {
                let queue = queue.clone();
                thread::spawn(move || queue.wait(2, || false))
            };
            pusher.join().unwrap();
            let open = waiter.join().unwrap();
            assert!(open);
            assert_eq!(drain(&queue), [1, 1]);
        });
    }

    #[test]
    fn loom_submitted_work_is_done_by_the_wait() {
        loom::model(|| {
            let queue = Arc::new(Queue::default());
            let work = Arc::new(loom::sync::Mutex::new(0));
            let submitter = {
                let (queue, work) = (queue.clone(), work.clone());
                thread::spawn(move || {
                    *work.lock().unwrap() += 1;
                    queue.nudge();
                })
            };
            let help = || {
                let mut left = work.lock().unwrap();
                if *left == 0 {
                    return false;
                }
                *left -= 1;
                drop(left);
                queue.push(1, Outcome::Done(Vec::new()));
                true
            };
            assert!(queue.wait(1, help));
            assert_eq!(drain(&queue), [1]);
            submitter.join().unwrap();
        });
    }

    #[test]
    fn loom_close_wakes_a_wait_whenever_it_comes() {
        loom::model(|| {
            let queue = Arc::new(Queue::default());
            let waiter = {
                let queue = queue.clone();
                thread::spawn(move || {
                    while queue.wait(2, || false) {
                        drain(&queue);
                    }
                })
            };
            let pusher = {
                let queue = queue.clone();
                thread::spawn(move || queue.push(1, Outcome::Done(Vec::new())))
            };
            queue.close();
            waiter.join().unwrap();
            pusher.join().unwrap();
        });
    }
}
