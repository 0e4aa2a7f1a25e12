//! Four threads that read and write.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

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
