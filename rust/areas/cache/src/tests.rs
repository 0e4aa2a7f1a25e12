//! The cache as a whole.

mod leases;
mod model;
mod pages;
mod tags;
mod threads;

use super::entry::{Life, OVERHEAD_BYTES};
use super::{Cache, Codec, Error, Options, Read, View, open};

fn options(max_entries: u32, max_bytes: u64) -> Options {
    Options {
        codec: Codec::Text,
        max_entries,
        max_bytes,
        ttl_ms: f64::INFINITY,
        grace_ms: 0.0,
    }
}

fn forever() -> Life {
    Life::new(f64::INFINITY, 0.0)
}

fn value(view: &View, key: &str) -> Option<Vec<u8>> {
    let mut found = None;
    view.get(key.as_bytes(), Read::Get, |entry| {
        found = Some(entry.value.to_vec());
        true
    });
    found
}

fn wait_until(mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it did not happen within five seconds");
}

#[test]
fn a_heavy_entry_is_refused_and_changes_nothing() {
    let cache = Cache::new(options(10, 1_000));
    let view = cache.view();
    cache.set(b"a", b"1", &[], forever()).unwrap();
    let heavy = vec![0; 1_000 - OVERHEAD_BYTES as usize];
    let refused = Error::TooLarge {
        weight: 1_001,
        limit: 1_000,
    };
    assert_eq!(cache.set(b"a", &heavy, &[], forever()), Err(refused));
    let entries = [(b"b".as_slice(), b"1".as_slice()), (b"a", &heavy)];
    assert!(cache.set_many(entries.into_iter(), &[], forever()).is_err());
    assert_eq!(value(&view, "a").unwrap(), b"1");
    assert!(!cache.has(b"b"));
    cache.set(b"", &heavy, &[], forever()).unwrap();
    assert_eq!(view.stats().entries, 1);
}

#[test]
fn expired_entries_leave_without_traffic() {
    let cache = Cache::new(options(100_000, u64::MAX));
    let view = cache.view();
    for number in 0..20_000u32 {
        let life = Life::new(f64::from(number % 50) + 1.0, 0.0);
        cache
            .set(&number.to_le_bytes(), b"value", &[], life)
            .unwrap();
    }
    cache.set(b"stays", b"value", &[], forever()).unwrap();
    let held = || cache.held();
    wait_until(|| held() == 1);
    let stats = view.stats();
    assert_eq!(
        (stats.entries, stats.expirations, stats.evictions),
        (1, 20_000, 0)
    );
    assert!(value(&view, "stays").is_some());
}

#[test]
fn grace_keeps_an_entry_for_those_who_ask_for_it() {
    let cache = Cache::new(options(10, u64::MAX));
    let view = cache.view();
    let placed = cache
        .set(b"a", b"old", &[], Life::new(1.0, 60_000.0))
        .unwrap();
    cache.set(b"b", b"old", &[], Life::new(1.0, 1.0)).unwrap();
    wait_until(|| !view.check(placed.slot, placed.version as f64));
    wait_until(|| cache.held() == 1);
    assert_eq!(cache.size(), 0);
    assert_eq!(value(&view, "a"), None);
    assert!(view.get(b"a", Read::Stale, |found| found.value == b"old"));
    assert!(!view.get(b"b", Read::Stale, |_| true));
    assert_eq!(view.stats().bytes, 0);
    assert_eq!(view.stats().expirations, 2);
    cache.set(b"a", b"new", &[], forever()).unwrap();
    assert!(!view.get(b"a", Read::Stale, |_| true));
    assert_eq!(view.stats().bytes, 4 + OVERHEAD_BYTES);
    assert_eq!(view.stats().expirations, 2);
}

#[test]
fn clearing_a_million_entries_is_quick_for_those_who_look() {
    let cache = Cache::new(options(50_000, u64::MAX));
    let view = cache.view();
    let placed: Vec<_> = (0..50_000u32)
        .map(|number| {
            cache
                .set(&number.to_le_bytes(), b"value", &[], forever())
                .unwrap()
        })
        .collect();
    cache.clear();
    assert_eq!(cache.size(), 0);
    assert!(
        placed
            .iter()
            .all(|placed| !view.touch(placed.slot, placed.version as f64))
    );
    let again = cache.set(b"a", b"value", &[], forever()).unwrap();
    assert!(view.touch(again.slot, again.version as f64));
}

#[test]
fn a_name_is_one_cache_while_anybody_has_it() {
    let one = open(Some("tests: name"), options(10, 1_000)).unwrap();
    let two = open(Some("tests: name"), options(10, 1_000)).unwrap();
    one.cache().set(b"a", b"1", &[], forever()).unwrap();
    assert_eq!(value(&two, "a").unwrap(), b"1");
    value(&one, "none");
    let other = open(Some("tests: name"), options(11, 1_000));
    assert_eq!(other.err().unwrap().existing, options(10, 1_000));
    drop(one);
    let stats = two.stats();
    assert_eq!(
        (stats.hits, stats.misses),
        (1, 1),
        "counts outlive their isolate"
    );
    drop(two);
    let fresh = open(Some("tests: name"), options(11, 1_000)).unwrap();
    assert_eq!(value(&fresh, "a"), None);
}

#[test]
fn an_end_can_be_moved_and_kept() {
    let cache = Cache::new(options(10, u64::MAX));
    let view = cache.view();
    let brief = Life::new(1.0, 0.0);
    let long = Life::new(600_000.0, 0.0);
    // Long enough for what follows on a busy machine.
    let first = Life::new(500.0, 0.0);
    for key in [b"a", b"b", b"c", b"d"] {
        cache.set(key, b"old", &[], first).unwrap();
    }
    let placed = cache.set(b"e", b"old", &[], long).unwrap();
    assert!(cache.expire(b"a", long).unwrap());
    assert!(cache.expire(b"b", Life::new(f64::INFINITY, 0.0)).unwrap());
    assert!(!cache.expire(b"none", long).unwrap());
    cache.set(b"c", b"new", &[], long.unless_there()).unwrap();
    cache.set(b"d", b"new", &[], long).unwrap();
    assert!(cache.expire(b"e", Life::new(300_000.0, 0.0)).unwrap());
    assert!(
        view.check(placed.slot, placed.version as f64),
        "copies stay right"
    );
    assert!(cache.expire(b"e", brief).unwrap());
    std::thread::sleep(std::time::Duration::from_millis(550));
    let there = |key: &[u8]| cache.has(key);
    assert!(there(b"a") && there(b"b") && there(b"d"));
    assert!(!there(b"c") && !there(b"e"));
    assert!(
        !cache.expire(b"c", long).unwrap(),
        "what has ended stays so"
    );
    cache.set(b"c", b"new", &[], long.unless_there()).unwrap();
    assert!(there(b"c"));
}
