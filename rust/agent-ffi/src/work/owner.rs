//! A ring, as the thread of its isolate holds it: the operations under way and their bounds, which need
//! no lock, and the memory that completions left behind.

use std::sync::{Arc, Mutex, PoisonError};

use super::pools;
use super::queue::Queue;
use super::task::Control;
use crate::status::{Failure, Status};

/// Operations that may be under way on one ring.
pub const MAX_IN_FLIGHT: usize = 65_536;
/// An operation's number is below this: numbers are places in a table, to be used again.
pub const MAX_OPERATION: u32 = 2 * MAX_IN_FLIGHT as u32;
/// Bytes of inputs that operations under way on one ring may hold; a single larger one may run alone.
pub const MAX_QUEUED_BYTES: usize = 256 << 20;

/// For the wait, which runs on a thread of the host's and so cannot see the isolate's own table.
static QUEUES: Mutex<Vec<(u64, Arc<Queue>)>> = Mutex::new(Vec::new());

/// A ring, as the thread of its isolate holds it. Its drop ends everything.
pub(crate) struct Owner {
    pub(crate) id: u64,
    pub(crate) queue: Arc<Queue>,
    pub(crate) operations: Operations,
    pub(crate) spare: Spare,
}

/// The operations under way, by number.
#[derive(Default)]
pub(crate) struct Operations {
    places: Vec<Option<Operation>>,
    in_flight: usize,
    queued_bytes: usize,
}

impl Operations {
    pub(crate) fn get(&self, op: u32) -> Option<&Operation> {
        self.places.get(op as usize)?.as_ref()
    }

    pub(crate) fn add(&mut self, op: u32, bytes: usize) -> Result<Arc<Control>, Failure> {
        if op >= MAX_OPERATION || self.get(op).is_some() {
            return Err(Failure::invalid(format!(
                "Operation {op} is under way already, or not below {MAX_OPERATION}"
            )));
        }
        let over = self.queued_bytes.saturating_add(bytes) > MAX_QUEUED_BYTES;
        if self.in_flight >= MAX_IN_FLIGHT || (over && self.in_flight > 0) {
            return Err(Failure::new(Status::Busy, "The ring is at its bounds"));
        }
        if self.places.len() <= op as usize {
            self.places.resize_with(op as usize + 1, || None);
        }
        let control = Arc::new(Control::default());
        self.places[op as usize] = Some(Operation {
            control: control.clone(),
            bytes,
        });
        self.in_flight += 1;
        self.queued_bytes += bytes;
        Ok(control)
    }

    pub(crate) fn remove(&mut self, op: u32) {
        if let Some(operation) = self.places.get_mut(op as usize).and_then(Option::take) {
            self.in_flight -= 1;
            self.queued_bytes -= operation.bytes;
        }
    }
}

pub(crate) struct Operation {
    pub(crate) control: Arc<Control>,
    bytes: usize,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // The queue first: what the cancelled operations answer is nobody's any more.
        queues().retain(|(id, _)| *id != self.id);
        self.queue.close();
        for operation in self.operations.places.iter().flatten() {
            operation.control.cancel();
        }
        // Short ones may have waited for this ring's wait, which comes no more.
        if self.operations.in_flight > 0 {
            pools::flush();
        }
    }
}

pub(crate) fn queues() -> std::sync::MutexGuard<'static, Vec<(u64, Arc<Queue>)>> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Pieces of memory to use again.
#[derive(Default)]
pub(crate) struct Spare {
    pieces: Vec<Vec<u8>>,
}

impl Spare {
    const MOST: usize = 256;
    /// Larger ones go back to the allocator.
    const LARGEST: usize = 16 << 10;

    pub(crate) fn keep(&mut self, mut memory: Vec<u8>) {
        let fits = (1..=Self::LARGEST).contains(&memory.capacity());
        if fits && self.pieces.len() < Self::MOST {
            memory.clear();
            self.pieces.push(memory);
        }
    }

    pub(crate) fn get(&mut self, len: usize) -> Vec<u8> {
        match self.pieces.last() {
            Some(piece) if piece.capacity() >= len => self.pieces.pop().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}
