//! Tags in great numbers.

use super::*;

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
