//! The completion ring: how asynchronous work comes back.
//!
//! A `submit` export returns at once; its operation runs on a pool; its completions collect in a
//! [`queue`](crate::work::queue); one wait of the host's blocks on that queue and one synchronous call
//! takes them in batches. What only the isolate's thread touches (the operations and the bounds) needs no
//! lock and lives in the [`Owner`]; what other threads touch is the queue and each operation's
//! [`Control`](task::Control).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::handles;
use crate::isolate;
use crate::output::Out;
use crate::status::{Failure, Status};
use crate::work::owner::{Operations, Owner, Spare, queues};
use crate::work::pools::{self, Length};
use crate::work::queue::Queue;
use crate::work::task;

pub use crate::work::owner::{MAX_IN_FLIGHT, MAX_OPERATION, MAX_QUEUED_BYTES};
pub use crate::work::pools::{active, pool, runtime};
pub use crate::work::task::Task;

static NEXT_RING: AtomicU64 = AtomicU64::new(1);

/// How many rings are open in the whole process, in this library.
pub fn live() -> usize {
    queues().len()
}

pub(crate) fn open() -> Result<f64, Failure> {
    let id = NEXT_RING.fetch_add(1, Ordering::Relaxed);
    let queue = Arc::new(Queue::default());
    let owner = Owner {
        id,
        queue: queue.clone(),
        operations: Operations::default(),
        spare: Spare::default(),
    };
    isolate::with(|isolate| isolate.rings.push(owner))?;
    queues().push((id, queue));
    Ok(id as f64)
}

pub(crate) fn close(ring: f64) -> bool {
    let owner = isolate::with(|isolate| {
        let place = isolate
            .rings
            .iter()
            .position(|owner| owner.id as f64 == ring)?;
        Some(isolate.rings.swap_remove(place))
    });
    matches!(owner, Ok(Some(_)))
}

pub(crate) fn wait(ring: f64, wanted: u32) -> bool {
    let queue = queues()
        .iter()
        .find(|(id, _)| *id as f64 == ring)
        .map(|(_, queue)| queue.clone());
    queue.is_some_and(|queue| queue.wait(wanted as usize, pools::run_short))
}

pub(crate) fn release(ring: f64) -> Result<(), Failure> {
    with_owner(ring, |owner| owner.queue.release())
}

pub(crate) fn take(ring: f64, out: &mut Out<'_>) -> Result<(), Failure> {
    with_owner(ring, |owner| {
        let Owner {
            queue,
            operations,
            spare,
            ..
        } = owner;
        queue.take(out, |op, over, memory| {
            if over {
                operations.remove(op);
            }
            if let Some(memory) = memory {
                spare.keep(memory);
            }
        });
    })
}

/// Copies an operation's input, into memory that a completion of the ring left behind where there is
/// some: an operation that puts its result into the memory of its input then costs the allocator
/// nothing, and the memory is warm.
pub fn copy_input(ring: f64, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut memory = with_owner(ring, |owner| owner.spare.get(bytes.len()))?;
    memory.try_reserve_exact(bytes.len())?;
    memory.extend_from_slice(bytes);
    Ok(memory)
}

pub(crate) fn cancel(ring: f64, op: u32) -> Result<(), Failure> {
    with_owner(ring, |owner| {
        if let Some(operation) = owner.operations.get(op) {
            operation.control.cancel();
        }
    })
}

pub(crate) fn credit(ring: f64, op: u32, more: u32) -> Result<(), Failure> {
    with_owner(ring, |owner| {
        if let Some(operation) = owner.operations.get(op) {
            operation.control.grant(more);
        }
    })
}

/// Runs `work` on the computing pool; its completion arrives on the ring under `op`.
///
/// `bytes` is what the operation's inputs hold in memory. `Busy` means that the ring is at its
/// bounds and nothing was started.
pub fn submit_cpu(
    ring: f64,
    op: u32,
    bytes: usize,
    work: impl FnOnce(&Task) -> Result<Vec<u8>, Failure> + Send + 'static,
) -> Result<(), Failure> {
    let task = register(ring, op, bytes)?;
    pools::spawn_cpu(task, Length::Long, work).inspect_err(|_| unregister(ring, op))
}

/// The same for work of some microseconds. The thread that waits for completions may do it itself,
/// which spares waking another: it begins at the latest with the ring's next wait.
pub fn submit_short(
    ring: f64,
    op: u32,
    bytes: usize,
    work: impl FnOnce(&Task) -> Result<Vec<u8>, Failure> + Send + 'static,
) -> Result<(), Failure> {
    let task = register(ring, op, bytes)?;
    pools::spawn_cpu(task, Length::Short, work).inspect_err(|_| unregister(ring, op))
}

/// Runs `work` on the runtime for sockets, files and timers. Cancelling drops its future.
pub fn submit_io<F>(
    ring: f64,
    op: u32,
    bytes: usize,
    work: impl FnOnce(Task) -> F + Send + 'static,
) -> Result<(), Failure>
where
    F: Future<Output = Result<Vec<u8>, Failure>> + Send + 'static,
{
    let task = register(ring, op, bytes)?;
    pools::spawn_io(task, work).inspect_err(|_| unregister(ring, op))
}

/// An operation that neither pool runs: whoever holds the completer finishes it later, from any
/// thread (a wait for another isolate's work, say). Dropped unfinished, it completes as cancelled.
pub fn submit_pending(ring: f64, op: u32) -> Result<Completer, Failure> {
    register(ring, op, 0).map(|task| Completer {
        task: Some(task),
        active: None,
    })
}

/// [`submit_pending`] for an object behind a handle: what begins it gets the object and the completer.
pub fn submit_pending_on<T: Send + Sync + 'static>(
    ring: f64,
    op: u32,
    handle: f64,
    begin: impl FnOnce(&T, Completer),
) -> Result<(), Failure> {
    // Not `with`: registering the operation needs the isolate's table itself.
    let object = handles::get::<T>(handle)?;
    begin(&object, submit_pending(ring, op)?);
    Ok(())
}

/// The same for work that a thread of the area's own does: it counts as active until it is over, holds
/// `bytes` of input, and sees through the task whether it is still wanted and when a piece may go out.
pub fn submit_elsewhere(ring: f64, op: u32, bytes: usize) -> Result<(Task, Completer), Failure> {
    let task = register(ring, op, bytes)?;
    let completer = Completer {
        task: Some(task.clone()),
        active: Some(pools::Active::new()),
    };
    Ok((task, completer))
}

/// The other end of [`submit_pending`] and of [`submit_elsewhere`].
pub struct Completer {
    task: Option<Task>,
    active: Option<pools::Active>,
}

impl Completer {
    /// Delivers the result.
    pub fn finish(mut self, result: Result<Vec<u8>, Failure>) {
        self.deliver(result);
    }

    /// What delivers an empty result when it is called: for an operation that tells no more than that
    /// something happened.
    pub fn bell(self) -> Box<dyn FnOnce() + Send> {
        Box::new(move || self.finish(Ok(Vec::new())))
    }

    fn deliver(&mut self, result: Result<Vec<u8>, Failure>) {
        // The count goes first: who sees the completion sees the work over.
        self.active = None;
        if let Some(task) = self.task.take() {
            task.finish(result);
        }
    }
}

impl Drop for Completer {
    fn drop(&mut self) {
        self.deliver(Err(task::cancelled()));
    }
}

fn register(ring: f64, op: u32, bytes: usize) -> Result<Task, Failure> {
    with_owner(ring, |owner| {
        let control = owner.operations.add(op, bytes)?;
        Ok(Task {
            op,
            queue: owner.queue.clone(),
            control,
        })
    })?
}

fn unregister(ring: f64, op: u32) {
    let _ = with_owner(ring, |owner| owner.operations.remove(op));
}

fn with_owner<R>(ring: f64, body: impl FnOnce(&mut Owner) -> R) -> Result<R, Failure> {
    isolate::with(|isolate| {
        isolate
            .rings
            .iter_mut()
            .find(|owner| owner.id as f64 == ring)
            .map(body)
    })?
    .ok_or_else(|| {
        Failure::new(
            Status::Closed,
            format!("Ring {ring} is closed or another isolate's"),
        )
    })
}

#[cfg(all(test, not(feature = "loom")))]
mod tests;
