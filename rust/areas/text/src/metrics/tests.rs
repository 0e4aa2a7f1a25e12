//! The metrics against their definitions, over every width and length class.

use agent_shared::Uncontrolled;
use proptest::prelude::*;

use super::*;

/// Strings over few symbols (so that much is common), of any of the widths.
fn text(most: usize) -> impl Strategy<Value = String> {
    let symbol = prop_oneof![
        8 => prop::sample::select(vec!['a', 'b', 'c', ' ']),
        2 => prop::sample::select(vec!['é', 'ß', '\u{a0}', 'Ж', '語', '\u{3000}', '😀', '𝒳']),
        1 => any::<char>(),
    ];
    prop::collection::vec(symbol, 0..most).prop_map(|symbols| symbols.into_iter().collect())
}

/// A pair of which the second is often an edit of the first.
fn pair(most: usize) -> impl Strategy<Value = (String, String)> {
    (text(most), text(most), any::<bool>(), 0..most, text(6)).prop_map(|(a, b, edit, at, piece)| {
        if !edit {
            return (a, b);
        }
        let mut symbols: Vec<char> = a.chars().collect();
        let at = at.min(symbols.len());
        let end = (at + piece.chars().count() / 2).min(symbols.len());
        symbols.splice(at..end, piece.chars());
        (a, symbols.into_iter().collect())
    })
}

fn codes(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

fn agree(a: &str, b: &str) {
    for metric in Metric::ALL {
        let exact = naive::similarity(metric, &codes(a), &codes(b));
        let fast = similarity(metric, a, b, &Uncontrolled).unwrap();
        assert_eq!(
            fast.to_bits(),
            exact.to_bits(),
            "{metric:?} {a:?} {b:?}: {fast} {exact}"
        );
        // Without the short cut for equal strings, and with a floor on either side of the score.
        let scorer = Scorer::new(metric, a);
        let mut work = Work::new(&Uncontrolled);
        for floor in [0.0, exact, exact.next_up(), 0.5] {
            let score = scorer.score_over(&codes(b), floor, &mut work).unwrap();
            if exact >= floor {
                assert_eq!(
                    score.to_bits(),
                    exact.to_bits(),
                    "{metric:?} {a:?} {b:?} {floor}"
                );
            } else {
                assert!(score < floor, "{metric:?} {a:?} {b:?} {floor} {score}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn short_strings((a, b) in pair(12)) {
        agree(&a, &b);
    }

    #[test]
    fn one_word_and_more((a, b) in pair(90)) {
        agree(&a, &b);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn many_words((a, b) in pair(260)) {
        agree(&a, &b);
    }
}

#[test]
fn borders_of_words() {
    for la in [0, 1, 2, 63, 64, 65, 127, 128, 129, 130, 192] {
        for lb in [0, 1, 63, 64, 65, 128, 129, 191] {
            let make = |len: usize, step: usize| -> String {
                (0..len)
                    .map(|i| char::from(b'a' + (i * step % 7) as u8))
                    .collect()
            };
            agree(&make(la, 3), &make(lb, 5));
            agree(&make(la, 3), &make(lb, 3));
        }
    }
}

#[test]
fn known_values() {
    let score = |metric, a, b| similarity(metric, a, b, &Uncontrolled).unwrap();
    assert_eq!(
        score(Metric::Levenshtein, "kitten", "sitting"),
        1.0 - 3.0 / 7.0
    );
    assert_eq!(score(Metric::Levenshtein, "ca", "abc"), 0.0);
    assert_eq!(score(Metric::Osa, "ca", "ac"), 0.5);
    // Published examples of Jaro and Winkler.
    assert!((score(Metric::Jaro, "MARTHA", "MARHTA") - 0.944_444_444).abs() < 1e-9);
    assert!((score(Metric::JaroWinkler, "DIXON", "DICKSONX") - 0.813_333_333).abs() < 1e-9);
    assert_eq!(
        score(Metric::TokenSort, "new york mets", "mets  new york"),
        1.0
    );
    assert_eq!(score(Metric::Partial, "yankees", "new york yankees"), 1.0);
    assert_eq!(score(Metric::TokenSet, " ", ""), 0.0);
    assert_eq!(score(Metric::TokenSort, " ", ""), 1.0);
}

#[test]
fn a_long_comparison_can_be_cancelled() {
    struct Cancelled;
    impl Control for Cancelled {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let (a, b) = ("ab".repeat(20_000), "ba".repeat(30_000));
    for metric in [
        Metric::Levenshtein,
        Metric::Osa,
        Metric::Lcs,
        Metric::Partial,
    ] {
        assert_eq!(
            similarity(metric, &a, &b, &Cancelled),
            Err(Error::Cancelled)
        );
    }
}
