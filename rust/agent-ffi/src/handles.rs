//! Objects that JavaScript names by a number.
//!
//! A handle is a whole number of 53 bits: 3 for the library, 17 for the place in the table of the
//! isolate, 33 for a serial number that is never given twice in a process. A stale handle, one of
//! another isolate, of another library or of another kind of object is an error, never a wrong object.

use std::any::Any;
use std::sync::Arc;

use crate::isolate;
use crate::status::{Failure, Status};

pub use crate::table::live;

fn stale(handle: f64) -> Failure {
    Failure::new(
        Status::InvalidHandle,
        format!(
            "Handle {handle} is closed, or belongs to another isolate, library or kind of object"
        ),
    )
}

/// Puts an object into the isolate's table and gives its handle.
pub fn insert<T: Any + Send + Sync>(object: T) -> Result<f64, Failure> {
    insert_shared(Arc::new(object))
}

/// The same for an object that others hold too.
pub fn insert_shared<T: Any + Send + Sync>(object: Arc<T>) -> Result<f64, Failure> {
    let handle = isolate::with(|isolate| isolate.handles.insert(object, isolate::library()))??;
    Ok(handle as f64)
}

/// Runs a closure on an object, without touching its reference count. The closure must not open or
/// close handles.
#[inline]
pub fn with<T: Any, R>(handle: f64, body: impl FnOnce(&T) -> R) -> Result<R, Failure> {
    isolate::with_ref(|isolate| isolate.handles.find(handle)?.downcast_ref::<T>().map(body))
        .flatten()
        .ok_or_else(|| stale(handle))
}

/// As [`with`], for hot calls that have no use for the detail of a failure.
#[inline]
pub fn peek<T: Any, R>(handle: f64, body: impl FnOnce(&T) -> R) -> Option<R> {
    isolate::with_ref(|isolate| isolate.handles.find(handle)?.downcast_ref::<T>().map(body))
        .flatten()
}

/// A share of an object, for work that outlives the call.
pub fn get<T: Any + Send + Sync>(handle: f64) -> Result<Arc<T>, Failure> {
    isolate::with_ref(|isolate| isolate.handles.find(handle).cloned())
        .flatten()
        .and_then(|object| object.downcast::<T>().ok())
        .ok_or_else(|| stale(handle))
}

/// Takes an object out of the table; its memory goes with its last share. False if it was not there.
pub fn remove(handle: f64) -> bool {
    let taken = isolate::with(|isolate| isolate.handles.take(handle))
        .ok()
        .flatten();
    taken.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_finds_its_object_until_it_is_closed() {
        isolate::enter(1.0, 1).unwrap();
        let handle = insert(String::from("here")).unwrap();
        assert_eq!(with(handle, String::len).unwrap(), 4);
        assert_eq!(
            with(handle, |_: &u32| ()).unwrap_err().status(),
            Status::InvalidHandle
        );
        assert!(remove(handle));
        assert!(!remove(handle));
        assert!(get::<String>(handle).is_err());
        let next = insert(String::from("next")).unwrap();
        assert_ne!(next, handle, "a place is used again, its number is not");
        assert!(remove(next));
    }

    #[test]
    fn odd_numbers_are_no_handles() {
        isolate::enter(2.0, 1).unwrap();
        let handle = insert(1u8).unwrap();
        for odd in [
            f64::NAN,
            f64::INFINITY,
            -1.0,
            0.0,
            -0.0,
            0.5,
            handle + 0.25,
            handle + 1.0,
            1e300,
        ] {
            assert!(peek(odd, |_: &u8| ()).is_none(), "{odd}");
        }
        assert!(remove(handle));
    }

    #[test]
    fn another_isolate_does_not_see_it() {
        isolate::enter(3.0, 1).unwrap();
        let handle = insert(1u8).unwrap();
        std::thread::spawn(move || {
            isolate::enter(4.0, 1).unwrap();
            let own = insert(2u8).unwrap();
            assert!(peek(handle, |_: &u8| ()).is_none());
            assert!(remove(own));
        })
        .join()
        .unwrap();
        assert!(remove(handle));
    }

    #[test]
    fn a_new_isolate_on_the_thread_frees_what_the_former_left() {
        struct Counted(Arc<()>);
        let held = Arc::new(());
        std::thread::spawn({
            let held = held.clone();
            move || {
                isolate::enter(5.0, 1).unwrap();
                insert(Counted(held.clone())).unwrap();
                assert_eq!(Arc::strong_count(&held), 3);
                isolate::enter(6.0, 1).unwrap();
                assert_eq!(Arc::strong_count(&held), 2);
                let again = insert(Counted(held)).unwrap();
                assert!(peek(again, |counted: &Counted| Arc::strong_count(&counted.0)).is_some());
            }
        })
        .join()
        .unwrap();
        assert_eq!(
            Arc::strong_count(&held),
            1,
            "the end of the thread frees the rest"
        );
    }
}
