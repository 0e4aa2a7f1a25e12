//! What a limiter promises, on time that is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use crate::{Left, Limiter, Observed, Options, View, open, ready};

const MINUTE: f64 = 60e6;

fn unlimited() -> Options {
    Options {
        second: f64::INFINITY,
        second_us: 1e6,
        requests: f64::INFINITY,
        tokens: f64::INFINITY,
        concurrency: f64::INFINITY,
        lease_us: 600e6,
    }
}

fn view(change: impl FnOnce(&mut Options)) -> View {
    let mut options = unlimited();
    change(&mut options);
    Limiter::new(options, true).view()
}

/// What a waiter was given.
fn given(view: &View, number: u64) -> Option<f64> {
    let all = view.fetch(usize::MAX);
    assert!(all.len() <= 1, "{all:?}");
    all.first().map(|(of, id)| {
        assert_eq!(*of, number);
        *id
    })
}

#[test]
fn no_window_holds_more_than_the_limit_and_nearly_all_is_used() {
    let limit = 1_000.0;
    let view = view(|options| options.requests = limit);
    let mut granted: Vec<f64> = Vec::new();
    let mut now = 0.0;
    let mut random = 7u64;
    while now < 10.0 * MINUTE {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let step = (random >> 44) as f64 / 16.0;
        view.advance(step.floor());
        now += step.floor();
        for _ in 0..random >> 61 {
            if view.take(0.0) > 0.0 {
                granted.push(now);
            }
        }
    }
    let most = (0..granted.len())
        .map(|first| {
            let end = granted[first] + MINUTE;
            granted[first..].iter().take_while(|&&at| at <= end).count()
        })
        .max()
        .unwrap();
    assert!(most as f64 <= limit, "{most}");
    assert!(
        granted.len() as f64 >= 0.98 * 10.0 * limit,
        "{}",
        granted.len()
    );
}

#[test]
fn tokens_come_back_by_settling_and_debt_is_waited_for() {
    let view = view(|options| options.tokens = 100.0);
    let first = view.take(80.0);
    assert!(first > 0.0);
    assert_eq!(view.take(30.0), 0.0);
    view.settle(first as u64, 50.0);
    let second = view.take(30.0);
    assert!(second > 0.0);
    view.settle(second as u64, 90.0);
    assert_eq!(view.stats().tokens_left, -40.0);
    view.wait(1, 1.0, "");
    view.advance(MINUTE - 1.0);
    assert_eq!(view.given(), 0);
    view.advance(MINUTE);
    assert!(given(&view, 1).is_some());
}

#[test]
fn groups_take_turns_and_a_large_one_is_not_passed() {
    let view = view(|options| options.concurrency = 1.0);
    let mut held = view.take(0.0);
    let names = ["a1", "a2", "a3", "b1", "c1", "b2"];
    for (number, name) in names.iter().enumerate() {
        view.wait(number as u64, 0.0, &name[..1]);
    }
    let mut order = Vec::new();
    for _ in 0..6 {
        view.release(held as u64);
        let [(number, id)] = view.fetch(2)[..] else {
            panic!("not one")
        };
        order.push(names[number as usize]);
        held = id;
    }
    assert_eq!(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
}

#[test]
fn what_ends_with_a_view_and_what_does_not() {
    let options = Options {
        concurrency: 1.0,
        requests: 3.0,
        ..unlimited()
    };
    let name = "tests: ends with a view";
    let first = open(Some(name), options, true).unwrap();
    let second = open(Some(name), options, true).unwrap();
    assert!(first.take(0.0) > 0.0);
    second.wait(1, 0.0, "");
    let rung = Arc::new(AtomicUsize::new(0));
    let bell = rung.clone();
    second.hang(Box::new(move || {
        bell.fetch_add(1, Ordering::SeqCst);
    }));
    assert_eq!((second.given(), rung.load(Ordering::SeqCst)), (0, 0));
    drop(first);
    assert_eq!((second.given(), rung.load(Ordering::SeqCst)), (1, 1));
    let other = Options {
        requests: 4.0,
        ..options
    };
    assert_eq!(
        open(Some(name), other, true).err().unwrap().existing,
        options
    );
    drop(second);
    let third = open(Some(name), options, true).unwrap();
    assert_eq!(
        third.stats().requests_left,
        1.0,
        "what was used still counts"
    );
}

#[test]
fn giving_up_gives_back_what_was_given_unseen() {
    let view = view(|options| options.requests = 1.0);
    let first = view.take(0.0);
    view.wait(5, 0.0, "");
    view.release(first as u64);
    assert_eq!((view.given(), view.stats().active), (1, 1.0));
    view.give_up(5);
    assert_eq!(view.given(), 0);
    assert_eq!(view.stats().active, 0.0);
    assert_eq!(view.stats().requests_left, 1.0);
    view.give_up(99);
}

#[test]
fn a_server_holds_back_and_no_more() {
    let view = view(|options| options.requests = 100.0);
    view.observe(&Observed {
        requests: Some(Left {
            left: 2.0,
            cap: 60.0,
            per_us: 1e-6,
            for_us: MINUTE,
        }),
        tokens: None,
        pause_us: 0.0,
    });
    assert!(view.take(0.0) > 0.0 && view.take(0.0) > 0.0);
    assert_eq!(view.take(0.0), 0.0);
    view.advance(1e6);
    assert!(view.take(0.0) > 0.0);
    assert_eq!(view.take(0.0), 0.0);
    view.observe(&Observed {
        requests: None,
        tokens: None,
        pause_us: 5e6,
    });
    view.advance(4_999_999.0);
    assert_eq!(view.take(0.0), 0.0);
    view.advance(1.0);
    assert!(view.take(0.0) > 0.0);
}

#[test]
fn a_lease_ends() {
    let view = view(|options| {
        options.concurrency = 1.0;
        options.lease_us = 1e6;
    });
    let lost = view.take(0.0);
    view.wait(1, 0.0, "");
    view.advance(999_999.0);
    assert_eq!(view.given(), 0);
    view.advance(1.0);
    assert!(given(&view, 1).is_some());
    view.release(lost as u64);
    assert_eq!(view.stats().active, 1.0);
}

#[test]
fn threads_never_get_more_than_there_is() {
    let options = Options {
        second: 200.0,
        second_us: 1e6,
        concurrency: 3.0,
        ..unlimited()
    };
    ready().unwrap();
    let limiter = Limiter::new(options, false);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let view = limiter.view();
            std::thread::spawn(move || {
                for number in 0..30u64 {
                    let mut id = view.take(0.0);
                    if id == 0.0 {
                        let (send, receive) = channel();
                        view.wait(number, 0.0, "");
                        view.hang(Box::new(move || send.send(()).unwrap()));
                        receive.recv().unwrap();
                        id = given(&view, number).unwrap();
                    }
                    assert!(view.stats().active <= 3.0);
                    view.settle(id as u64, 0.0);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(limiter.view().stats().active, 0.0);
}
