//! The vectors that both twins are tested with: `tests/vectors/text_*.json`; each names its source.

use agent_shared::{Packed, Uncontrolled, utf16_len};
use serde_json::Value;

use super::hash::hash;
use super::keywords::{Request, keywords};
use super::metrics::{Metric, similarity};
use super::transform::{Operation, transform};

/// The cases of one file; there is no file without any.
fn cases(name: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/vectors");
    let text = std::fs::read_to_string(format!("{folder}/text_{name}.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(cases) = file["cases"].take() else {
        panic!("{name}: no cases");
    };
    assert!(!cases.is_empty(), "{name}");
    cases
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} of {case}"))
}

#[test]
fn hashes() {
    for case in cases("hash") {
        let length = case["length"].as_u64().unwrap();
        let input: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        for parallel in [false, true] {
            let hash = hash(&input, parallel, &Uncontrolled).unwrap();
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, text(&case, "hash"), "{length}");
        }
    }
}

#[test]
fn similarities() {
    for case in cases("similarity") {
        let (a, b) = (text(&case, "a"), text(&case, "b"));
        for (metric, score) in Metric::ALL
            .into_iter()
            .zip(case["scores"].as_array().unwrap())
        {
            let ours = similarity(metric, a, b, &Uncontrolled).unwrap();
            // Equal strings are 1 here, even where token-set finds no word in them.
            let theirs = if a == b { 1.0 } else { score.as_f64().unwrap() };
            assert!(
                (ours - theirs).abs() < 1e-12,
                "{metric:?} {a:?} {b:?}: {ours} {theirs}"
            );
        }
    }
}

#[test]
fn keyword_lists() {
    for case in cases("keywords") {
        let bound = |field: &str| case[field].as_u64().unwrap() as usize;
        let request = Request {
            limit: bound("limit"),
            min_length: bound("minLength"),
            max_words: case["maxWords"].as_u64().unwrap_or(1) as usize,
            stop_words: &[],
        };
        let list = keywords(text(&case, "text"), request, &Uncontrolled);
        let ours: Vec<(String, u64)> = list
            .unwrap()
            .into_iter()
            .map(|keyword| (keyword.keyword, keyword.score.to_bits()))
            .collect();
        let theirs: Vec<(String, u64)> = case["keywords"]
            .as_array()
            .unwrap()
            .iter()
            .map(|keyword| {
                let score = keyword["score"].as_f64().unwrap();
                (text(keyword, "keyword").to_owned(), score.to_bits())
            })
            .collect();
        assert_eq!(ours, theirs, "{}", text(&case, "text"));
    }
}

#[test]
fn transforms() {
    for case in cases("transform") {
        let operation = match text(&case, "operation") {
            "lowercase" => Operation::Lowercase,
            "uppercase" => Operation::Uppercase,
            "trim" => Operation::Trim,
            "reverse" => Operation::Reverse,
            "nfc" => Operation::Nfc,
            "nfkc" => Operation::Nfkc,
            other => panic!("{other}"),
        };
        let input = text(&case, "input");
        let lengths = [utf16_len(input)];
        let packed = Packed::new(input, &lengths).unwrap();
        let result = transform(operation, &packed).unwrap();
        assert_eq!(result.text, text(&case, "output"), "{case}");
        assert_eq!(result.lengths, [utf16_len(&result.text)], "{case}");
    }
}
