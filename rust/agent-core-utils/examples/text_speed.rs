//! Times of the text kernels, without the boundary: `cargo run --release -p agent-core-utils --example
//! text_speed [part of a label] [text file for keywords]`. Medians and minima; the input is the same each time, the queries change from round to round.

// A program for developers, not a library: what it prints is its result.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use agent_core_utils::text::keywords::keywords;
use agent_core_utils::text::matcher::Matcher;
use agent_core_utils::text::metrics::{Metric, similarity};
use agent_core_utils::text::packed::Packed;
use agent_core_utils::text::transform::{Operation, transform};
use agent_core_utils::text::{Best, Uncontrolled, hash, rank};

const ROUNDS: usize = 15;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    /// About 23 characters: three words.
    fn name(&mut self, letters: &[char]) -> String {
        let mut name = String::new();
        for word in 0..3 {
            if word > 0 {
                name.push(' ');
            }
            for _ in 0..5 + self.below(5) {
                name.push(letters[self.below(letters.len())]);
            }
        }
        name
    }
}

/// The median time of a round in milliseconds.
fn time(label: &str, mut round: impl FnMut(usize)) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|number| {
            let start = Instant::now();
            round(number);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{label:<56} {:>9.3} ms, at best {:>9.3}",
        times[ROUNDS / 2],
        times[0]
    );
}

fn pack(strings: &[String]) -> (String, Vec<u32>) {
    let lengths = strings
        .iter()
        .map(|text| text.encode_utf16().count() as u32);
    (strings.join("\n"), lengths.collect())
}

fn main() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let only: Option<String> = std::env::args().nth(1);
    let wanted = |label: &str| {
        only.as_ref()
            .is_none_or(|only| label.contains(only.as_str()))
    };
    let scripts = [
        ("ascii", ('a'..='z').collect::<Vec<char>>()),
        ("cjk", ('\u{4e00}'..='\u{51ff}').collect()),
    ];
    for (script, letters) in scripts {
        let choices: Vec<String> = (0..100_000).map(|_| random.name(&letters)).collect();
        let queries: Vec<String> = (0..100).map(|_| random.name(&letters)).collect();
        let (text, lengths) = pack(&choices);
        let packed = Packed::new(&text, &lengths).expect("packed");
        let label = format!("{script}: split 100,000 packed strings");
        if wanted(&label) {
            time(&label, |_| {
                black_box(Packed::new(&text, &lengths).expect("packed").len());
            });
        }
        let mut matcher = Matcher::new();
        let label = format!("{script}: prepare 100,000");
        time(&label, |_| {
            matcher = Matcher::new();
            matcher.add(&packed).expect("added");
        });
        let best = Best {
            limit: 10,
            cutoff: 0.0,
        };
        for metric in Metric::ALL {
            for parallel in [false, true] {
                let label = format!("{script}: {metric:?} matcher 1 x 100,000, threads {parallel}");
                if wanted(&label) {
                    time(&label, |round| {
                        let list =
                            matcher.rank(metric, &queries[round], best, parallel, &Uncontrolled);
                        black_box(list.expect("ranked"));
                    });
                }
            }
            let label = format!("{script}: {metric:?} one-shot 1 x 100,000, threads true");
            if wanted(&label) {
                time(&label, |round| {
                    let list = rank(metric, &queries[round], &packed, best, true, &Uncontrolled);
                    black_box(list.expect("ranked"));
                });
            }
        }
        let all = Best {
            limit: usize::MAX,
            cutoff: 0.0,
        };
        let label = format!("{script}: Levenshtein matcher 1 x 100,000, all in order");
        if wanted(&label) {
            time(&label, |round| {
                let list = matcher.rank(
                    Metric::Levenshtein,
                    &queries[round],
                    all,
                    true,
                    &Uncontrolled,
                );
                black_box(list.expect("ranked"));
            });
        }
        let label = format!("{script}: Levenshtein rank_many 100 x 100,000");
        if wanted(&label) {
            let (text, lengths) = pack(&queries);
            let packed = Packed::new(&text, &lengths).expect("packed");
            time(&label, |_| {
                let many = matcher.rank_many(Metric::Levenshtein, &packed, best, &Uncontrolled);
                black_box(many.expect("ranked").total);
            });
        }
    }
    let letters: Vec<char> = ('a'..='z').collect();
    let names: Vec<String> = (0..100_000).map(|_| random.name(&letters)).collect();
    let (text, lengths) = pack(&names);
    let packed = Packed::new(&text, &lengths).expect("packed");
    if wanted("similarity") {
        time("similarity: Levenshtein, 10,000 pairs of 23", |_| {
            for pair in names[..20_000].chunks(2) {
                let score = similarity(Metric::Levenshtein, &pair[0], &pair[1], &Uncontrolled);
                black_box(score.expect("compared"));
            }
        });
        let (a, b) = (names[..2000].concat(), names[2000..4000].concat());
        for metric in [Metric::Levenshtein, Metric::Jaro, Metric::Partial] {
            time(&format!("similarity: {metric:?}, 44,000 x 44,000"), |_| {
                black_box(similarity(metric, &a, &b, &Uncontrolled).expect("compared"));
            });
        }
        time("similarity: Partial, 1,024 x 1,024", |_| {
            let score = similarity(Metric::Partial, &a[..1024], &b[..1024], &Uncontrolled);
            black_box(score.expect("compared"));
        });
        time("similarity: Partial, 4,400 x 44,000", |_| {
            black_box(
                similarity(Metric::Partial, &a[..4400], &b, &Uncontrolled).expect("compared"),
            );
        });
    }
    if wanted("transform") {
        for operation in [
            Operation::Uppercase,
            Operation::Trim,
            Operation::Reverse,
            Operation::Nfc,
        ] {
            time(
                &format!("transform: {operation:?}, 100,000 strings"),
                |_| {
                    black_box(
                        transform(operation, &packed)
                            .expect("transformed")
                            .text
                            .len(),
                    );
                },
            );
        }
    }
    if wanted("hash") {
        let bytes = vec![7u8; 64 << 20];
        for parallel in [false, true] {
            time(&format!("hash: 64 MiB, threads {parallel}"), |_| {
                black_box(hash::hash(&bytes, parallel, &Uncontrolled).expect("hashed"));
            });
        }
    }
    if let Some(file) = std::env::args().nth(2) {
        let prose = std::fs::read_to_string(&file).expect("a text file");
        time(&format!("keywords: {file}, {} bytes", prose.len()), |_| {
            black_box(keywords(&prose, 10, 3, &Uncontrolled).expect("found").len());
        });
    }
    if wanted("keywords") {
        let prose = &text[..1_000_000];
        time("keywords: 1 MB of different words", |_| {
            black_box(keywords(prose, 10, 3, &Uncontrolled).expect("found").len());
        });
    }
}
