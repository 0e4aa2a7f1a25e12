//! What only threads can show; the behaviour itself is tested from JavaScript, on both twins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::*;

const KEPT: Options = Options {
    done_ms: f64::INFINITY,
    done_count: f64::INFINITY,
};

fn job<'a>(id: &'a str, group: &'a str) -> NewJob<'a> {
    NewJob {
        id,
        data: "{}",
        group,
        ..NewJob::default()
    }
}

fn ids(taken: &[Taken]) -> Vec<&str> {
    taken.iter().map(|taken| &*taken.id).collect()
}

#[test]
fn views_of_a_name_share_the_jobs_and_others_do_not() {
    let one = open(Some("shared"), KEPT).unwrap();
    let two = open(Some("shared"), KEPT).unwrap();
    let other = open(None, KEPT).unwrap();
    one.add(&[job("a", "")], 1.0);
    assert_eq!(other.take(9, 2.0, |_| true).len(), 0);
    assert_eq!(ids(&two.take(9, 2.0, |_| true)), ["a"]);
    let existing = open(
        Some("shared"),
        Options {
            done_ms: 5.0,
            ..KEPT
        },
    )
    .err();
    assert_eq!(existing, Some(Mismatch { existing: KEPT }));
    drop((one, two));
    assert_eq!(open(Some("shared"), KEPT).unwrap().counts(3.0)[0], 0);
}

#[test]
fn what_a_view_held_comes_back_in_its_order() {
    let one = open(Some("back"), KEPT).unwrap();
    let two = open(Some("back"), KEPT).unwrap();
    one.add(
        &[job("a", ""), job("b", ""), job("c", ""), job("d", "")],
        1.0,
    );
    let taken = one.take(3, 2.0, |_| true);
    assert_eq!(ids(&taken), ["a", "b", "c"]);
    let (send, woken) = mpsc::channel();
    two.watch(true, false);
    two.on_event(Box::new(move || send.send(()).unwrap()));
    drop(one);
    woken.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(two.flags(), READY);
    assert_eq!(two.flags(), 0);
    assert!(!two.complete([(taken[0].token, "1")].into_iter(), 3.0)[0]);
    let again = two.take(9, 3.0, |_| true);
    assert_eq!(ids(&again), ["a", "b", "c", "d"]);
    assert_eq!(again[0].attempt, 1);
}

#[test]
fn what_does_not_fit_stays() {
    let view = open(None, KEPT).unwrap();
    view.add(&[job("a", ""), job("b", "")], 1.0);
    let mut room = 1;
    let taken = view.take(9, 1.0, |_| {
        room -= 1;
        room >= 0
    });
    assert_eq!(ids(&taken), ["a"]);
    assert_eq!(view.counts(1.0)[..4], [1, 0, 0, 1]);
    view.watch(false, true);
    assert!(view.await_end("a"));
    view.fail(taken[0].token, "no", None, 2.0);
    assert_eq!(view.flags(), ENDED | MORE);
    let mut seen = String::new();
    view.events(|_| false);
    view.events(|json| {
        seen = json.to_owned();
        true
    });
    assert!(seen.contains(r#""state":"dead""#), "{seen}");
    assert!(!view.await_end("a"));
}

#[test]
fn no_job_is_handed_out_twice_or_lost_among_threads() {
    const JOBS: usize = 4_000;
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let done = &done;
            scope.spawn(move || {
                let view = open(Some("threads"), KEPT).unwrap();
                for number in 0..JOBS / 4 {
                    let id = format!("{worker}-{number}");
                    view.add(&[job(&id, ["", "a", "b"][number % 3])], 1.0);
                    let taken = view.take(2, 1.0, |_| true);
                    let ends = taken.iter().map(|taken| (taken.token, "1"));
                    let ended = view.complete(ends, 1.0);
                    assert!(ended.iter().all(|&ended| ended));
                    done.fetch_add(ended.len(), Ordering::Relaxed);
                }
                while done.load(Ordering::Relaxed) < JOBS {
                    let taken = view.take(3, 1.0, |_| true);
                    let ends = taken.iter().map(|taken| (taken.token, "1"));
                    done.fetch_add(view.complete(ends, 1.0).len(), Ordering::Relaxed);
                    std::thread::yield_now();
                }
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), JOBS);
}
