//! The objects of one isolate, by handle. [`handles`](crate::handles) says what a handle is.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::status::Failure;

pub(crate) type Object = Arc<dyn Any + Send + Sync>;

const SERIAL_BITS: u32 = 33;
const INDEX_BITS: u32 = 17;
const MOST: usize = 1 << INDEX_BITS;

static NEXT_SERIAL: AtomicU64 = AtomicU64::new(1);
static LIVE: AtomicU64 = AtomicU64::new(0);

/// The objects of one isolate.
#[derive(Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Default)]
struct Slot {
    handle: u64,
    object: Option<Object>,
}

impl Table {
    pub(crate) fn insert(&mut self, object: Object, library: u64) -> Result<u64, Failure> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < MOST => {
                self.slots.push(Slot::default());
                (self.slots.len() - 1) as u32
            }
            None => {
                let message = format!("{MOST} native objects are open in this isolate; close some");
                return Err(Failure::too_large(message, "native objects", MOST, MOST));
            }
        };
        let serial = NEXT_SERIAL.fetch_add(1, Ordering::Relaxed);
        if serial >> SERIAL_BITS != 0 {
            self.free.push(index);
            let message = "The serial numbers of native objects are used up";
            let limit = 1u64 << SERIAL_BITS;
            return Err(Failure::too_large(message, "native objects", serial, limit));
        }
        let handle =
            library << (SERIAL_BITS + INDEX_BITS) | u64::from(index) << SERIAL_BITS | serial;
        self.slots[index as usize] = Slot {
            handle,
            object: Some(object),
        };
        LIVE.fetch_add(1, Ordering::Relaxed);
        Ok(handle)
    }

    #[inline]
    pub(crate) fn find(&self, handle: f64) -> Option<&Object> {
        let number = number(handle)?;
        let slot = self.slots.get(index(number))?;
        if slot.handle == number {
            slot.object.as_ref()
        } else {
            None
        }
    }

    pub(crate) fn take(&mut self, handle: f64) -> Option<Object> {
        let number = number(handle)?;
        let slot = self
            .slots
            .get_mut(index(number))
            .filter(|slot| slot.handle == number)?;
        let object = slot.object.take()?;
        slot.handle = 0;
        self.free.push(index(number) as u32);
        LIVE.fetch_sub(1, Ordering::Relaxed);
        Some(object)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let open = self
            .slots
            .iter()
            .filter(|slot| slot.object.is_some())
            .count();
        LIVE.fetch_sub(open as u64, Ordering::Relaxed);
    }
}

/// The whole number that a handle must be; NaN, fractions and what is out of range are none.
#[inline]
fn number(handle: f64) -> Option<u64> {
    // By way of signed numbers, which the processor converts in one instruction.
    let number = handle as i64;
    (number > 0 && number as f64 == handle).then_some(number as u64)
}

#[inline]
fn index(number: u64) -> usize {
    (number >> SERIAL_BITS) as usize & (MOST - 1)
}

/// How many handles are open in the whole process, in this library.
pub fn live() -> u64 {
    LIVE.load(Ordering::Relaxed)
}
