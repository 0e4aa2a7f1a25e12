//! The short way from a handle to its view, for the calls that are made at every read: the views that
//! this thread used last, by address. The table of handles is asked only when that fails.

use std::cell::Cell;
use std::ptr::null;

use agent_ffi::handles;

use agent_cache::View;

const PLACES: usize = 4;
const EMPTY: (f64, *const Held) = (f64::NAN, null());

thread_local! {
    static LATEST: [Cell<(f64, *const Held)>; PLACES] = const { [const { Cell::new(EMPTY) }; PLACES] };
}

/// A view as the table of handles holds it. It is dropped on the thread that made it: the table
/// belongs to that thread, and no operation that outlives a call keeps a share of it.
pub struct Held(pub View);

impl std::ops::Deref for Held {
    type Target = View;

    #[inline]
    fn deref(&self) -> &View {
        &self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let gone: *const Self = self;
        LATEST.with(|places| {
            for place in places.iter().filter(|place| place.get().1 == gone) {
                place.set(EMPTY);
            }
        });
    }
}

/// Which place a handle uses: by the lowest bits of its serial number, where they are in a number of
/// this library's size. Only speed depends on it.
#[inline]
fn place_of(handle: f64) -> usize {
    (handle.to_bits() >> 2) as usize % PLACES
}

/// Asks a view; false if the handle is none.
#[inline(always)]
pub fn with(handle: f64, ask: impl Fn(&View) -> bool) -> bool {
    let (known, view) = LATEST.with(|places| places[place_of(handle)].get());
    // Bit by bit: no handle is zero or NaN.
    if known.to_bits() == handle.to_bits() && !view.is_null() {
        // SAFETY: not null, so the place was filled on this thread from a view in this thread's table; its drop,
        // which happens on this thread, empties the place.
        return ask(unsafe { &(*view).0 });
    }
    with_unknown(handle, ask)
}

#[cold]
fn with_unknown(handle: f64, ask: impl Fn(&View) -> bool) -> bool {
    handles::peek(handle, |held: &Held| {
        LATEST.with(|places| places[place_of(handle)].set((handle, held)));
        ask(held)
    }) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_cache::{Cache, Codec, Life, Options};

    #[test]
    fn a_closed_handle_is_none_however_lately_it_was_used() {
        agent_ffi::enter(77.0, 1).unwrap();
        let options = Options {
            codec: Codec::Bytes,
            max_entries: 10,
            max_bytes: u64::MAX,
            ttl_ms: f64::INFINITY,
            grace_ms: 0.0,
        };
        let cache = Cache::new(options);
        let life = Life::new(f64::INFINITY, 0.0);
        let placed = cache.set(b"a", b"1", &[], life).unwrap();
        let touch = |handle: f64| {
            with(handle, |view| {
                view.touch(placed.slot, placed.version as f64)
            })
        };
        // More than there are places.
        let views: Vec<f64> = (0..9)
            .map(|_| handles::insert(Held(cache.view())).unwrap())
            .collect();
        for round in 0..3 {
            for &handle in &views {
                assert!(touch(handle), "{round}");
                assert!(touch(handle));
            }
        }
        for &handle in &views {
            assert!(touch(handle));
            assert!(handles::remove(handle));
            assert!(!touch(handle));
        }
        for odd in [0.0, f64::NAN, -1.0, 0.5, f64::INFINITY] {
            assert!(!touch(odd));
        }
    }
}
