//! Keywords by TextRank (Mihalcea and Tarau, 2004), in its weighted form, without any tagging.
//!
//! Neighbouring terms of a text vote for each other; the scores are sums and quotients in a fixed
//! order, the same bits as the pure twin's.

use std::collections::HashMap;

use agent_shared::{Control, Error, check, lowercase};

use super::stop_words::{LANGUAGES, stop_words};
use super::words::{Word, Words};

/// A keyword with its score; the best has 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Lower case; an apostrophe is U+0027.
    pub keyword: String,
    /// Over 0, at most 1.
    pub score: f64,
}

/// Words looked at to guess the languages.
const SAMPLE: usize = 2_000;
/// Different terms kept.
const TERMS: usize = 1 << 20;
/// Terms that take part in the ranking: the most frequent.
const VERTICES: usize = 1_024;
/// Terms that are neighbours: at most this far apart.
const REACH: usize = 2;
const DAMPING: f64 = 0.85;
const SETTLED: f64 = 0.0001;
const ROUNDS: usize = 30;
/// Words read between two looks at the control.
const WORDS: usize = 8_192;

/// The best `limit` keywords of a text, of at least `min_length` code points each.
pub fn keywords(
    text: &str,
    limit: usize,
    min_length: usize,
    control: &dyn Control,
) -> Result<Vec<Keyword>, Error> {
    let sequence = Sequence::read(text, min_length, control)?;
    let vertices = sequence.vertices();
    let scores = rank(&sequence, &vertices, control)?;
    let mut order: Vec<usize> = (0..vertices.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order.truncate(limit);
    let best = order.first().map_or(1.0, |&vertex| scores[vertex]);
    Ok(order
        .into_iter()
        .map(|vertex| Keyword {
            keyword: sequence.terms[vertices[vertex] as usize].clone(),
            score: scores[vertex] / best,
        })
        .collect())
}

/// The terms of a text, each by its number in the order of first occurrence.
struct Sequence {
    terms: Vec<String>,
    counts: Vec<u32>,
    kept: Vec<u32>,
}

/// A word as it is looked up: lower case, one kind of apostrophe.
fn normal(word: &str, buffer: &mut String) {
    buffer.clear();
    if word.is_ascii() {
        buffer.push_str(word);
        buffer.make_ascii_lowercase();
    } else {
        buffer.push_str(&lowercase(word).replace('\u{2019}', "'"));
    }
}

/// The languages whose stop words the text uses about as often as any other's.
fn languages(text: &str) -> u8 {
    let lists = stop_words();
    let mut hits = [0u32; LANGUAGES];
    let mut lower = String::new();
    let words = Words::new(text).filter_map(|word| match word {
        Word::Spaced(word) => Some(word),
        Word::Cjk(_) => None,
    });
    for word in words.take(SAMPLE) {
        normal(word, &mut lower);
        if let Some(&mask) = lists.get(lower.as_str()) {
            for (language, hits) in hits.iter_mut().enumerate() {
                *hits += u32::from(mask >> language & 1);
            }
        }
    }
    let most = hits.into_iter().max().unwrap_or(0);
    let used = hits
        .iter()
        .enumerate()
        .filter(|&(_, &hits)| hits > 0 && 2 * hits >= most);
    used.fold(0, |mask, (language, _)| mask | 1 << language)
}

impl Sequence {
    fn read(text: &str, min_length: usize, control: &dyn Control) -> Result<Self, Error> {
        let used = languages(text);
        let lists = stop_words();
        let is_stop = |word: &str| lists.get(word).is_some_and(|&mask| mask & used != 0);
        let mut sequence = Self {
            terms: Vec::new(),
            counts: Vec::new(),
            kept: Vec::new(),
        };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut lower = String::new();
        let mut words = Words::new(text);
        let mut read = 0usize;
        while let Some(word) = words.next() {
            read += 1;
            if read.is_multiple_of(WORDS) {
                check(control)?;
                control.progress(words.at(), text.len());
            }
            match word {
                Word::Spaced(word) => {
                    normal(word, &mut lower);
                    let term = strip(&lower, &is_stop);
                    let short = term.len() < min_length || {
                        !term.is_ascii() && term.chars().count() < min_length
                    };
                    if !short && !is_stop(term) {
                        sequence.keep(&mut numbers, term)?;
                    }
                }
                Word::Cjk(run) => {
                    let starts = run.char_indices().map(|(at, _)| at);
                    let ends = run.char_indices().map(|(at, _)| at).skip(2);
                    let single = run.chars().nth(1).is_none();
                    if single && min_length <= 1 {
                        sequence.keep(&mut numbers, run)?;
                    } else if !single {
                        for (start, end) in starts.zip(ends.chain([run.len()])) {
                            sequence.keep(&mut numbers, &run[start..end])?;
                        }
                    }
                }
            }
        }
        Ok(sequence)
    }

    fn keep(&mut self, numbers: &mut HashMap<String, u32>, term: &str) -> Result<(), Error> {
        let number = match numbers.get(term) {
            Some(&number) => number,
            None if self.terms.len() < TERMS => {
                let number = self.terms.len() as u32;
                numbers.insert(term.to_owned(), number);
                self.terms.push(term.to_owned());
                self.counts.push(0);
                number
            }
            None => return Ok(()),
        };
        self.counts[number as usize] += 1;
        if self.kept.len() == self.kept.capacity() {
            self.kept.try_reserve(self.kept.len().max(64))?;
        }
        self.kept.push(number);
        Ok(())
    }

    /// The most frequent terms, in the order of first occurrence.
    fn vertices(&self) -> Vec<u32> {
        let mut terms: Vec<u32> = (0..self.terms.len() as u32).collect();
        if terms.len() > VERTICES {
            let rank = |&term: &u32| (std::cmp::Reverse(self.counts[term as usize]), term);
            terms.select_nth_unstable_by_key(VERTICES - 1, rank);
            terms.truncate(VERTICES);
            terms.sort_unstable();
        }
        terms
    }
}

/// A word without stop words before its first and after its last apostrophe ("l'eau": "eau").
fn strip<'a>(word: &'a str, is_stop: &impl Fn(&str) -> bool) -> &'a str {
    let mut rest = word;
    while let Some((first, after)) = rest.split_once('\'') {
        if !is_stop(first) {
            break;
        }
        rest = after;
    }
    while let Some((before, last)) = rest.rsplit_once('\'') {
        if !is_stop(last) {
            break;
        }
        rest = before;
    }
    rest
}

/// The scores of the vertices.
fn rank(sequence: &Sequence, vertices: &[u32], control: &dyn Control) -> Result<Vec<f64>, Error> {
    const NONE: u32 = u32::MAX;
    let size = vertices.len();
    let mut vertex_of = vec![NONE; sequence.terms.len()];
    for (vertex, &term) in vertices.iter().enumerate() {
        vertex_of[term as usize] = vertex as u32;
    }
    // A square of counts finds an edge at once; the lists spare reading all of it.
    let mut weights = vec![0u32; size * size];
    let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); size];
    let kept: Vec<u32> = sequence
        .kept
        .iter()
        .map(|&term| vertex_of[term as usize])
        .collect();
    for (at, &v) in kept.iter().enumerate() {
        for &u in &kept[at + 1..(at + 1 + REACH).min(kept.len())] {
            if v != NONE && u != NONE && v != u {
                for (from, to) in [(v, u), (u, v)] {
                    let weight = &mut weights[from as usize * size + to as usize];
                    if *weight == 0 {
                        neighbours[from as usize].push(to);
                    }
                    *weight += 1;
                }
            }
        }
    }
    let rows: Vec<Vec<(usize, f64)>> = neighbours
        .iter_mut()
        .enumerate()
        .map(|(v, list)| {
            list.sort_unstable();
            let weight = |u: usize| f64::from(weights[v * size + u]);
            list.iter()
                .map(|&u| (u as usize, weight(u as usize)))
                .collect()
        })
        .collect();
    // Whole numbers far below 2^53: the order of adding makes no difference.
    let out: Vec<f64> = rows
        .iter()
        .map(|row| row.iter().map(|&(_, weight)| weight).sum())
        .collect();
    let mut scores = vec![1.0f64; size];
    for _ in 0..ROUNDS {
        check(control)?;
        let shares: Vec<f64> = scores
            .iter()
            .zip(&out)
            .map(|(&score, &out)| if out > 0.0 { score / out } else { 0.0 })
            .collect();
        let mut settled = true;
        for (row, score) in rows.iter().zip(scores.iter_mut()) {
            let sum = row
                .iter()
                .fold(0.0, |sum, &(u, weight)| sum + weight * shares[u]);
            let next = 0.15 + DAMPING * sum;
            settled &= (next - *score).abs() < SETTLED;
            *score = next;
        }
        if settled {
            break;
        }
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use agent_shared::Uncontrolled;

    use super::*;

    fn names(text: &str, min_length: usize) -> Vec<String> {
        let list = keywords(text, 10, min_length, &Uncontrolled).unwrap();
        list.into_iter().map(|keyword| keyword.keyword).collect()
    }

    #[test]
    fn finds_what_a_text_is_about() {
        let text = "The completion ring carries completions. The ring wakes the isolate; the isolate \
                    takes completions from the ring in batches.";
        let list = keywords(text, 3, 3, &Uncontrolled).unwrap();
        assert_eq!(list[0].keyword, "ring");
        assert_eq!(list[0].score, 1.0);
        assert!(list.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(names(text, 3).iter().all(|name| name != "the"));
    }

    #[test]
    fn a_pair_votes_for_each_other() {
        // Two terms, one edge each way: both keep the score 1, the first occurrence goes first.
        let list = keywords("alpha beta", 10, 3, &Uncontrolled).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].keyword.as_str(), list[0].score), ("alpha", 1.0));
        assert_eq!((list[1].keyword.as_str(), list[1].score), ("beta", 1.0));
        let alone = keywords("alpha", 10, 3, &Uncontrolled).unwrap();
        assert_eq!(alone[0].score, 1.0);
    }

    #[test]
    fn stop_words_go_with_their_apostrophes() {
        assert_eq!(
            names("L\u{2019}eau de la mer est dans l'océan.", 3),
            ["eau", "mer", "océan"]
        );
        assert_eq!(names("機械学習 x 語", 3), ["機械", "械学", "学習"]);
        assert_eq!(names("語", 1), ["語"]);
        assert!(names("the and of 123 ... ", 1).is_empty());
    }

    #[test]
    fn many_terms_are_bounded() {
        let text: String = (0..5_000).map(|i| format!("word{i}x ")).collect();
        assert_eq!(
            keywords(&text, 5_000, 3, &Uncontrolled).unwrap().len(),
            VERTICES
        );
    }
}
