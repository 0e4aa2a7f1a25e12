//! A scan of loopback on two threads, each with one half of the ports: there the kernel does the work of both
//! ends within the call, so that the processor is what a scan waits for.

use std::sync::atomic::{AtomicUsize, Ordering};

use agent_ffi::{Failure, Status, quiet_panics_on_this_thread};
use agent_shared::Control;

use super::Scan;
use super::engine::Engine;
use super::limits::sockets;
use super::report::Found;

/// Ports from which a second thread is worth its start.
const LEAST: usize = 4_096;

/// Whether a scan is one for two threads.
pub(super) fn fits(scan: &Scan) -> bool {
    scan.ports.len() >= LEAST && scan.addresses.iter().all(|address| address.is_loopback())
}

/// Scans on two threads; what is found is in the order of one.
pub(super) fn run(scan: &Scan, control: &dyn Control) -> Result<Found, Failure> {
    let (low, high) = scan.ports.split_at(scan.ports.len() / 2);
    let part = |ports: &[u16]| Scan {
        ports: ports.to_vec(),
        concurrency: (scan.concurrency.min(sockets()) / 2).max(1),
        ..scan.clone()
    };
    let (first, second) = (part(low), part(high));
    let done = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let total = scan.addresses.len() * scan.ports.len();
    let half = |own| Half {
        control,
        done: &done,
        own,
        total,
    };
    let (left, right) = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            quiet_panics_on_this_thread();
            Engine::new(&second)?.run(&half(1))
        });
        let left = Engine::new(&first).and_then(|engine| engine.run(&half(0)));
        let right = other.join().unwrap_or_else(|_| {
            let message = "A thread of the scan ended before its time";
            Err(Failure::new(Status::Panic, message))
        });
        (left, right)
    });
    let (left, right) = (left?, right?);
    let mut cells = Vec::new();
    cells.try_reserve_exact(total)?;
    for (low, high) in left
        .cells
        .chunks(first.ports.len())
        .zip(right.cells.chunks(second.ports.len()))
    {
        cells.extend_from_slice(low);
        cells.extend_from_slice(high);
    }
    Ok(Found {
        cells,
        probes: left.probes + right.probes,
        rounds: left.rounds.max(right.rounds),
    })
}

/// What one thread sees of the caller.
struct Half<'a> {
    control: &'a dyn Control,
    done: &'a [AtomicUsize; 2],
    own: usize,
    total: usize,
}

impl Control for Half<'_> {
    fn is_cancelled(&self) -> bool {
        self.control.is_cancelled()
    }

    fn progress(&self, done: usize, _total: usize) {
        self.done[self.own].store(done, Ordering::Relaxed);
        let sum = self
            .done
            .iter()
            .map(|one| one.load(Ordering::Relaxed))
            .sum();
        self.control.progress(sum, self.total);
    }
}
