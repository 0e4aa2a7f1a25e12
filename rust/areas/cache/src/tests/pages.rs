//! Pages that carry entries from cache to cache.

use std::sync::Arc;

use super::*;

fn pages(cache: &Arc<Cache>, room: usize) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    let (mut from, end) = (0, cache.end());
    while from != end {
        let (page, next) = cache.export(from, end, crate::reading(true), room).unwrap();
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
