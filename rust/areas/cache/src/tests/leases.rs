//! Leases, in each of the ways in which they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::leases::{Acquired, LeaseTags};

fn untagged() -> LeaseTags {
    LeaseTags::default()
}

#[test]
fn a_lease_is_one_and_ends_in_each_of_its_ways() {
    let cache = Cache::new(options(10, u64::MAX));
    let (here, there) = (cache.view(), cache.view());
    let woken = Arc::new(AtomicU64::new(0));
    let wait = |view: &View, token: u64| {
        let woken = woken.clone();
        view.wait(
            b"k",
            token,
            Box::new(move || {
                woken.fetch_add(1, Ordering::SeqCst);
            }),
        );
    };
    let acquire = |view: &View| match view.acquire(b"k", &untagged(), 60_000.0) {
        Acquired::Mine(token) => token,
        Acquired::Held(_) => panic!("somebody holds it"),
    };
    let seen = || woken.swap(0, Ordering::SeqCst);

    let token = acquire(&here);
    assert_eq!(there.acquire(b"k", &untagged(), 1.0), Acquired::Held(token));
    wait(&there, token);
    assert_eq!(seen(), 0);
    assert!(
        here.publish(b"k", token, b"v", forever())
            .unwrap()
            .is_some()
    );
    assert_eq!(seen(), 1);
    wait(&there, token);
    assert_eq!(seen(), 1, "it is over: woken at once");
    assert!(
        here.publish(b"k", token, b"v2", forever())
            .unwrap()
            .is_none()
    );
    assert_eq!(value(&here, "k").unwrap(), b"v");

    for change in 0..4 {
        let token = acquire(&here);
        wait(&there, token);
        match change {
            0 => drop(cache.delete(b"k")),
            1 => cache.clear(),
            2 => drop(cache.set(b"k", b"other", &[], forever())),
            _ => here.release(b"k", token),
        }
        assert_eq!(seen(), 1);
        assert!(
            here.publish(b"k", token, b"late", forever())
                .unwrap()
                .is_none()
        );
        assert_ne!(value(&here, "k").as_deref(), Some(b"late".as_slice()));
    }

    let token = acquire(&here);
    wait(&there, token);
    drop(here);
    assert_eq!(seen(), 1, "the isolate that held it is gone");

    let Acquired::Mine(token) = there.acquire(b"k", &untagged(), 5.0) else {
        panic!("somebody holds it");
    };
    wait(&there, token);
    wait_until(|| seen() == 1);
}
