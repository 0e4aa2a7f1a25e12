//! Random steps, against a plain model.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::entry::OVERHEAD_BYTES;
use crate::tags::TAG_OVERHEAD_BYTES;

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
