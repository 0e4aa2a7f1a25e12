//! The matcher against the definitions, through every width, length class, add and remove.

use std::sync::atomic::AtomicBool;

use agent_shared::{Control, Uncontrolled, utf16_len};
use proptest::prelude::*;

use super::*;
use crate::best::{Best, Ranked};
use crate::metrics::{Metric, naive};

fn add(matcher: &mut Matcher, choices: &[String]) -> usize {
    let text = choices.join("\n");
    let lengths: Vec<u32> = choices.iter().map(|choice| utf16_len(choice)).collect();
    matcher.add(&Packed::new(&text, &lengths).unwrap()).unwrap()
}

/// All live choices, ranked by the definitions.
fn expected(metric: Metric, query: &str, choices: &[Option<String>], best: Best) -> Vec<Ranked> {
    let codes = |text: &str| text.chars().map(u32::from).collect::<Vec<_>>();
    let mut list: Vec<Ranked> = choices
        .iter()
        .zip(0..)
        .filter_map(|(choice, index)| {
            let score = naive::similarity(metric, &codes(query), &codes(choice.as_ref()?));
            (score >= best.cutoff).then_some(Ranked { score, index })
        })
        .collect();
    list.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    list.truncate(best.limit);
    list
}

fn short() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[abc ]{0,20}",
        3 => "[abé ЖЯ😀]{0,12}",
        2 => "[ab\u{4e00}-\u{4fff}]{0,40}",
        1 => "[ab ]{60,70}",
    ]
}

/// With some that are too long for lanes.
fn choice() -> impl Strategy<Value = String> {
    prop_oneof![30 => short(), 1 => "[abé]{250,262}"]
}

const WIDTHS: [usize; 9] = [0, 1, 8, 9, 16, 17, 32, 64, 65];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn ranks_as_the_definitions_do(
        mut choices in prop::collection::vec(choice(), 0..120),
        later in prop::collection::vec(choice(), 0..20),
        removed in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        query in short(),
        width in prop::sample::select(WIDTHS.to_vec()),
        cut in any::<bool>(),
        limit in prop_oneof![0usize..6, Just(usize::MAX)],
        cutoff in prop_oneof![2 => Just(0.0), 1 => Just(0.4), 1 => Just(1.0)],
    ) {
        let query: String = if cut { query.chars().cycle().take(width).collect() } else { query };
        choices.push(query.clone());
        let mut matcher = Matcher::new();
        prop_assert_eq!(add(&mut matcher, &choices), 0);
        let mut live: Vec<Option<String>> = choices.into_iter().map(Some).collect();
        // Made early, so that adding and removing must keep it right.
        matcher.sorted();
        for index in removed {
            let index = index.index(live.len());
            prop_assert_eq!(matcher.remove(index as u32), live[index].take().is_some());
        }
        prop_assert_eq!(add(&mut matcher, &later), live.len());
        live.extend(later.into_iter().map(Some));
        prop_assert_eq!(matcher.len(), live.iter().flatten().count());
        prop_assert!(!matcher.remove(live.len() as u32));
        let best = Best { limit, cutoff };
        for metric in Metric::ALL {
            let list = matcher.rank(metric, &query, best, cut, &Uncontrolled).unwrap();
            prop_assert_eq!(&list, &expected(metric, &query, &live, best), "{:?}", metric);
        }
    }
}

#[test]
fn many_queries_over_threads_give_what_one_gives() {
    let mut state = 7u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut string = |most: u64| -> String {
        (0..8 + random(most))
            .map(|_| char::from(b'a' + random(6) as u8))
            .collect()
    };
    let choices: Vec<String> = (0..40_000).map(|_| string(20)).collect();
    let queries: Vec<String> = (0..8).map(|_| string(20)).collect();
    let mut matcher = Matcher::new();
    add(&mut matcher, &choices);
    let text = queries.join("\n");
    let lengths: Vec<u32> = queries.iter().map(|query| query.len() as u32).collect();
    let packed = Packed::new(&text, &lengths).unwrap();
    for metric in [Metric::Levenshtein, Metric::Lcs, Metric::Jaro] {
        let best = Best {
            limit: 25,
            cutoff: 0.2,
        };
        let many = matcher
            .rank_many(metric, &packed, best, &Uncontrolled)
            .unwrap();
        assert_eq!(many.total, 25 * queries.len());
        for (query, list) in queries.iter().zip(&many.lists) {
            for parallel in [false, true] {
                let one = matcher
                    .rank(metric, query, best, parallel, &Uncontrolled)
                    .unwrap();
                assert_eq!(list, &one);
            }
        }
    }
}

#[test]
fn cancelling_stops_a_ranking_of_many() {
    struct AfterTwo(AtomicBool, std::sync::Mutex<Vec<(usize, usize)>>);
    impl Control for AfterTwo {
        fn is_cancelled(&self) -> bool {
            self.0.load(std::sync::atomic::Ordering::Relaxed)
        }
        fn progress(&self, done: usize, total: usize) {
            self.1.lock().unwrap().push((done, total));
            self.0
                .store(done >= 2, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let choices: Vec<String> = (0..5000).map(|i| format!("choice number {i}")).collect();
    let mut matcher = Matcher::new();
    add(&mut matcher, &choices);
    let text = choices.join("\n");
    let lengths: Vec<u32> = choices.iter().map(|choice| choice.len() as u32).collect();
    let packed = Packed::new(&text, &lengths).unwrap();
    let control = AfterTwo(AtomicBool::new(false), std::sync::Mutex::new(Vec::new()));
    let best = Best {
        limit: 1,
        cutoff: 0.0,
    };
    let result = matcher.rank_many(Metric::Levenshtein, &packed, best, &control);
    assert_eq!(result.err(), Some(Error::Cancelled));
    let seen = control.1.into_inner().unwrap();
    assert!(seen.len() >= 2 && seen.len() < 100, "{}", seen.len());
    assert!(seen.iter().all(|&(_, total)| total == 5000));
}
