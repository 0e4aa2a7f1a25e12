//! The ring on one thread, with real pools behind it.

use std::time::Duration;

use agent_shared::Control as _;

use super::*;
use crate::work::queue;

/// A ring of an isolate of its own; each test runs on a thread of its own.
fn fresh(isolate: f64) -> f64 {
    isolate::enter(isolate, 1).unwrap();
    open().unwrap()
}

struct Seen {
    op: u32,
    kind: u32,
    status: i32,
    payload: Vec<u8>,
}

fn take_all(ring: f64) -> Vec<Seen> {
    let mut buffer = vec![0u8; 1 << 16];
    let mut out = Out::new(&mut buffer);
    take(ring, &mut out).unwrap();
    let written = out.finish();
    let mut rest = &buffer[..usize::try_from(written).expect("taking works")];
    let mut seen = Vec::new();
    while !rest.is_empty() {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let length = number(8) as usize;
        let payload = rest[queue::RECORD_HEAD..queue::RECORD_HEAD + length].to_vec();
        seen.push(Seen {
            op: number(0),
            kind: number(4),
            status: number(12) as i32,
            payload,
        });
        rest = &rest[queue::RECORD_HEAD + length.next_multiple_of(8)..];
    }
    seen
}

fn next(ring: f64) -> Seen {
    assert!(wait(ring, 1));
    let mut seen = take_all(ring);
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

#[test]
fn work_comes_back_under_its_number() {
    let ring = fresh(1001.0);
    submit_cpu(ring, 1, 0, |_| Ok(b"computed".to_vec())).unwrap();
    let seen = next(ring);
    assert_eq!(
        (seen.op, seen.kind, seen.payload.as_slice()),
        (1, 0, b"computed".as_slice())
    );
    submit_io(ring, 1, 0, |_| async { Ok(b"waited".to_vec()) }).unwrap();
    assert_eq!(next(ring).payload, b"waited");
    assert!(close(ring));
    assert!(!close(ring));
}

#[test]
fn panics_come_back_as_failures() {
    let ring = fresh(1002.0);
    submit_cpu(ring, 1, 0, |_| panic!("computing")).unwrap();
    assert_eq!(next(ring).status, Status::Panic as i32);
    submit_io(ring, 2, 0, |_| async { panic!("waiting") }).unwrap();
    let seen = next(ring);
    assert_eq!(seen.status, Status::Panic as i32);
    assert!(String::from_utf8(seen.payload).unwrap().contains("waiting"));
}

#[test]
fn cancelling_stops_both_kinds() {
    let ring = fresh(1003.0);
    submit_io(ring, 1, 0, |_| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(Vec::new())
    })
    .unwrap();
    submit_cpu(ring, 2, 0, |task| {
        while !task.is_cancelled() {
            std::thread::yield_now();
        }
        task.check().map(|()| Vec::new())
    })
    .unwrap();
    cancel(ring, 1).unwrap();
    cancel(ring, 2).unwrap();
    cancel(ring, 3).unwrap();
    let mut over = 0;
    while over < 2 {
        assert!(wait(ring, 1));
        for seen in take_all(ring) {
            assert_eq!(seen.status, Status::Cancelled as i32);
            over += 1;
        }
    }
}

#[test]
fn a_stream_waits_for_credit() {
    let ring = fresh(1004.0);
    submit_io(ring, 1, 0, |task| async move {
        for piece in 0..3u8 {
            task.emit(vec![piece]).await?;
        }
        Ok(Vec::new())
    })
    .unwrap();
    for piece in 0..3u8 {
        credit(ring, 1, 1).unwrap();
        assert!(wait(ring, 1));
        let seen = take_all(ring);
        assert_eq!(seen[0].payload, [piece]);
        assert_eq!(seen[0].kind, 2);
        if piece == 2 && seen.len() == 2 {
            assert_eq!(seen[1].kind, 0);
            return;
        }
    }
    assert_eq!(next(ring).kind, 0);
}

#[test]
fn bounds_are_kept_and_freed() {
    let ring = fresh(1005.0);
    let completer = submit_pending(ring, 1).unwrap();
    let refused = submit_cpu(ring, 2, MAX_QUEUED_BYTES + 1, |_| Ok(Vec::new())).unwrap_err();
    assert_eq!(refused.status(), Status::Busy);
    assert_eq!(
        submit_pending(ring, 1)
            .err()
            .map(|failure| failure.status()),
        Some(Status::InvalidArgument)
    );
    completer.finish(Ok(Vec::new()));
    next(ring);
    submit_cpu(ring, 2, MAX_QUEUED_BYTES + 1, |_| Ok(Vec::new())).unwrap();
    next(ring);
    let held: Vec<_> = (0..MAX_IN_FLIGHT as u32)
        .map(|op| submit_pending(ring, op).unwrap())
        .collect();
    assert_eq!(
        submit_pending(ring, MAX_IN_FLIGHT as u32)
            .err()
            .map(|failure| failure.status()),
        Some(Status::Busy)
    );
    drop(held);
}

#[test]
fn numbers_are_places_in_a_table() {
    let ring = fresh(1009.0);
    for odd in [MAX_OPERATION, u32::MAX] {
        let refused = submit_pending(ring, odd)
            .err()
            .map(|failure| failure.status());
        assert_eq!(refused, Some(Status::InvalidArgument));
    }
    drop(submit_pending(ring, MAX_OPERATION - 1).unwrap());
    assert_eq!(next(ring).op, MAX_OPERATION - 1);
}

#[test]
fn the_end_of_the_thread_ends_its_operations_and_wakes_its_wait() {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let ring = fresh(1006.0);
        submit_io(ring, 1, 0, |task| async move {
            task.cancelled().await;
            Ok(Vec::new())
        })
        .unwrap();
        let waiter = std::thread::spawn(move || wait(ring, 1));
        std::thread::sleep(Duration::from_millis(20));
        send.send(waiter).unwrap();
    })
    .join()
    .unwrap();
    assert!(
        !receive.recv().unwrap().join().unwrap(),
        "the wait was woken"
    );
}

#[test]
fn another_threads_ring_is_closed_to_us() {
    let ring = fresh(1007.0);
    std::thread::spawn(move || {
        isolate::enter(1008.0, 1).unwrap();
        assert_eq!(cancel(ring, 1).unwrap_err().status(), Status::Closed);
        assert!(!close(ring));
    })
    .join()
    .unwrap();
    assert!(close(ring));
    assert!(!wait(ring, 1));
}
