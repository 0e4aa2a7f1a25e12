//! The cache as a whole, against a plain model and under threads.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;

use super::entry::{Life, OVERHEAD_BYTES};
use super::leases::{Acquired, LeaseTags};
use super::tags::TAG_OVERHEAD_BYTES;
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

fn untagged() -> LeaseTags {
    LeaseTags::default()
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

#[derive(Clone, Debug)]
enum Step {
    /// The last number says which of three tags, one bit each.
    Set(u8, u16, u8),
    DeleteTag(u8),
    Get(u8),
    Delete(u8),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..40, 0u16..400, 0u8..8).prop_map(|(key, size, tags)| Step::Set(key, size, tags)),
        1 => (0u8..3).prop_map(Step::DeleteTag),
        6 => (0u8..40).prop_map(Step::Get),
        2 => (0u8..40).prop_map(Step::Delete),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #[test]
    fn bounds_hold_and_no_value_is_wrong(
        steps in proptest::collection::vec(step(), 1..300),
        max_entries in 1u32..30,
        slack in 0u64..4_000,
    ) {
        let max_bytes = OVERHEAD_BYTES + 410 + 3 * (1 + TAG_OVERHEAD_BYTES) + slack;
        let cache = Cache::new(options(max_entries, max_bytes));
        let view = cache.view();
        let mut model: HashMap<u8, Vec<u8>> = HashMap::new();
        let mut held: HashMap<u8, (u32, u64)> = HashMap::new();
        let mut tagged: HashMap<u8, u8> = HashMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Set(key, size, tags) => {
                    let bytes = vec![number as u8; size as usize];
                    let texts: Vec<[u8; 1]> = (0..3).filter(|tag| tags >> tag & 1 == 1).map(|tag| [tag]).collect();
                    let list = cache.tags(texts.iter().map(<[u8; 1]>::as_slice));
                    let placed = cache.set(&[key], &bytes, &list, forever()).unwrap();
                    tagged.insert(key, tags);
                    prop_assert!(view.touch(placed.slot, placed.version as f64));
                    if let Some((slot, version)) = held.insert(key, (placed.slot, placed.version)) {
                        prop_assert!(!view.touch(slot, version as f64), "an old version is not current");
                    }
                    model.insert(key, bytes);
                }
                Step::Get(key) => {
                    let mut got = None;
                    view.get(&[key], Read::Get, |found| {
                        got = Some((found.value.to_vec(), found.placed));
                        true
                    });
                    let current = held.get(&key).is_some_and(|(slot, version)| view.check(*slot, *version as f64));
                    prop_assert_eq!(current, got.is_some());
                    if let Some((bytes, placed)) = got {
                        prop_assert_eq!(Some(&bytes), model.get(&key));
                        prop_assert_eq!(Some(&(placed.slot, placed.version)), held.get(&key));
                    }
                }
                Step::Delete(key) => {
                    let had = cache.has(&[key]);
                    prop_assert_eq!(cache.delete(&[key]), had);
                    model.remove(&key);
                    if let Some((slot, version)) = held.remove(&key) {
                        prop_assert!(!view.touch(slot, version as f64));
                    }
                }
                Step::DeleteTag(tag) => {
                    let carries = |key: &u8| tagged.get(key).is_some_and(|tags| tags >> tag & 1 == 1);
                    let gone: Vec<u8> = held.keys().copied().filter(carries).filter(|key| cache.has(&[*key])).collect();
                    prop_assert_eq!(cache.delete_tagged(&[tag]), gone.len() as u64);
                    for key in gone {
                        prop_assert!(!cache.has(&[key]));
                        if let Some((slot, version)) = held.remove(&key) {
                            prop_assert!(!view.touch(slot, version as f64));
                        }
                    }
                }
                Step::Clear => {
                    cache.clear();
                    model.clear();
                    for (slot, version) in held.drain().map(|(_, place)| place) {
                        prop_assert!(!view.touch(slot, version as f64));
                    }
                }
            }
            let stats = view.stats();
            prop_assert!(stats.entries <= u64::from(max_entries));
            prop_assert!(stats.bytes <= max_bytes);
            let mut keys = 0;
            prop_assert_eq!(cache.keys(0, |_| { keys += 1; true }), None);
            prop_assert_eq!(keys, stats.entries);
            let mut carried = 0;
            let mut bytes = 0;
            for key in held.keys().filter(|key| cache.has(&[**key])) {
                carried |= tagged[key];
                let tags = u64::from(tagged[key].count_ones());
                bytes += 1 + model[key].len() as u64 + OVERHEAD_BYTES + tags * (1 + TAG_OVERHEAD_BYTES);
            }
            prop_assert_eq!(cache.tag_count(), carried.count_ones());
            prop_assert_eq!(stats.bytes, bytes);
        }
    }
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
fn a_million_tags_come_and_go_without_a_trace() {
    let cache = Cache::new(options(1_000, u64::MAX));
    for number in 0..200_000u32 {
        let texts = [
            format!("tag {number}"),
            format!("other {number}"),
            "all".to_owned(),
        ];
        let tags = cache.tags(texts.iter().map(String::as_bytes));
        let key = (number % 3_000).to_le_bytes();
        match number % 4 {
            0 => drop(cache.set(&key, b"value", &tags, Life::new(1.0, 0.0))),
            _ => drop(cache.set(&key, b"value", &tags, forever())),
        }
        if number % 5 == 0 {
            cache.delete(&((number / 2) % 3_000).to_le_bytes());
        }
        assert!(cache.tag_count() <= 2 * 1_000 + 1);
    }
    // So that nothing expires between counting and deleting.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let live = cache.size();
    assert!(live > 500);
    assert_eq!(cache.delete_tagged(b"all"), live);
    assert_eq!((cache.tag_count(), cache.held()), (0, 0));
}

#[test]
fn deleting_by_tag_spares_what_was_set_after_it_began() {
    let cache = Cache::new(options(100_000, u64::MAX));
    let tag = [b"t".as_slice()];
    for number in 0..50_000u32 {
        let tags = cache.tags(tag.into_iter());
        cache
            .set(&number.to_le_bytes(), b"old", &tags, forever())
            .unwrap();
    }
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in (0..50_000u32).rev() {
                let tags = cache.tags(tag.into_iter());
                cache
                    .set(&number.to_le_bytes(), b"new", &tags, forever())
                    .unwrap();
            }
        });
        let deleted = cache.delete_tagged(b"t");
        assert!(deleted <= 50_000);
        writer.join().unwrap();
    });
    let view = cache.view();
    for number in 0..50_000u32 {
        let mut seen = None;
        view.get(&number.to_le_bytes(), Read::Peek, |found| {
            seen = Some(found.value.to_vec());
            true
        });
        assert!(seen.is_none_or(|value| value == b"new"));
    }
}

fn pages(cache: &Arc<Cache>, room: usize) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    let (mut from, end) = (0, cache.end());
    while from != end {
        let (page, next) = cache.export(from, end, super::reading(true), room).unwrap();
        assert!(next > from, "it goes on");
        from = next;
        let mut bytes = Vec::new();
        page.each(|part| bytes.extend_from_slice(part));
        pages.push(bytes);
    }
    pages
}

#[test]
fn pages_carry_everything_from_cache_to_cache() {
    let cache = Cache::new(options(10_000, u64::MAX));
    for number in 0..5_000u32 {
        let tag = format!("tag {}", number % 10);
        let tags = cache.tags([tag.as_bytes()].into_iter());
        let value = vec![number as u8; (number % 300) as usize];
        let life = Life::new(
            if number % 2 == 0 {
                60_000.0
            } else {
                f64::INFINITY
            },
            5.0,
        );
        cache
            .set(&number.to_le_bytes(), &value, &tags, life)
            .unwrap();
    }
    cache.set(b"large", &[7; 100_000], &[], forever()).unwrap();
    let view = cache.view();
    for number in (0..5_000u32).step_by(50) {
        for _ in 0..3 {
            view.get(&number.to_le_bytes(), Read::Get, |_| true);
        }
    }
    let pages = pages(&cache, 20_000);
    assert!(pages.len() > 20);
    assert_eq!(
        pages.iter().filter(|page| page.len() > 20_000).count(),
        1,
        "the large one alone"
    );
    let import = |to: &Arc<Cache>, elapsed: f64| {
        let (mut entries, mut expired) = (0, 0);
        for page in &pages {
            let done = to.import(page, elapsed).unwrap().unwrap();
            entries += done.entries;
            expired += done.expired;
        }
        (entries, expired)
    };
    let copy = Cache::new(options(10_000, u64::MAX));
    assert_eq!(import(&copy, 1_000.0), (5_001, 0));
    assert_eq!(copy.stats().bytes, cache.stats().bytes);
    assert_eq!(copy.delete_tagged(b"tag 3"), 500);
    assert_eq!(value(&copy.view(), "large").unwrap(), [7; 100_000]);
    let late = Cache::new(options(10_000, u64::MAX));
    assert_eq!(import(&late, 60_001.0), (2_501, 2_500));
    let light = Cache::new(options(10_000, 10_000));
    assert_eq!(
        import(&light, 0.0),
        (5_000, 0),
        "the large one is too heavy"
    );
    assert!(light.stats().bytes <= 10_000);
    let few = Cache::new(options(500, u64::MAX));
    import(&few, 0.0);
    let kept = (0..5_000u32)
        .step_by(50)
        .filter(|number| few.has(&number.to_le_bytes()));
    assert!(kept.count() >= 95, "what was read stays");
    for page in &pages {
        assert_eq!(copy.import(&page[..page.len() - 1], 0.0).unwrap(), None);
    }
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
fn nobody_reads_what_was_overwritten() {
    const KEYS: usize = 16;
    let cache = Cache::new(options(10, u64::MAX));
    let published: Arc<Vec<AtomicU64>> = Arc::new((0..KEYS).map(|_| AtomicU64::new(0)).collect());
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (cache, published) = (cache.clone(), published.clone());
            scope.spawn(move || {
                let view = cache.view();
                let mut local: HashMap<u8, (u32, u64, u64)> = HashMap::new();
                let mut random = thread.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
                for _ in 0..60_000 {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let key = (random % KEYS as u64) as u8;
                    // Each key has one writer, which numbers what it writes.
                    if u64::from(key) % 4 == thread && random >> 32 & 3 == 0 {
                        let number = published[key as usize].load(Ordering::SeqCst) + 1;
                        cache
                            .set(&[key], &number.to_le_bytes(), &[], forever())
                            .unwrap();
                        published[key as usize].store(number, Ordering::SeqCst);
                        continue;
                    }
                    let least = published[key as usize].load(Ordering::SeqCst);
                    if let Some((slot, version, number)) = local.get(&key)
                        && view.touch(*slot, *version as f64)
                    {
                        assert!(*number >= least, "{number} is older than {least}");
                        continue;
                    }
                    view.get(&[key], Read::Get, |found| {
                        let number = u64::from_le_bytes(found.value.try_into().unwrap());
                        assert!(number >= least, "{number} is older than {least}");
                        local.insert(key, (found.placed.slot, found.placed.version, number));
                        true
                    });
                }
            });
        }
    });
    assert!(cache.view().stats().evictions > 0);
}
