//! Keywords by TextRank (Mihalcea and Tarau, 2004), in its weighted form, without any tagging.
//!
//! Neighbouring terms of a text vote for each other; the scores are sums and quotients in a fixed
//! order, the same bits as the pure twin's.

use agent_shared::{Control, Error, check};

use super::phrases;
use super::vocabulary::Sequence;

/// A keyword with its score; the best has 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Lower case; an apostrophe is U+0027.
    pub keyword: String,
    /// Over 0, at most 1.
    pub score: f64,
}

/// Terms that are neighbours: at most this far apart.
const REACH: usize = 2;
const DAMPING: f64 = 0.85;
const SETTLED: f64 = 0.0001;
const ROUNDS: usize = 30;

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The most keywords.
    pub limit: usize,
    /// The fewest code points of a word.
    pub min_length: usize,
    /// The most words of a keyword.
    pub max_words: usize,
    /// Further stop words, in lower case.
    pub stop_words: &'a [&'a str],
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            limit: 10,
            min_length: 3,
            max_words: 1,
            stop_words: &[],
        }
    }
}

/// The best keywords of a text.
pub fn keywords(
    text: &str,
    request: Request<'_>,
    control: &dyn Control,
) -> Result<Vec<Keyword>, Error> {
    let sequence = Sequence::read(text, request, control)?;
    let vertices = sequence.vertices();
    let scores = rank(&sequence, &vertices, control)?;
    let name = |vertex: u32| sequence.terms[vertices[vertex as usize] as usize].as_str();
    let list = if request.max_words > 1 {
        phrases::ranked(&sequence, &vertices, &scores, request)?
    } else {
        let mut order: Vec<u32> = (0..vertices.len() as u32).collect();
        let score = |vertex: u32| scores[vertex as usize];
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        order.truncate(request.limit);
        let scored = order
            .into_iter()
            .map(|vertex| (vec![vertex], score(vertex)));
        scored.collect()
    };
    let best = list.first().map_or(1.0, |(_, score)| *score);
    Ok(list
        .into_iter()
        .map(|(vertices, score)| Keyword {
            keyword: vertices.into_iter().map(name).collect::<Vec<_>>().join(" "),
            score: score / best,
        })
        .collect())
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
        let request = Request {
            min_length,
            ..Request::default()
        };
        let list = keywords(text, request, &Uncontrolled).unwrap();
        list.into_iter().map(|keyword| keyword.keyword).collect()
    }

    #[test]
    fn finds_what_a_text_is_about() {
        let text = "The shared ring carries completions. The ring wakes the isolate; the isolate \
                    takes completions from the ring in batches.";
        let list = keywords(text, Request::default(), &Uncontrolled).unwrap();
        assert_eq!(list[0].keyword, "ring");
        assert_eq!(list[0].score, 1.0);
        assert!(list.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(names(text, 3).iter().all(|name| name != "the"));
    }

    #[test]
    fn a_pair_votes_for_each_other() {
        // Two terms, one edge each way: both keep the score 1, the first occurrence goes first.
        let list = keywords("alpha beta", Request::default(), &Uncontrolled).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].keyword.as_str(), list[0].score), ("alpha", 1.0));
        assert_eq!((list[1].keyword.as_str(), list[1].score), ("beta", 1.0));
        let alone = keywords("alpha", Request::default(), &Uncontrolled).unwrap();
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
        let request = Request {
            limit: 5_000,
            ..Request::default()
        };
        let list = keywords(&text, request, &Uncontrolled).unwrap();
        assert_eq!(list.len(), 1_024);
    }
}
