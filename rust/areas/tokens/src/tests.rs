//! The shared vectors, files that are wrong, and merging by windows against merging at once.

use std::sync::OnceLock;

use agent_shared::{Packed, Uncontrolled};
use serde_json::Value;

use super::merge::Merger;
use super::scan::safe_cut;
use super::vocabulary::Vocabulary;
use super::{FileError, count_many};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{ROOT}/data/{name}.voc")).unwrap()
}

fn vocabularies() -> &'static [Vocabulary; 2] {
    static BOTH: OnceLock<[Vocabulary; 2]> = OnceLock::new();
    BOTH.get_or_init(|| {
        ["cl100k_base", "o200k_base"].map(|name| Vocabulary::new(&file(name)).unwrap())
    })
}

fn vectors() -> Value {
    let text = std::fs::read_to_string(format!("{ROOT}/tests/vectors/tokens.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn ids(value: &Value) -> Vec<u32> {
    let list = value.as_array().unwrap().iter();
    list.map(|id| id.as_u64().unwrap() as u32).collect()
}

#[test]
fn the_reference_s_tokens() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let text = case["text"].as_str().unwrap();
        for vocabulary in vocabularies() {
            let tokens = vocabulary.encode(text);
            assert_eq!(tokens, ids(&case[vocabulary.name()]), "{text:?}");
            assert_eq!(vocabulary.count(text), tokens.len(), "{text:?}");
            assert_eq!(vocabulary.decode(&tokens).unwrap(), text.as_bytes());
            let spans = vocabulary.spans(text);
            assert_eq!(spans.len(), tokens.len());
            if let Some(last) = spans.last() {
                let units = text.encode_utf16().count() as u32;
                assert_eq!(*last, units | super::spans::PIECE_END, "{text:?}");
            }
        }
    }
}

#[test]
fn long_runs_have_the_reference_s_counts() {
    for case in vectors()["long"].as_array().unwrap() {
        let times = case["times"].as_u64().unwrap() as usize;
        let text = match case["unit"].as_str() {
            Some(unit) => unit.repeat(times),
            None => {
                let letters: Vec<char> = case["alphabet"].as_str().unwrap().chars().collect();
                letters_of(&letters, times)
            }
        };
        for vocabulary in vocabularies() {
            let expected = case[vocabulary.name()]["count"].as_u64().unwrap() as usize;
            assert_eq!(vocabulary.count(&text), expected, "{case}");
            assert_eq!(vocabulary.encode(&text).len(), expected, "{case}");
        }
    }
}

/// Letters picked by the minimal standard generator.
fn letters_of(letters: &[char], count: usize) -> String {
    let mut x = 1u64;
    let pick = |_| {
        x = x * 48271 % 2_147_483_647;
        letters[x as usize % letters.len()]
    };
    (0..count).map(pick).collect()
}

/// Merging as it is defined: the lowest rank of the whole piece, again and again.
fn merged_plainly(vocabulary: &Vocabulary, piece: &[u8]) -> Vec<u32> {
    let mut ids: Vec<u32> = piece
        .iter()
        .map(|&byte| vocabulary.byte_token(byte))
        .collect();
    loop {
        let ranks = ids.windows(2).map(|pair| vocabulary.pair(pair[0], pair[1]));
        let best = ranks.enumerate().min_by_key(|&(at, rank)| (rank, at));
        match best {
            Some((at, rank)) if rank != super::tables::NONE => {
                ids[at] = vocabulary.merged(rank);
                ids.remove(at + 1);
            }
            _ => return ids,
        }
    }
}

#[test]
fn windows_give_what_the_whole_gives() {
    let (mut merger, mut tokens) = (Merger::new(), Vec::new());
    for (alphabet, count) in [
        ("ab", 1900),
        ("a", 1800),
        ("abcdefghijklmnopqrstuvwxyz", 1900),
        ("eta", 1900),
        (" \n", 1600),
        ("日本語中文", 600),
        ("-=", 1700),
        ("aA", 97),
        ("x", 96),
        ("e", 513),
    ] {
        let letters: Vec<char> = alphabet.chars().collect();
        let piece = letters_of(&letters, count);
        for vocabulary in vocabularies() {
            tokens.clear();
            merger.encode(vocabulary, piece.as_bytes(), &mut tokens);
            assert_eq!(
                tokens,
                merged_plainly(vocabulary, piece.as_bytes()),
                "{alphabet} {count}"
            );
            assert_eq!(merger.count(vocabulary, piece.as_bytes()), tokens.len());
        }
    }
}

#[test]
fn many_are_counted_as_one_by_one() {
    let long = "Some words, 123 and a line.\n".repeat(9000);
    let unbroken = "x".repeat(200_000);
    let strings = ["", "a", "\n", &long, "", &unbroken, "日本 語", "b"];
    let text = strings.join("\n");
    let lengths: Vec<u32> = strings
        .iter()
        .map(|s| s.encode_utf16().count() as u32)
        .collect();
    let packed = Packed::new(&text, &lengths).unwrap();
    for vocabulary in vocabularies() {
        let counts = count_many(vocabulary, &packed, &Uncontrolled).unwrap();
        let expected: Vec<u32> = strings.iter().map(|s| vocabulary.count(s) as u32).collect();
        assert_eq!(counts, expected);
        let none = Packed::new("", &[]).unwrap();
        assert!(
            count_many(vocabulary, &none, &Uncontrolled)
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn a_safe_cut_lies_behind_a_letter() {
    assert_eq!(safe_cut(b"ab cd", 0), 2);
    assert_eq!(safe_cut(b"ab cd", 3), 5);
    assert_eq!(safe_cut(b". \n x\n", 0), 5);
    assert_eq!(safe_cut(b"", 0), 0);
}

#[test]
fn ids_that_are_none_are_found() {
    for vocabulary in vocabularies() {
        assert_eq!(vocabulary.decode(&[1, 2, u32::MAX, 3]), Err(2));
        assert_eq!(vocabulary.decode(&[]), Ok(Vec::new()));
    }
}

#[test]
fn wrong_files_are_refused() {
    let whole = file("cl100k_base");
    for length in (0..whole.len()).step_by(19_997).chain([whole.len() - 1]) {
        assert!(Vocabulary::new(&whole[..length]).is_err(), "{length}");
    }
    let mut more = whole.clone();
    more.push(0);
    assert!(matches!(Vocabulary::new(&more), Err(FileError::Wrong(_))));
    // Any byte may be wrong: an error or another vocabulary, never a panic.
    let mut x = 1usize;
    for _ in 0..12 {
        x = x * 48271 % 2_147_483_647;
        let mut damaged = whole.clone();
        damaged[x % 20_000] ^= 1 << (x % 8);
        if let Ok(vocabulary) = Vocabulary::new(&damaged) {
            vocabulary.count("Some text, 123!\n 日本");
        }
    }
}
