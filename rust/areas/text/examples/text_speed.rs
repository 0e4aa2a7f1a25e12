//! Times of the text kernels, without the boundary: `cargo run --release -p agent-text --example text_speed
//! [part of a label] [text file for keywords]`. Medians and minima; the input is the same each time, the
//! queries change from round to round.

// A program for developers, not a library: what it prints is its result.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use agent_shared::{PackedBuf, Uncontrolled};
use agent_text::keywords::{Request, keywords};
use agent_text::matcher::Matcher;
use agent_text::metrics::{Metric, similarity};
use agent_text::transform::{Operation, transform};
use agent_text::{Best, hash, rank};

const ROUNDS: usize = 15;
const BEST: Best = Best {
    limit: 10,
    cutoff: 0.0,
};

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

/// Which measures are wanted: those with this in their label.
struct Times(String);

impl Times {
    /// Prints the median time of a round, if it is wanted. Rounds give what they made, so that it is made.
    fn take<R>(&self, label: &str, mut round: impl FnMut(usize) -> R) {
        if !label.contains(&self.0) {
            return;
        }
        let mut times: Vec<f64> = (0..ROUNDS)
            .map(|number| {
                let start = Instant::now();
                black_box(round(number));
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (median, least) = (times[ROUNDS / 2], times[0]);
        println!("{label:<56} {median:>9.3} ms, at best {least:>9.3}");
    }
}

fn pack(strings: &[String]) -> PackedBuf {
    let units = |text: &String| text.encode_utf16().count() as u32;
    let lengths: Vec<u32> = strings.iter().map(units).collect();
    PackedBuf::new(&strings.join("\n"), &lengths).expect("packed")
}

fn main() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let times = Times(std::env::args().nth(1).unwrap_or_default());
    let scripts = [
        ("ascii", ('a'..='z').collect::<Vec<char>>()),
        ("cjk", ('\u{4e00}'..='\u{51ff}').collect()),
    ];
    for (script, letters) in &scripts {
        rankings(script, letters, &mut random, &times);
    }
    let names: Vec<String> = (0..100_000).map(|_| random.name(&scripts[0].1)).collect();
    similarities(&names, &times);
    let buffer = pack(&names);
    let packed = buffer.packed().expect("packed");
    for operation in [
        Operation::Uppercase,
        Operation::Trim,
        Operation::Reverse,
        Operation::Nfc,
    ] {
        let label = format!("transform: {operation:?}, 100,000 strings");
        times.take(&label, |_| transform(operation, &packed));
    }
    let bytes = vec![7u8; 64 << 20];
    for parallel in [false, true] {
        let label = format!("hash: 64 MiB, threads {parallel}");
        times.take(&label, |_| hash::hash(&bytes, parallel, &Uncontrolled));
    }
    if let Some(file) = std::env::args().nth(2) {
        let prose = std::fs::read_to_string(&file).expect("a text file");
        let label = format!("keywords: {file}, {} bytes", prose.len());
        Times(String::new()).take(&label, |_| {
            keywords(&prose, Request::default(), &Uncontrolled)
        });
    }
    let prose = &packed.text()[..1_000_000];
    times.take("keywords: 1 MB of different words", |_| {
        keywords(prose, Request::default(), &Uncontrolled)
    });
}

fn rankings(script: &str, letters: &[char], random: &mut Random, times: &Times) {
    let choices: Vec<String> = (0..100_000).map(|_| random.name(letters)).collect();
    let queries: Vec<String> = (0..100).map(|_| random.name(letters)).collect();
    let (buffer, packed_queries) = (pack(&choices), pack(&queries));
    let packed = buffer.packed().expect("packed");
    times.take(&format!("{script}: split 100,000 packed strings"), |_| {
        buffer.packed()
    });
    let mut matcher = Matcher::new();
    matcher.add(&packed).expect("added");
    times.take(&format!("{script}: prepare 100,000"), |_| {
        Matcher::new().add(&packed)
    });
    for metric in Metric::ALL {
        for parallel in [false, true] {
            let label = format!("{script}: {metric:?} matcher 1 x 100,000, threads {parallel}");
            times.take(&label, |round| {
                matcher.rank(metric, &queries[round], BEST, parallel, &Uncontrolled)
            });
        }
        let label = format!("{script}: {metric:?} one-shot 1 x 100,000, threads true");
        times.take(&label, |round| {
            rank(metric, &queries[round], &packed, BEST, true, &Uncontrolled)
        });
    }
    let all = Best {
        limit: usize::MAX,
        cutoff: 0.0,
    };
    let metric = Metric::Levenshtein;
    let label = format!("{script}: {metric:?} matcher 1 x 100,000, all in order");
    times.take(&label, |round| {
        matcher.rank(metric, &queries[round], all, true, &Uncontrolled)
    });
    let queries = packed_queries.packed().expect("packed");
    let label = format!("{script}: {metric:?} rank_many 100 x 100,000");
    times.take(&label, |_| {
        let many = matcher.rank_many(metric, &queries, BEST, &Uncontrolled);
        many.expect("ranked").total
    });
}

fn similarities(names: &[String], times: &Times) {
    times.take("similarity: Levenshtein, 10,000 pairs of 23", |_| {
        for pair in names[..20_000].chunks(2) {
            let score = similarity(Metric::Levenshtein, &pair[0], &pair[1], &Uncontrolled);
            black_box(score.expect("compared"));
        }
    });
    let (a, b) = (names[..2000].concat(), names[2000..4000].concat());
    for metric in [Metric::Levenshtein, Metric::Jaro, Metric::Partial] {
        let label = format!("similarity: {metric:?}, 44,000 x 44,000");
        times.take(&label, |_| similarity(metric, &a, &b, &Uncontrolled));
    }
    for (least, most) in [(1024, 1024), (4400, 44_000)] {
        let label = format!("similarity: Partial, {least} x {most}");
        times.take(&label, |_| {
            similarity(Metric::Partial, &a[..least], &b[..most], &Uncontrolled)
        });
    }
}
