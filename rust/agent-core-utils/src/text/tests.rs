//! The exports called as the host calls them, and as it must not.

use std::ptr::null;

use agent_ffi::Status;

use super::hashing::*;
use super::ranking::*;
use super::*;

/// Calls an export with a buffer; gives its answer and what it wrote.
fn call(room: usize, export: impl FnOnce(*mut u8, u32) -> i32) -> (i32, Vec<u8>) {
    let mut buffer = vec![0xaa; room];
    let answer = export(buffer.as_mut_ptr(), room as u32);
    (answer, buffer)
}

/// What an export wrote; it must have succeeded.
fn result(room: usize, export: impl FnOnce(*mut u8, u32) -> i32) -> Vec<u8> {
    let (answer, mut buffer) = call(room, export);
    assert!(answer >= 0, "{answer} {}", String::from_utf8_lossy(&buffer));
    buffer.truncate(answer as usize);
    buffer
}

fn enter() {
    agent_ffi::enter(1.0, 1).unwrap();
}

fn matcher(text: &str, lengths: &[u32]) -> f64 {
    let bytes = result(64, |out, cap| {
        let (strings, count) = (text.as_ptr(), lengths.len() as u32);
        // SAFETY: all pointers are of live values and their lengths are right.
        unsafe {
            agent_core_text_matcher_new(
                strings,
                text.len() as u32,
                lengths.as_ptr(),
                count,
                out,
                cap,
            )
        }
    });
    f64::from_le_bytes(bytes.try_into().unwrap())
}

fn transformed(operation: u32, text: &str, lengths: &[u32], room: usize) -> (i32, Vec<u8>) {
    let (strings, len, count) = (text.as_ptr(), text.len() as u32, lengths.len() as u32);
    call(room, |out, cap| {
        // SAFETY: as above.
        unsafe {
            agent_core_text_transform(operation, strings, len, lengths.as_ptr(), count, out, cap)
        }
    })
}

/// Adds "c" to a matcher.
fn added(handle: f64, room: usize) -> (i32, Vec<u8>) {
    let (text, lengths) = (b"c".as_ptr(), [1u32]);
    call(room, |out, cap| {
        // SAFETY: as above.
        unsafe { agent_core_text_matcher_add(handle, text, 1, lengths.as_ptr(), 1, out, cap) }
    })
}

fn ranked(handle: f64, query: &str, room: usize) -> (i32, Vec<u8>) {
    call(room, |out, cap| {
        let (text, len) = (query.as_ptr(), query.len() as u32);
        // SAFETY: as above.
        unsafe { agent_core_text_matcher_rank(handle, 0, text, len, u32::MAX, 0.0, out, cap) }
    })
}

#[test]
fn similarity_answers_with_a_score_or_a_status() {
    let similarity = |metric, a: &[u8], b: &[u8]| {
        let (a_len, b_len) = (a.len() as u32, b.len() as u32);
        // SAFETY: as above.
        unsafe { agent_core_text_similarity(metric, a.as_ptr(), a_len, b.as_ptr(), b_len) }
    };
    assert_eq!(similarity(0, b"ab", b"ac"), 0.5);
    let invalid = f64::from(Status::InvalidArgument as i32);
    assert_eq!(similarity(8, b"ab", b"ac"), invalid);
    assert_eq!(similarity(0, b"\xff", b"ac"), invalid);
    // SAFETY: null with length 0 is legal; null with a length is refused before a read.
    unsafe {
        assert_eq!(agent_core_text_similarity(0, null(), 0, null(), 0), 1.0);
        assert_eq!(agent_core_text_similarity(0, null(), 1, null(), 0), invalid);
    }
}

#[test]
fn a_result_that_does_not_fit_says_its_size() {
    let upper = |room| transformed(1, "one\ntwo", &[3, 3], room);
    let (answer, buffer) = upper(14);
    assert_eq!(answer, Status::TooSmall as i32);
    assert_eq!(buffer[..4], 15u32.to_le_bytes());
    let (answer, buffer) = upper(15);
    assert_eq!(answer, 15);
    assert_eq!(buffer[8..], *b"ONE\nTWO");
    assert_eq!(buffer[..8], [3, 0, 0, 0, 3, 0, 0, 0]);
    assert_eq!(upper(0).0, Status::TooSmall as i32);
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    let (answer, buffer) = transformed(0, "one\ntwo", &[3, 4], 200);
    assert_eq!(answer, Status::InvalidArgument as i32);
    let len = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
    let detail: serde_json::Value = serde_json::from_slice(&buffer[4..4 + len]).unwrap();
    assert!(detail["message"].as_str().unwrap().contains("lengths"));
}

#[test]
fn a_matcher_lives_until_it_is_closed() {
    enter();
    let handle = matcher("beta\nalpha", &[4, 5]);
    assert_eq!(agent_core_text_matcher_size(handle), 2.0);
    let (answer, buffer) = ranked(handle, "alpha", 64);
    assert_eq!(answer, 24);
    assert_eq!(buffer[..8], 1f64.to_le_bytes());
    assert_eq!(buffer[16..24], [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(added(handle, 4), (4, 2u32.to_le_bytes().to_vec()));
    assert_eq!(agent_core_text_matcher_remove(handle, 1), 1);
    assert_eq!(agent_core_text_matcher_remove(handle, 1), 0);
    assert_eq!(agent_core_text_matcher_remove(handle, 9), 0);
    assert_eq!(agent_core_text_matcher_size(handle), 2.0);
    assert_eq!(agent_core_text_matcher_close(handle), 1);
    assert_eq!(agent_core_text_matcher_close(handle), 0);
    let stale = Status::InvalidHandle as i32;
    assert_eq!(ranked(handle, "alpha", 200).0, stale);
    assert_eq!(agent_core_text_matcher_remove(handle, 0), stale);
    assert_eq!(agent_core_text_matcher_size(handle), f64::from(stale));
    assert_eq!(agent_core_text_matcher_size(f64::NAN), f64::from(stale));
}

#[test]
fn a_hash_takes_bytes_in_parts() {
    enter();
    let out = result(64, |out, cap| {
        // SAFETY: the buffer is `call`'s.
        unsafe { agent_core_text_hasher_new(out, cap) }
    });
    let handle = f64::from_le_bytes(out.try_into().unwrap());
    let large = vec![7; 1 << 20];
    for part in [&b"abc"[..], &[], &large] {
        // SAFETY: the bytes are live and their length is right.
        let answer =
            unsafe { agent_core_text_hasher_update(handle, part.as_ptr(), part.len() as u32) };
        assert_eq!(answer, 0);
    }
    let finish = |room, handle| {
        call(room, |out, cap| {
            // SAFETY: the buffer is `call`'s.
            unsafe { agent_core_text_hasher_finish(handle, out, cap) }
        })
    };
    let expected = blake3::hash(&[b"abc", &large[..]].concat());
    assert_eq!(finish(64, handle).1[..32], *expected.as_bytes());
    assert_eq!(finish(8, handle).0, Status::TooSmall as i32);
    // SAFETY: null with a length is refused before it is looked at.
    let refused = unsafe { agent_core_text_hasher_update(handle, null(), 5) };
    assert_eq!(refused, Status::InvalidArgument as i32);
    let stale = Status::InvalidHandle as i32;
    let other = matcher("a", &[1]);
    for handle in [other, 0.0, f64::NAN, handle + 0.5] {
        assert_eq!(finish(64, handle).0, stale);
        // SAFETY: as above.
        let answer = unsafe { agent_core_text_hasher_update(handle, large.as_ptr(), 1) };
        assert_eq!(answer, stale);
    }
    assert_eq!(agent_core_text_matcher_close(other), 1);
}

#[test]
fn no_matcher_is_left_behind_by_a_buffer_that_is_too_small() {
    enter();
    let (answer, _) = call(4, |out, cap| {
        // SAFETY: as above.
        unsafe { agent_core_text_matcher_new(null(), 0, null(), 0, out, cap) }
    });
    assert_eq!(answer, Status::TooSmall as i32);
    let handle = matcher("a", &[1]);
    assert_eq!(added(handle, 3).0, Status::TooSmall as i32);
    assert_eq!(
        agent_core_text_matcher_size(handle),
        1.0,
        "nothing was added"
    );
    assert_eq!(agent_core_text_matcher_close(handle), 1);
}

#[test]
fn submitting_to_no_ring_is_refused() {
    enter();
    let (answer, _) = call(200, |out, cap| {
        // SAFETY: as above.
        unsafe { agent_core_text_submit_hash_one(1e9, 1, null(), 0, out, cap) }
    });
    assert_eq!(answer, Status::Closed as i32);
    let (answer, _) = call(200, |out, cap| {
        let lengths = [3u32];
        // SAFETY: as above.
        unsafe {
            agent_core_text_submit_hash_many(
                1e9,
                1,
                b"ab".as_ptr(),
                2,
                lengths.as_ptr(),
                1,
                out,
                cap,
            )
        }
    });
    assert_eq!(answer, Status::InvalidArgument as i32);
}
