//! The built-in rules against the shared vectors, and streams against whole texts.

use proptest::prelude::*;

use super::{Engine, TableState, rule};

const NAMES: [&str; rule::COUNT as usize] = [
    "private-key",
    "jwt",
    "api-key",
    "url-credentials",
    "authorization",
    "iban",
    "credit-card",
    "us-ssn",
    "email",
    "phone",
    "ipv4",
    "ipv6",
    "mac-address",
    "assigned-secret",
    "high-entropy",
    "hex-token",
];
const ALL: u32 = (1 << rule::COUNT) - 1;

fn engine(rules: u32, literals: &[&str], ignore_case: bool) -> Engine {
    let groups =
        [u32::from(!ignore_case), u32::from(ignore_case)].map(|one| one * literals.len() as u32);
    Engine::new(rules, &groups, literals.iter().copied(), 0, &[]).unwrap()
}

fn whole(engine: &Engine, text: &str) -> Vec<(u32, usize, usize)> {
    let mut found = Vec::new();
    let (hold, ..) = engine.scan(
        text,
        0,
        true,
        0,
        TableState::default(),
        |rule, start, end| found.push((rule, start, end)),
    );
    assert_eq!(hold, text.len());
    found
}

/// The same, with the text arriving in pieces.
fn pieces(engine: &Engine, text: &str, cuts: &[usize]) -> Vec<(u32, usize, usize)> {
    let mut found = Vec::new();
    let mut done = 0;
    let mut table = TableState::default();
    for &cut in cuts {
        let seen = &text[..cut];
        (done, _, table) = engine.scan(seen, done, false, done, table, |rule, start, end| {
            found.push((rule, start, end))
        });
    }
    engine.scan(text, done, true, done, table, |rule, start, end| {
        found.push((rule, start, end))
    });
    found
}

#[test]
fn the_vectors_hold() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/redact.json")).unwrap();
    let mut count = 0;
    for case in file["cases"].as_array().unwrap() {
        let name = case["rule"].as_str().unwrap();
        let rule = NAMES.iter().position(|known| *known == name).unwrap();
        let text = case["text"].as_str().unwrap();
        let expected: Vec<&str> = case["found"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found.as_str().unwrap())
            .collect();
        let found: Vec<&str> = whole(&engine(1 << rule, &[], false), text)
            .into_iter()
            .map(|(_, start, end)| &text[start..end])
            .collect();
        assert_eq!(found, expected, "{name} in {text:?}");
        count += 1;
    }
    assert!(count > 100, "only {count} vectors");
}

#[test]
fn literals_are_leftmost_and_longest() {
    let engine = engine(0, &["abc", "bcde", "abcdef", "x"], false);
    assert_eq!(whole(&engine, "abcde"), [(0, 0, 3)]);
    assert_eq!(whole(&engine, "zabcdefx"), [(2, 1, 7), (3, 7, 8)]);
    assert_eq!(whole(&engine, "ABC"), []);
}

#[test]
fn literals_ignore_case_where_asked() {
    let engine = engine(0, &["Straße", "key"], true);
    assert_eq!(whole(&engine, "sTRAßE KEY"), [(0, 0, 7), (1, 8, 11)]);
}

#[test]
fn wrong_programs_are_refused() {
    for program in [
        &[1u32][..],
        &[1, 1, 1, 1, 1],
        &[1, 1, 1, 1, 1, 0, 0, 3, 1, 5, 5, 0, 0],
        &[u32::MAX; 12],
        &[1, 1, 1, 1, 1, 0, 0, 9, 3, 0, 0, 0, 0],
    ] {
        assert!(Engine::new(0, &[], std::iter::empty(), 1, program).is_err());
    }
    assert!(Engine::new(1 << rule::COUNT, &[], std::iter::empty(), 0, &[]).is_err());
    assert!(Engine::new(0, &[1], [""].into_iter(), 0, &[]).is_err());
}

fn snippets() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b",
        "@",
        ".",
        "com",
        "1",
        "555",
        "4111 1111",
        "-",
        "+",
        "(",
        ")",
        ":",
        "::",
        " ",
        "/",
        "eyJhbGciOiJIUzI1NiJ9",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----",
        "AKIA",
        "IOSFODNN7EXAMPLE",
        "GB82 WEST 1234 5698 7654 32",
        "sk-",
        "q8Zt3LmXw0Rk5VbN1cYh",
        "ß",
        "😀",
        "10.",
        "0415",
        "MIIEowIBAAKCAQEAxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        "=",
        "_",
        "\\n",
        "%40",
        "&#64;",
        "\u{1b}[1m",
        "password=",
        "redis://u:",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn pieces_find_what_the_whole_does(text in snippets(), cuts in prop::collection::vec(0usize..400, 0..6)) {
        let engine = engine(ALL, &["ab", "b.com", "b.comet", "1555", "😀ß"], false);
        let mut cuts: Vec<usize> = cuts
            .into_iter()
            .filter(|&cut| cut <= text.len() && text.is_char_boundary(cut))
            .collect();
        cuts.sort_unstable();
        prop_assert_eq!(pieces(&engine, &text, &cuts), whole(&engine, &text));
    }
}
